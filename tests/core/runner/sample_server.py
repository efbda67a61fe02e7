"""What the page server does for the runner, and nothing else: starts it, keeps it, lives until it is killed."""

from __future__ import annotations

import sys
import threading

from core.runner.child import RunnerChild
from core.settings import settings

if __name__ == "__main__":
    RunnerChild(settings(), (sys.executable, "-m", "tests.core.runner.sample_runner"), first_pause=0.1)
    threading.Event().wait()
