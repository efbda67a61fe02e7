"""Makes the results and the pictures of the gallery, by the code that answers everybody else."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from core.export.figures import figures_json
from core.export.folder import replace_folder
from core.gallery.cards import CAPTIONS, PICTURES, Caption, Card, picture_name
from core.gallery.pictures import draughtsman
from core.progress import ProgressLine
from core.provenance import provenance
from core.serial import serially
from core.store.gallery import GALLERY

THEMES = ("light", "dark")


def make_result(card: Card, gallery: Path = GALLERY) -> Path:
    """Asks the example of a card on this machine's CPU and writes its result; returns the folder."""
    analysis, params, inputs = card.analysis, card.params, card.inputs
    started = time.time()
    with ProgressLine(sys.stderr) as progress:
        result = serially(analysis, params, inputs, progress=progress)
    made = provenance("cpu", started, time.time() - started)
    folder = gallery / card.place
    replace_folder(folder, analysis, params, inputs, result, made, figures_json(analysis, result))
    return folder


def make_pictures(cards: Iterable[Card], gallery: Path = GALLERY, pictures: Path = PICTURES) -> None:
    """Draws the figure of each card of the home page in light and in dark, and writes what is said beside them into one small file.

    A caption names the digest of the `figures.json` that its pictures were drawn from, so that a stale one is found out.
    """
    pictures.mkdir(parents=True, exist_ok=True)
    captions = {}
    with draughtsman() as drawing:
        for card in (card for card in cards if card.home):
            folder = gallery / card.place
            figures = json.loads((folder / "figures.json").read_text("utf-8"))
            figure = figures[card.figure or next(iter(figures))]
            captions[card.place] = asdict(
                Caption(figure["title"], figure["reading"], figure["alt"], digest_of_figures(folder))
            )
            for theme in THEMES:
                (pictures / picture_name(card, theme)).write_text(f"{drawing.draw(figure, theme)}\n", "utf-8")
    (pictures / CAPTIONS).write_text(json.dumps(captions, ensure_ascii=False, indent=1) + "\n", "utf-8")


def digest_of_figures(folder: Path) -> str:
    """The digest of a result's figures, as its `result.json` has it."""
    return str(json.loads((folder / "result.json").read_text("utf-8"))["files"]["figures.json"])
