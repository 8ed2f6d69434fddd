"""The search that the tests of erasure rest on finds a needle wherever and however it lies."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import unicodedata
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import select

from app.allocation.models import RunRecord
from app.kernel import clock
from app.kernel.database import db, transaction
from app.privacy.services import showing
from app.web import printing
from tests.privacy import traces
from tests.world import World, add

NAME, BORN, PHONE = "Maëlys Kowalczyk-Desprès", date(2012, 12, 22), "06 98 76 54 32"
Wrapping = Callable[[str], bytes]


def _zip(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", text)
    return file.getvalue()


def _letter(text: str) -> bytes:
    message = EmailMessage()
    message["Subject"] = "Bonjour"
    message.set_content("Bonjour\n" * 9 + text)
    message.add_alternative(f"<p>{text}</p>", subtype="html", cte="base64")
    return message.as_bytes()


def _subject(text: str) -> bytes:
    message = EmailMessage()
    message["Subject"] = f"Le stage de {text}"
    message.set_content("Bonjour")
    return message.as_bytes()


WRAPPINGS: dict[str, Wrapping] = {
    "as it is": lambda text: f"avant {text} après".encode(),
    "decomposed": lambda text: unicodedata.normalize("NFD", text).encode(),
    "capitals": lambda text: text.upper().encode(),
    "no-break spaces": lambda text: text.replace(" ", "\u202f").encode(),
    "latin": lambda text: text.encode("cp1252"),
    "utf-16": lambda text: text.encode("utf-16"),
    "JSON": lambda text: json.dumps({"name": text}).encode(),
    "JSON in capitals": lambda text: json.dumps(text).upper().replace("\\U", "\\u").encode(),
    "an address": lambda text: urllib.parse.urlencode({"q": text}).encode(),
    "a path": lambda text: f"/x/{urllib.parse.quote(text, safe='')}".encode(),
    "HTML": lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace"),
    "base64": lambda text: b"x:" + base64.b64encode(f"..{text}".encode()),
    "base64 of an address": lambda text: base64.urlsafe_b64encode(f"ÿÿ{text}".encode()).rstrip(b"="),
    "hexadecimal": lambda text: f"\\x{text.encode().hex()}".encode(),
    "zlib": lambda text: zlib.compress(text.encode()),
    "zlib in the middle": lambda text: b"page" + zlib.compress(json.dumps([text]).encode(), 9) + b"page",
    "gzip": lambda text: gzip.compress(text.encode()),
    "zip": _zip,
    "base64 of zlib": lambda text: base64.b64encode(zlib.compress(text.encode() * 3)),
    "a letter": _letter,
    "the subject of a letter": _subject,
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("needle", [NAME, "22/12/2012", "2012-12-22", "22 décembre 2012", "22 déc. 2012", "0698765432"])
def test_a_needle_is_found(wrapping: str, needle: str) -> None:
    packed = WRAPPINGS[wrapping]
    words = (NAME, BORN, PHONE)
    assert traces.names(packed(needle), words)
    assert not traces.names(packed("Maël Kowal, 22/11/2012, 0698765433"), words)


def test_a_needle_in_a_pdf_is_found_in_its_text_and_in_what_it_says_of_itself(context: Flask) -> None:
    for told in ({"title": NAME, "intro": ""}, {"title": "", "intro": f"née le {BORN:%d/%m/%Y}"}):
        assert traces.names(_drawn(told), (NAME, BORN)), told
    assert not traces.names(_drawn({"title": "Rien", "intro": "Rien"}), (NAME, BORN))


def _drawn(told: dict[str, str]) -> bytes:
    values = {"page": "page", "made": "", "kept_title": "", "kept": [], "parts": [], **told}
    return printing.draw(showing._DOCUMENTS / "data.typ", values, root=showing._DOCUMENTS, moment=clock.now())


@pytest.mark.both_engines
def test_a_needle_is_found_in_the_database_and_in_every_file(app: Flask, world: World) -> None:
    instance = app.config["SETTINGS"].instance
    with app.app_context():
        assert traces.database_traces((NAME,)) == []
        with transaction():
            packed = zlib.compress(json.dumps({"pupils": [NAME]}, ensure_ascii=False).encode())
            add(RunRecord(run_id=world.here.run_id, market=packed, solution=b""))
        assert [each.partition(" ")[0] for each in traces.database_traces((NAME,))] == ["run_record.market"]
        assert db.session.scalars(select(RunRecord.run_id)).all() == [world.here.run_id]
        db.session.remove()
    assert traces.file_traces(app, (BORN,)) == []
    for name in ("mail/1.eml", "jobs.db", "app.log", "documents/ab/abcd", "roster.tmp"):
        (instance / name).parent.mkdir(parents=True, exist_ok=True)
        (instance / name).write_bytes(_letter("née le 22 décembre 2012") if "mail" in name else b"22/12/2012")
    found = [str(path) for path, data in traces.files(app) if traces.names(data, (BORN,))]
    assert sorted(path.removeprefix(f"{instance}/") for path in found) == [
        "app.log",
        "documents/ab/abcd",
        "jobs.db",
        "mail/1.eml",
        "roster.tmp",
    ]
