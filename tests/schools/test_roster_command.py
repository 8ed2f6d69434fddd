"""`flask class-lists import`: the teacher's reading, for whoever has twenty files and a terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from app.kernel.database import db
from app.schools.models import School, Student
from tests.world import World

LIST = """Nom;Prénom;Né(e) le;Classe;Nationalité
DUPONT;Chloé;12/05/2013;3A;Y
Lefèbvre;Noé;2013-02-30;3A;Y
;Sans nom;01/01/2013;3A;Y
DURAND;Zoé;04/04/2013;;Y
"""


def call(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["class-lists", "import", *arguments])


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def school(app: Flask, world: World) -> str:
    with app.app_context():
        return db.session.get_one(School, world.here.school_id).uai


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "3A.csv"
    path.write_text(LIST)
    return path


def students(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Student)) or 0


def test_a_dry_run_counts_every_line_and_writes_nothing(app: Flask, school: str, file: Path) -> None:
    before = students(app)
    said = told(call(app, str(file), "--school", school, "--dry-run"))
    assert students(app) == before
    assert (said["read"], said["created"], said["refused_count"]) == (4, 2, 2)
    assert [remark["line"] for remark in said["refused"]] == [4, 5]
    assert "Nationalité" in said["columns_not_read"]


def test_the_same_file_twice_changes_nothing(app: Flask, school: str, file: Path) -> None:
    before = students(app)
    assert told(call(app, str(file), "--school", school))["created"] == 2
    assert students(app) == before + 2
    again = told(call(app, str(file), "--school", school))
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 2)
    assert students(app) == before + 2


def test_nothing_readable_is_a_failure_with_a_sentence(app: Flask, school: str, tmp_path: Path) -> None:
    empty = tmp_path / "rien.csv"
    empty.write_bytes(b"")
    result = call(app, str(empty), "--school", school)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.rstrip().endswith(".")


def test_an_unknown_school_is_named(app: Flask, world: World, file: Path) -> None:
    result = call(app, str(file), "--school", "0000000A")
    assert result.exit_code == 2
    assert "0000000A" in result.stderr
