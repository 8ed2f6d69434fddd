"""Class lists of every family, damaged: each is read or refused with a sentence, in little memory, all or nothing."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import openpyxl
import pytest
import xlwt
from flask import Flask
from sqlalchemy import func, select

from app.access.policy import Role
from app.campaigns.models import Campaign
from app.kernel.database import db
from app.kernel.errors import Invalid
from app.kernel.tabular import Unreadable
from app.schools import queries
from app.schools.models import SchoolClass, Student
from app.schools.rosters import reading
from app.schools.services import importing
from tests.mutations import TRIED, heavy, linux_counts_memory, mutants
from tests.world import World

pytestmark = pytest.mark.timeout(300 if TRIED < 1_000 else 0)
TODAY = date(2026, 11, 23)
PUPILS = [
    ("BENALI", "Inès", "22/12/2012", "3A"),
    ("DE LA TOUR", "Jean-Éric", "01/02/2013", "3A"),
    ("ROUX", "Eva", "05/06/2013", "3 B"),
    ("PETIT", "Léo", "", "3 B"),
    ("GŒTZ", "Chloé", "31/08/2012", "301"),
]


def table(heading: str, line: Callable[..., str]) -> str:
    return "\r\n".join([heading, *(line(*pupil) for pupil in PUPILS)]) + "\r\n"


def siecle_rows() -> list[tuple[str, ...]]:
    heading = ("Sexe", "Pays Nat.", "Nom de famille", "Prénom", "Date Naissance", "Id National", "Code Bourse 1")
    rows = [(*heading, "Lib. MEF", "Code Structure", "Type Structure", "Date Sortie", "Nom Repr. Lég. 1")]
    for last, first, born, division in PUPILS:
        child = ("F", "FRANCE", last, first, born, "070832327JA", "", "3EME")
        rows += [(*child, division, "D", "", "MARTIN"), (*child, "3LATIN", "G", "", "MARTIN")]
    return rows


def siecle_xlsx() -> bytes:
    book = openpyxl.Workbook()
    for row in siecle_rows():
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def siecle_xls() -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Export")
    for r, row in enumerate(siecle_rows()):
        for c, value in enumerate(row):
            sheet.write(r, c, value)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def bee(encoding: str) -> bytes:
    students = "".join(
        f'<ELEVE ELEVE_ID="{n}"><ID_NATIONAL>07083232{n}JA</ID_NATIONAL><NOM_DE_FAMILLE>{last}</NOM_DE_FAMILLE>'
        f"<PRENOM>{first}</PRENOM><DATE_NAISS>{born}</DATE_NAISS><CODE_MEF>10310019110</CODE_MEF></ELEVE>"
        for n, (last, first, born, _division) in enumerate(PUPILS)
    )
    divisions = "".join(
        f'<STRUCTURES_ELEVE ELEVE_ID="{n}"><STRUCTURE><CODE_STRUCTURE>{division}</CODE_STRUCTURE>'
        "<TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE></STRUCTURES_ELEVE>"
        for n, (_last, _first, _born, division) in enumerate(PUPILS)
    )
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><BEE_ELEVES VERSION="2.1"><PARAMETRES><UAJ>0622274R</UAJ>'
        f"</PARAMETRES><DONNEES><ELEVES>{students}</ELEVES><STRUCTURES>{divisions}</STRUCTURES></DONNEES></BEE_ELEVES>"
    )
    return text.encode(encoding, "xmlcharrefreplace")


def zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ElevesSansAdresses.xml", data)
    return buffer.getvalue()


ODS = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def opendocument(body: str) -> bytes:
    """A spreadsheet as LibreOffice writes it, around the rows of its table."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {ODS}><office:body><office:spreadsheet>'
        f'<table:table table:name="Feuille1">{body}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return buffer.getvalue()


