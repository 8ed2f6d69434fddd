"""`flask privacy`: the register, somebody's file, an erasure, and the erasures done again after a backup."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from flask import Flask
from sqlalchemy.engine import make_url

from app.kernel.database import db
from app.privacy import register
from app.privacy.queries import subjects
from tests.world import World


def test_the_register_is_a_table(app: Flask, world: World) -> None:
    told = app.test_cli_runner().invoke(args=["privacy", "register"])
    assert told.exit_code == 0
    with app.app_context():
        assert len(told.output.splitlines()) == 1 + len(register.entries())
    assert ";Ligue 62, " in told.output.replace(chr(34), "")


def test_a_file_for_a_machine_and_for_a_reader(app: Flask, world: World, tmp_path: Path) -> None:
    runner = app.test_cli_runner()
    told = runner.invoke(args=["privacy", "export", "student", str(world.here.student_id)])
    assert json.loads(told.output)["person"]["name"] == "Lina Wojcik"
    contact = ["privacy", "export", "contact", str(world.here.organization_id), "--name", "Karim Lefebvre"]
    assert "Redonner vie aux vélos" in runner.invoke(args=contact).output
    assert runner.invoke(args=["privacy", "export", "student", "987654"]).exit_code == 1
    pdf = ["privacy", "export", "guardian", str(world.here.guardian_id), "--format", "pdf"]
    assert runner.invoke(args=pdf).exit_code == 2
    assert runner.invoke(args=[*pdf, "--output", str(tmp_path / "file.pdf")]).exit_code == 0
    assert (tmp_path / "file.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "file.pdf").stat().st_mode & 0o077 == 0


def test_an_erasure_asks_first_and_says_what_it_did(app: Flask, world: World) -> None:
    runner = app.test_cli_runner()
    ask = ["privacy", "erase", "student", str(world.here.student_id)]
    assert runner.invoke(args=ask, input="n\n").exit_code == 1
    with app.app_context():
        assert subjects.of_student(world.here.student_id) is not None
    told = runner.invoke(args=[*ask, "--yes"])
    assert json.loads(told.output)["erased"]["student"] == 1
    admin = runner.invoke(args=["privacy", "erase", "account", str(world.admin_id), "--yes"])
    assert admin.exit_code == 1
    assert "dernier" in admin.output


def test_after_a_backup_the_erased_are_erased_again(app: Flask, world: World, tmp_path: Path) -> None:
    file = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database
    assert file is not None
    with app.app_context():
        db.engine.dispose()
    shutil.copy(file, tmp_path / "backup.db")
    runner = app.test_cli_runner()
    runner.invoke(args=["privacy", "erase", "student", str(world.here.student_id), "--yes"])
    kept = tmp_path / "erasures.jsonl"
    kept.write_text(runner.invoke(args=["privacy", "erasures"]).output)
    with app.app_context():
        db.engine.dispose()
    for leftover in tmp_path.glob("test.db-*"):
        leftover.unlink()
    shutil.copy(tmp_path / "backup.db", file)
    with app.app_context():
        assert subjects.of_student(world.here.student_id) is not None, "the backup brought her back"
        db.session.remove()
    told = json.loads(runner.invoke(args=["privacy", "replay", str(kept)]).output)
    assert told == {"erased": 1, "already_gone": 0}
    with app.app_context():
        assert subjects.of_student(world.here.student_id) is None
        db.session.remove()
    assert json.loads(runner.invoke(args=["privacy", "replay", str(kept)]).output) == {"erased": 0, "already_gone": 1}
