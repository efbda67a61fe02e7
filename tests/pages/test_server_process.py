"""What the page server has in memory, and what it is set to."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "sklearn", "scipy", "dask", "distributed", "xgboost", "gudhi", "matplotlib")
VISIT = """
import sys, tempfile, os
os.environ["ASSAY_HOME"] = tempfile.mkdtemp()
import app
import pages.parts.workspace as part
from streamlit.testing.v1 import AppTest
from core.catalog import CATALOG
from core.store.workspaces import new_workspace, sign_workspace
from pages.parts.questions import page_of
cookie = sign_workspace(part.this_store(), new_workspace(part.this_store()))
part.cookie_text = lambda: cookie
visit = AppTest.from_file("pages/main.py", default_timeout=60).run()
for page in ("tour.py", "help.py", "library.py", "runs.py", "compare.py", "shared.py", *(page_of(one.slug) for one in CATALOG)):
    visit.switch_page(page).run()
    assert not visit.exception, visit.exception
print(sorted(name for name in sys.argv[1:] if name in sys.modules))
"""


def test_pages_and_routes_bring_in_no_heavy_library() -> None:
    """The server with every page visited, estimates included, has imported neither torch, dask nor scikit-learn."""
    visit = subprocess.run([sys.executable, "-c", VISIT, *HEAVY], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert visit.returncode == 0, visit.stderr
    assert visit.stdout.strip().splitlines()[-1] == "[]"


def test_the_shipped_configuration_is_closed() -> None:
    """It listens on this machine alone, shows no traceback, sends nothing home, and does no work between runs."""
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"]["fileWatcherType"] == "none"
    assert config["server"]["enableStaticServing"] is False
    assert config["runner"]["postScriptGC"] is False
    assert config["client"]["showErrorDetails"] in ("type", "none")
    assert config["browser"]["gatherUsageStats"] is False


def test_every_font_of_the_theme_is_shipped_with_its_licence() -> None:
    """Each face that the theme names is a file of the project, and its licence lies beside it."""
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    for face in config["theme"]["fontFaces"]:
        assert (ROOT / face["url"].lstrip("/")).is_file()
        assert (ROOT / "assets" / "fonts" / f"LICENSE-{face['family'].replace(' ', '-')}.txt").is_file()