def siecle_ods() -> bytes:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = (f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>" for row in siecle_rows())
    paper = '<table:table-row table:number-rows-repeated="1048560"><table:table-cell/></table:table-row>'
    return opendocument("".join(rows) + paper)


FORMATS: dict[str, Callable[[], bytes]] = {
    "siecle-csv": lambda: "\r\n".join(";".join(row) for row in siecle_rows()).encode("cp1252"),
    "siecle-xlsx": siecle_xlsx,
    "siecle-xls": siecle_xls,
    "siecle-ods": siecle_ods,
    "bee-latin": lambda: bee("iso-8859-15"),
    "bee-utf-16": lambda: bee("utf-16"),
    "bee-zip": lambda: zipped(bee("utf-8")),
    "pronote": lambda: table("Élève;Né(e) le;Classe;Régime", lambda n, p, d, c: f"{n} {p};{d};{c};DP").encode("cp1252"),
    "ecole-directe": lambda: table(
        '"Nom","Prénom","Date de naissance","Classe","Mail resp. 1"',
        lambda n, p, d, c: f'"{n}","{p}","{d}","{c}","a.b@mail.example"',
    ).encode("utf-8-sig"),
    "fregata": lambda: table(
        "Nom de famille*;Nom d'usage;Premier prénom*;Date de naissance (jj/mm/aaaa)*;Code MEF*;Division*;Statut*",
        lambda n, p, d, c: f"{n};;{p};{d};10310019110;{c};ST",
    ).encode(),
    "onde": lambda: table(
        "Nom;Nom d'usage;Prénoms;date naissance;Classe",
        lambda n, p, d, c: f"{n};;{p};{'-'.join(reversed(d.split('/')))};{c}",
    ).encode("cp1252"),
    "modele": lambda: table("Nom\tPrénom\tDate de naissance\tClasse", lambda n, p, d, c: f"{n}\t{p}\t{d}\t{c}").encode(
        "utf-16"
    ),
}
whatever_the_family = pytest.mark.parametrize("family", FORMATS)


@cache
def whole(family: str) -> bytes:
    return FORMATS[family]()


@whatever_the_family
def test_the_whole_file_gives_its_five_students(app: Flask, family: str) -> None:
    with app.test_request_context():
        roster = reading.read([("liste", whole(family))], TODAY)
    assert [(p.last_name.upper(), p.first_name) for p in roster.pupils][:4] == [
        (last, first) for last, first, _born, _class in PUPILS[:4]
    ]
    assert {p.class_name for p in roster.pupils} == {"3A", "3 B", "301"}
    assert "070832327JA" not in repr(roster)


@whatever_the_family
def test_a_damaged_file_is_read_or_refused_with_a_sentence(app: Flask, family: str) -> None:
    sentences: set[str] = set()
    read = 0
    with app.test_request_context():
        for number, data in enumerate(mutants(whole(family), family)):
            try:
                roster = reading.read([("liste", data)], TODAY)
            except Unreadable as refusal:
                sentences.add(str(refusal))
                continue
            told = [*roster.pupils, *roster.same, *roster.refused, *roster.left]
            assert roster.read <= len(told), (number, roster)  # nobody disappears without a word
            read += 1
    assert all(sentence.endswith(".") for sentence in sentences)
    assert read > TRIED // 10


@whatever_the_family
def test_a_damaged_file_is_imported_whole_or_not_at_all(context: Flask, world: World, family: str) -> None:
    by = world.here.actor(Role.HEAD)
    school = queries.visible_school(by, world.here.school_id)
    campaign = db.session.get(Campaign, world.here.campaign_id)
    assert campaign is not None
    for data in itertools.islice(mutants(whole(family), f"{family}, again"), max(5, TRIED // 10)):
        before = counts()
        try:
            row = importing.drop(school, campaign, [("liste", data)], by=by)
        except Invalid:
            assert counts() == before
            continue
        done = importing.apply(row, (), by=by)
        assert counts() == (before[0] + done.classes, before[1] + done.added)


def counts() -> tuple[int, int]:
    """Classes and students in the database."""
    classes = db.session.scalar(select(func.count()).select_from(SchoolClass)) or 0
    return classes, db.session.scalar(select(func.count()).select_from(Student)) or 0


def heavy_workbook(shared: bytes = b"", rows: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(siecle_xlsx())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "[Content_Types].xml":
                data = data.replace(b"</Types>", _SHARED + b"</Types>")
            if name.startswith("xl/worksheets/"):
                data = data.replace(b"</sheetData>", rows + b"</sheetData>")
            if name != "xl/sharedStrings.xml":
                new.writestr(name, data)
        sst = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        new.writestr("xl/sharedStrings.xml", sst + shared + b"</sst>")
    return out.getvalue()


_SHARED = (
    b'<Override ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml" '
    b'PartName="/xl/sharedStrings.xml"/>'
)
HEAVY: dict[str, Callable[[], bytes]] = {
    "ten megabytes of short lines": lambda: b"Nom;Prenom\n" + b"A;B\n" * 2_500_000,
    "one endless line": lambda: b"Nom;Prenom\n" + b"A" * 10_000_000,
    "one endless quoted cell": lambda: b'Nom;Prenom\n"' + b"A;\n" * 3_000_000,
    "cells without end": lambda: b"Nom;Prenom\n" + b";" * 10_000_000,
    "a million students": lambda: b"<BEE_ELEVES><DONNEES><ELEVES>" + b"<ELEVE/>" * 1_200_000,
    "millions of tags": lambda: b"<BEE_ELEVES><DONNEES><ELEVES>" + b"<a/>" * 2_600_000,
    "tags within tags": lambda: b"<BEE_ELEVES>" + b"<a>" * 3_000_000,
    "a workbook of shared texts": lambda: heavy_workbook(shared=b"<si><t>abcdefgh</t></si>" * 2_000_000),
    "a workbook of shared texts, all different": lambda: heavy_workbook(
        shared=b"".join(b"<si><t>%07x</t></si>" % n for n in range(2_400_000))
    ),
    "a workbook of cells": lambda: heavy_workbook(rows=b"<row>" + b"<c><v>1</v></c>" * 2_500_000 + b"</row>"),
    "a spreadsheet of cells": lambda: opendocument(
        "<table:table-row>" + "<table:table-cell/>" * 500_000 + "</table:table-row>"
    ),
    "a spreadsheet of rows": lambda: opendocument("<table:table-row/>" * 500_000),
    "a spreadsheet of repeated rows": lambda: opendocument(
        '<table:table-row table:number-rows-repeated="9999999"><table:table-cell office:value-type="string" '
        'table:number-columns-repeated="9999999"><text:p>A</text:p></table:table-cell></table:table-row>' * 1_000
    ),
    "a workbook of rows": lambda: heavy_workbook(rows=b'<row><c t="inlineStr"><is><t>A</t></is></c></row>' * 900_000),
}


@linux_counts_memory
def test_a_heavy_file_takes_less_than_300_megabytes(tmp_path: Path) -> None:
    imports = "from app.schools.rosters import reading"
    read = "reading.read([('liste', file.read_bytes())], date(2026, 11, 23))"
    assert heavy(HEAVY, imports, read, tmp_path) == []
