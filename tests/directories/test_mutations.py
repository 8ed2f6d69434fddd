"""Official files of every family, damaged: read or refused with a sentence, in little memory, all or nothing."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel
from sqlalchemy import func, select

from app.access.policy import Role
from app.campaigns.models import Commune
from app.directories import reading, services
from app.directories.models import DirectoryImport
from app.directories.reading import Options
from app.directories.sources import Source
from app.hosts.models import HostSite
from app.kernel.database import db
from app.kernel.errors import Invalid
from app.kernel.tabular import Unreadable
from app.schools.models import School
from tests.directories import excerpts
from tests.directories.test_archives import zipped
from tests.directories.test_reading import ended, workbook
from tests.directories.test_traps import LAND
from tests.mutations import TRIED, heavy, linux_counts_memory, mutants
from tests.world import World

pytestmark = pytest.mark.timeout(300 if TRIED < 1_000 else 0)

FORMATS: dict[str, bytes] = {
    **{name: text.encode() for name, (_family, text) in excerpts.FILES.items()},
    "schools in Windows-1252": excerpts.SCHOOLS.encode("cp1252"),
    "schools in UTF-16": excerpts.SCHOOLS.encode("utf-16"),
    "schools in a workbook": workbook(excerpts.SCHOOLS),
    "schools in an archive": zipped({"LISEZMOI.txt": b"Licence ouverte", "annuaire.csv": excerpts.SCHOOLS.encode()}),
}
APPLIED = ("schools", "communes", "siae", "sirene", "company-search")


@pytest.mark.parametrize("name", FORMATS)
def test_a_damaged_file_is_read_or_refused_with_a_sentence(name: str) -> None:
    plain = Flask("plain")
    Babel(plain, default_locale="fr")
    whole, read = FORMATS[name], 0
    sentences: set[str] = set()
    with plain.app_context():
        for number, data in enumerate(mutants(whole, name)):
            try:
                found = reading.read(Source.of_bytes("fichier", data), LAND)
            except Unreadable as refusal:
                sentences.add(str(refusal))
                continue
            assert found.read == ended(found), (number, found)
            read += 1
    assert all(sentence.endswith(".") for sentence in sentences)
    assert read > TRIED // 20


def counts() -> tuple[int, ...]:
    return tuple(db.session.scalar(select(func.count()).select_from(m)) or 0 for m in (Commune, School, HostSite))


@pytest.mark.parametrize("name", APPLIED)
def test_a_damaged_file_is_imported_whole_or_not_at_all(context: Flask, world: World, name: str) -> None:
    by = world.here.actor(Role.COORDINATOR)
    for data in itertools.islice(mutants(FORMATS[name], f"{name}, again"), max(8, TRIED // 8)):
        before = counts()
        try:
            row = services.drop(Source.of_bytes("fichier", data), Options(), by=by)
        except Invalid:
            assert counts() == before
            continue
        if row.family.value in {"communes", "schools", "structures", "sirene", "company-search"}:
            done = services.apply(row, by=by)
            assert sum(counts()) == sum(before) + len(done.created)
    assert db.session.scalar(select(func.count()).select_from(DirectoryImport)) > 0


HEAVY: dict[str, Callable[[], bytes]] = {
    "a national directory": lambda: (
        excerpts.SCHOOLS + "\n".join(excerpts.SCHOOLS.split("\n")[1:5]) * 4_000 + "\n"
    ).encode(),
    "an endless line": lambda: excerpts.SIAE.encode() + b"A" * 8_000_000,
    "an endless quoted cell": lambda: excerpts.SIAE.encode() + b'"' + b"A;\n" * 2_000_000,
    "cells without end": lambda: excerpts.SIAE.encode() + b";" * 8_000_000,
    "all refused": lambda: excerpts.SIAE_HEADING.encode() + b"\n" + b"X;;ACI;1;;;62110;Henin;62;;;;;\n" * 20_000,
    "all repeated": lambda: excerpts.SIAE.encode() + (excerpts.SIAE.split("\r\n")[1] + "\n").encode() * 20_000,
    "megabytes of JSON": lambda: json.dumps(
        {
            "results": [
                {"siren": excerpts.A, "siege": {"siret": f"{n:014d}", "commune": "62427"}} for n in range(150_000)
            ]
        }
    ).encode(),
    "lists within lists": lambda: b"[" * 5_000_000,
    "an archive that swells": lambda: zipped({"a.csv": b"\n" * 70_000_000}),
    "a gzip that swells": lambda: gzip.compress(excerpts.SIAE.encode() + b"a;b\n" * 17_000_000, 1),
}


@linux_counts_memory
def test_a_heavy_file_takes_less_than_300_megabytes(tmp_path: Path) -> None:
    imports = """
from app.directories import reading
from app.directories.places import Land, Town
from app.directories.sources import Source
LAND = Land([Town("62427", "Hénin-Beaumont", "62110", 50.40923, 2.959)])
"""
    assert heavy(HEAVY, imports, "reading.read(Source.of_path(file), LAND)", tmp_path) == []
