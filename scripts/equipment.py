"""Say, before the tests, what this machine lacks and which tests will therefore be skipped.

python -m scripts.equipment
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

from tests import postgres

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def shortages() -> list[str]:
    """One sentence for each thing that is missing."""
    found = []
    if reason := postgres.missing():
        found.append(f"tests on PostgreSQL: {reason}")
    if shutil.which("pdfinfo") is None:
        found.append("documents read by poppler: no pdfinfo; install the package `poppler-utils`")
    if not any(shutil.which(name) for name in CHROMIUM):
        found.append("journeys: no Chromium; install the package `chromium`")
    if importlib.util.find_spec("playwright") is None:
        found.append("journeys: no Playwright; run `make dev`")
    if not (ROOT / "app/static/vendor").is_dir():
        found.append("journeys: no front-end files; run `python scripts/vendor.py`")
    return found


def main() -> int:
    """Print the list; fails under CI, where nothing may be skipped."""
    missing = shortages()
    for sentence in missing:
        print(f"will be skipped: {sentence}")
    if not missing:
        print("nothing will be skipped: PostgreSQL and Chromium are here")
    return 1 if missing and os.environ.get("CI") else 0


if __name__ == "__main__":
    raise SystemExit(main())
