"""`flask directories import`: what it prints, where, its exit status, and what a dry run leaves: nothing."""

from __future__ import annotations

import gzip
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from app.hosts.models import HostOrganization
from app.kernel.database import db
from tests.directories import excerpts
from tests.directories.test_archives import zipped
from tests.world import World


def call(app: Flask, file: Path, *more: str) -> Result:
    return app.test_cli_runner().invoke(args=["directories", "import", str(file), *more])


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def siae(tmp_path: Path) -> Path:
    file = tmp_path / "siae.csv"
    file.write_text(excerpts.SIAE + "FAUX;;ACI;12345678901234;;;62110;Hénin-Beaumont;62;;;;;\n")
    return file


def structures(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(HostOrganization)) or 0


def test_a_dry_run_tells_everything_and_writes_nothing(app: Flask, world: World, siae: Path) -> None:
    before = structures(app)
    said = told(call(app, siae, "--territory", "t1", "--dry-run"))
    assert structures(app) == before
    assert (said["kind"], said["read"], said["created"], said["updated"], said["unchanged"]) == (
        "structures",
        4,
        2,
        0,
        0,
    )
    assert said["refused"] == [
        {
            "line": 5,
            "column": "siret",
            "value": "12345678901234",
            "reason": "la clé de ce SIRET est fausse : un chiffre est mal recopié",
        }
    ]
    assert [item["column"] for item in said["repaired"]] == ["city"]
    assert [(item["reason"], item["count"]) for item in said["left_alone"]] == [("hors du territoire", 1)]
    assert said["read"] == said["created"] + said["refused_count"] + said["left_alone_count"]


def test_the_same_file_twice_changes_nothing(app: Flask, world: World, siae: Path) -> None:
    before = structures(app)
    assert told(call(app, siae, "--territory", "t1"))["created"] == 2
    assert structures(app) == before + 2
    said = told(call(app, siae, "--territory", "t1"))
    assert (said["created"], said["unchanged"]) == (0, 2)


def test_the_bar_is_beside_the_summary(app: Flask, world: World, siae: Path) -> None:
    result = call(app, siae, "--territory", "t1", "--dry-run")
    assert "siae.csv" in result.stderr
    assert "siae.csv" not in result.stdout


@pytest.mark.parametrize(
    ("content", "more", "code", "said"),
    [
        ("", (), 1, "vide"),
        ("a;b\n1;2\n", (), 1, "Aucun genre"),
        (excerpts.SIAE, ("--kind", "schools"), 1, "pas les colonnes"),
        (excerpts.siae("X;;ACI;1;;;62110;Hénin-Beaumont;62;;;;;"), (), 0, ""),  # all refused, yet read
    ],
)
def test_the_exit_status_fails_only_when_nothing_could_be_read(
    app: Flask, world: World, tmp_path: Path, content: str, more: tuple[str, ...], code: int, said: str
) -> None:
    file = tmp_path / "fichier.csv"
    file.write_text(content)
    result = call(app, file, "--territory", "t1", *more)
    assert result.exit_code == code, result.output
    assert said in result.stderr


def test_among_several_territories_one_must_be_said(app: Flask, world: World, siae: Path) -> None:
    for more in ((), ("--territory", "ailleurs")):
        result = call(app, siae, *more)
        assert result.exit_code == 2
        assert "t1, t2" in result.stderr


def test_the_command_reads_every_file_of_an_archive(app: Flask, world: World, tmp_path: Path) -> None:
    file = tmp_path / "RefRomeCsv.zip"
    file.write_bytes(
        zipped(
            {
                "rome.csv": excerpts.ROME.encode(),
                "riasec.csv": excerpts.RIASEC.encode(),
                "version.txt": excerpts.VERSION.encode(),
                "textes.csv": b"code_rome;texte\nA1101;x\n",
            }
        )
    )
    said = told(call(app, file, "--territory", "t1"))
    alone = [part["created"] for part in said["files"]]
    assert [part["member"] for part in said["files"]] == ["rome.csv", "riasec.csv", "version.txt"]
    assert (said["kind"], said["created"], said["read"]) == ("archive", sum(alone), 5)
    assert said["refused"] == [remark for part in said["files"] for remark in part["refused"]] != []
    assert "textes.csv" in " ".join(said["warnings"])
    again = told(call(app, file, "--territory", "t1"))
    assert (again["created"], again["unchanged"]) == (0, said["created"])


def test_a_pipe_is_read_as_a_file(app: Flask, world: World, tmp_path: Path) -> None:
    pipe = tmp_path / "tube"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(gzip.compress(excerpts.SIAE.encode()),))
    writer.start()
    said = told(call(app, pipe, "--territory", "t1", "--dry-run"))
    writer.join()
    assert (said["read"], said["created"]) == (3, 2)


def test_what_is_no_file_is_refused_in_french(app: Flask, world: World, tmp_path: Path) -> None:
    for file, reason in (
        (tmp_path, "dossier"),
        (tmp_path / "rien.csv", "n’existe pas"),
        (Path(os.devnull), "ni un tube"),
    ):
        result = call(app, file, "--territory", "t1")
        assert result.exit_code == 1
        assert reason in result.stderr
        assert result.stdout == ""
