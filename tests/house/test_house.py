"""The conventions of docs/architecture.md that import contracts cannot see."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, DateTime, String

from app.features import ROOMS  # importing the roof registers every model
from app.kernel.database import db
from app.kernel.personal import impersonal, personal
from app.privacy import declaring

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
FILES = sorted(path for path in APP.rglob("*.py"))


def _furniture(path: Path) -> str:
    """`app/offers/services/closing.py` is a piece of `services`."""
    parts = path.relative_to(APP).with_suffix("").parts
    return parts[1] if len(parts) > 1 else parts[0]


def _calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


# Who selects outside a room's queries, and why.
_MAY_SELECT = {
    "demo/autumn.py": "builds a year through every room; what it looks for is asked by nobody else",
    "demo/doors.py": "lists the doors of the demonstration: any account, whoever it belongs to",
    "demo/guests.py": "finds the accounts that the demonstration shows",
    "demo/loading.py": "asks whether the database is empty before filling it",
    "demo/story.py": "tells again what the demonstration made",
    "demo/voices.py": "reads the codes in mails which the demonstration never sends",
    "kernel/holdings.py": "asks any table what it holds of somebody: knows columns, and no room",
}


def _selects(tree: ast.AST) -> list[int]:
    return [line for name, line in _calls(tree) if name.split(".")[-1] == "select"]


def _imported(tree: ast.AST, module: str) -> set[str]:
    return {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == module
        for alias in node.names
    }


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(APP)))
def test_each_line_is_in_its_room(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    where = path.relative_to(APP).as_posix()
    furniture = _furniture(path)
    for name, line in _calls(tree):
        if name.endswith((".commit", "session.rollback")) and where not in {"kernel/database.py", "web/errors.py"}:
            pytest.fail(f"{where}:{line} ends a transaction; only kernel/database.py does")
        if name in {"datetime.now", "datetime.utcnow", "date.today", "time.time"} and where != "kernel/clock.py":
            pytest.fail(f"{where}:{line} reads the clock; only kernel/clock.py does")
        if name.split(".")[-1] == "Message" and furniture not in {"emails", "rendering", "rules"}:
            pytest.fail(f"{where}:{line} writes a mail; only emails.py does")
    if furniture in {"services", "queries", "rules", "states", "models"}:
        http = _imported(tree, "flask") & {"request", "session", "redirect", "render_template", "flash", "abort", "g"}
        assert not http, f"{where} knows HTTP: {sorted(http)}"
    if furniture in {"views", "forms"}:
        assert not _imported(tree, "sqlalchemy"), f"{where} selects"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(APP)))
def test_every_select_is_in_queries(path: Path) -> None:
    where = path.relative_to(APP).as_posix()
    lines = _selects(ast.parse(path.read_text(encoding="utf-8")))
    if where in _MAY_SELECT:
        assert lines, f"{where} selects no more: take it off the list"
    elif _furniture(path) != "queries" and lines:
        pytest.fail(f"{where}:{lines[0]} selects; only queries do")


@pytest.mark.parametrize(
    "path", [*FILES, *sorted((ROOT / "matching").rglob("*.py"))], ids=lambda p: str(p.relative_to(ROOT))
)
def test_each_ignored_rule_says_why(path: Path) -> None:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        for mark in ("# noqa", "# type: ignore", "# nosec"):
            if mark in line:
                rest = line.split(mark, 1)[1]
                assert "  # " in rest or " # " in rest, f"{path.name}:{number} ignores a rule without saying why"


def test_every_column_says_whether_it_is_about_somebody() -> None:
    """Personal, impersonal, mechanical (a key, a state, a moment), or in the short list that somebody read."""
    assert list(declaring.undeclared()) == [], "declare personal(…) or impersonal()"


def test_a_column_added_without_a_word_is_seen() -> None:
    columns = {"email": Column("email", String), "seen_at": Column("seen_at", DateTime)}
    said = Column("email", String, info=personal("contact", "Écrire", seen_by="personne", keep="Un an"))
    assert declaring.says_nothing("student", columns["email"])
    assert not declaring.says_nothing("student", columns["seen_at"])
    assert not declaring.says_nothing("student", said)
    assert not declaring.says_nothing("student", Column("email", String, info=impersonal()))


def test_the_short_list_names_only_what_is_there() -> None:
    """A table or a column that went away goes from the list too."""
    for table, names in declaring.IMPERSONAL.items():
        assert table in db.metadata.tables
        assert names <= set(db.metadata.tables[table].columns.keys()), table


_NEVER = ("health", "disab", "handicap", "religion", "nationality", "birth_place", "ine", "nir", "allerg", "diet")


def test_what_is_never_stored_has_no_column() -> None:
    for table in db.metadata.tables.values():
        for column in table.columns:
            assert not any(column.name == word or column.name.startswith(f"{word}_") for word in _NEVER)


def test_every_room_is_listed_once() -> None:
    names = [room.name for room in ROOMS]
    assert len(names) == len(set(names))


TEMPLATES = sorted((APP / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(APP / "templates")))
def test_templates_hold_to_the_content_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if "emails" in path.parts:
        return
    assert " style=" not in text
    assert "<style" not in text
    assert "javascript:" not in text
    assert not any(f" {event}=" in text for event in ("onclick", "onchange", "onsubmit", "onload", "oninput"))
