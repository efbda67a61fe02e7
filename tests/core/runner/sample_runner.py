"""A runner process that knows the sample analysis: `python -m tests.core.runner.sample_runner`."""

from __future__ import annotations


def main() -> None:
    from core.runner.process import run
    from core.settings import settings
    from tests.core.runner.sample_analyses import SAMPLE

    run(settings(), [SAMPLE], watch_parent=True)


if __name__ == "__main__":
    main()
