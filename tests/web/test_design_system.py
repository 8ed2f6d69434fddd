"""What the eye would notice late: a missing pictogram, a dark colour forgotten, a style that the policy drops."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from app.web.showcase import pictogram_names

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
CSS = sorted((APP / "static" / "css").glob("*.css"))
TEMPLATES = sorted(path for path in (APP / "templates").rglob("*.html") if "emails" not in path.parts)
DECLARED = re.compile(r"^\s*(--[\w-]+):\s*([^;]+);", re.MULTILINE)


def dark_blocks() -> list[dict[str, str]]:
    text = (APP / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    blocks = re.findall(
        r":root(?:\[data-bs-theme=\"dark\"\]|:not\(\[data-bs-theme=\"light\"\]\)) \{(.*?)\}", text, re.DOTALL
    )
    return [dict(DECLARED.findall(block)) for block in blocks]


def test_the_system_s_dark_and_the_chosen_dark_are_the_same() -> None:
    by_system, by_choice = dark_blocks()
    assert by_system
    assert by_system == by_choice


def test_every_variable_used_in_a_stylesheet_is_declared_in_one() -> None:
    texts = [path.read_text(encoding="utf-8") for path in CSS]
    declared = {name for text in texts for name, _ in DECLARED.findall(text)}
    used = {name for text in texts for name in re.findall(r"var\((--[\w-]+)", text) if not name.startswith("--bs-")}
    assert used - declared == set()


@pytest.mark.parametrize("table", ["interests", "sectors", "conditions"])
def test_every_interest_sector_and_condition_has_its_pictogram(table: str) -> None:
    with (APP / "occupations" / "data" / f"{table}.csv").open(encoding="utf-8") as lines:
        wanted = {row["pictogram"] for row in csv.DictReader(lines, delimiter=";")}
    assert wanted
    assert wanted - set(pictogram_names()) == set()


def test_every_pictogram_named_by_a_template_exists() -> None:
    pattern = re.compile(r'(?:picto\(|pictogram\s*=\s*|"pictogram":\s*|"picto":\s*|shape=)"([a-z-]+)"')
    named = {
        (name, str(path.relative_to(APP)))
        for path in [*TEMPLATES, *APP.rglob("*.py")]
        for name in pattern.findall(path.read_text(encoding="utf-8"))
    }
    assert named
    assert {(name, where) for name, where in named if name not in pictogram_names()} == set()


def test_no_template_holds_a_style_or_a_script_the_content_policy_would_drop() -> None:
    dropped = re.compile(
        r"\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|<style\b|javascript:|<script(?![^>]*(?:\bsrc=|application/json))",
        re.IGNORECASE,
    )
    found = {
        str(path.relative_to(APP)): match[0]
        for path in TEMPLATES
        if (match := dropped.search(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_the_front_end_lock_names_no_registry() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert len(packages) > 5
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_the_phase_banner_knows_every_phase() -> None:
    from app.campaigns.states import Phase

    banner = (APP / "templates" / "components" / "steps.html").read_text(encoding="utf-8")
    assert [phase.value for phase in Phase] == re.findall(r'\("([a-z_]+)", _\("', banner)


@pytest.mark.parametrize(("drawn", "needed"), [("schedule.editor(", ["styles"]), ("map.map(", ["styles", "scripts"])])
def test_a_page_with_a_part_that_has_its_own_files_loads_them(drawn: str, needed: list[str]) -> None:
    texts = {str(path): path.read_text(encoding="utf-8") for path in TEMPLATES}
    users = {name: text for name, text in texts.items() if drawn in text}
    assert users
    part = drawn.partition(".")[0]
    assert [name for name, text in users.items() for file in needed if f"{part}.{file}()" not in text] == []
