"""`python -m core.gallery`: asks every example of the gallery again and draws its pictures.

Without names all whose results are missing or stale; with names (`calibration.evaluate`) those. Results go into
assets/gallery, pictures into assets/pictures.
"""

from __future__ import annotations

import os
import sys

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):  # as in core/__main__.py
    os.environ.setdefault(variable, "1")

from core.errors import BadInput  # noqa: E402
from core.gallery.cards import CARDS, finished  # noqa: E402
from core.gallery.make import make_pictures, make_result  # noqa: E402


def main(names: list[str]) -> int:
    """Makes what is wanted; the exit status."""
    known = {card.place: card for card in CARDS}
    try:
        for name in names:
            if name not in known:
                raise BadInput(f"The gallery has no {name!r}; it has {', '.join(known)}.")
        for card in CARDS:
            if card.place in names or (not names and finished(card) is None):
                make_result(card)
        make_pictures(CARDS)
    except BadInput as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
