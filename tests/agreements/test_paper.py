"""Signatures on paper: who may bring which, the right version alone, a mistake taken back; and nasty files."""

from __future__ import annotations

import gc
import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from PIL import Image

from app.access.policy import Role
from app.agreements import evidence, queries, storage, uploads
from app.agreements.services import papering
from app.agreements.services.papering import Uploader
from app.agreements.states import AgreementState, Medium, PartyRole, SignatureState
from app.kernel.errors import Forbidden, Invalid
from tests.agreements import signing_kit as kit
from tests.agreements.signing_kit import GUARDIAN, HOST, WHERE, Case
from tests.world import World

PAGE = (Path(__file__).parent / "data" / "page.png").read_bytes()


def picture(form: str = "JPEG", size: tuple[int, int] = (600, 800), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, format=form, **more)
    return out.getvalue()


def pages_of(data: bytes) -> int:
    document = pypdfium2.PdfDocument(data)
    try:
        return len(document)
    finally:
        document.close()


def with_place() -> bytes:
    """A photograph which says where it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "SECRET-PHONE"
    exif.get_ifd(0x8825)[2] = (50.0, 25.0, 12.0)
    exif[0x0112] = 6
    return picture(exif=exif.tobytes())


@pytest.mark.parametrize("form", ["JPEG", "PNG", "HEIF", "PDF"])
def test_what_telephones_and_scanners_send_becomes_a_pdf(form: str) -> None:
    made = uploads.to_pdf([picture(form), picture(form)])
    assert made.startswith(b"%PDF-")
    assert pages_of(made) == 2


def test_nothing_of_the_file_is_kept_but_its_picture() -> None:
    for data in (with_place(), picture() + b"PK\x03\x04<script>alert(1)</script>", picture("PDF") + b"<script>"):
        made = uploads.to_pdf([data])
        for trace in (b"SECRET", b"GPS", b"<script>", b"PK\x03\x04", b"Exif"):
            assert trace not in made
    turned = pypdfium2.PdfDocument(uploads.to_pdf([with_place()]))
    width, height = turned[0].get_size()
    turned.close()
    assert width > height


def test_a_script_in_a_pdf_goes_nowhere() -> None:
    made = uploads.to_pdf([active_pdf()])
    for active in (b"/JavaScript", b"/JS", b"/OpenAction", b"/Launch", b"/EmbeddedFile"):
        assert active in active_pdf() or active in {b"/Launch", b"/EmbeddedFile"}
        assert active not in made


def active_pdf() -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF"
    )


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 50,000 by 50,000."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


NASTY = {
    "nothing at all": b"",
    "a text": b"Bonjour, voici ma signature.",
    "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a program": b"MZ\x90\x00" + b"\0" * 200,
    "a GIF": b"GIF89a" + b"\0" * 100,
    "a JPEG cut short": picture(size=(1500, 2000), quality=95)[:900],
    "only the first bytes of a PNG": b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
    "only the first bytes of a PDF": b"%PDF-1.7 and nothing",
    "a PDF hidden behind a page": b"<script></script>" + picture("PDF"),
    "a HEIC in name": b"\0\0\0\x18ftypheic" + b"\0" * 100,
    "a bomb": bomb(),
    "something too heavy": b"\xff\xd8\xff" + b"\0" * uploads.MAX_FILE_BYTES,
}


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_file_is_refused_in_a_sentence(name: str, context: Flask) -> None:
    with pytest.raises(Invalid) as refusal:
        uploads.to_pdf([NASTY[name]])
    assert "n° 1" in refusal.value.fields["files"]


def test_too_many_files_are_refused(context: Flask) -> None:
    for files in ([], [picture(size=(9, 9))] * (uploads.MAX_FILES + 1)):
        with pytest.raises(Invalid):
            uploads.to_pdf(files)


@pytest.mark.both_engines
def test_a_teacher_brings_a_paper(app: Flask, world: World) -> None:
    case = Case.of(app, world.here)
    teacher = world.sign_in(app.test_client(), Role.TEACHER)
    address = f"/conventions/{case.id}/papier"
    guardian, host = case.party(PartyRole.GUARDIAN), case.party(PartyRole.HOST)
    mark = f"{case.digest[:4]} {case.digest[4:8]}"
    assert guardian.name in teacher.get(address).text

    def send(**more: Any) -> int:
        data = {"parties": [guardian.id, host.id], "mark": mark, "files": [(io.BytesIO(PAGE), "scan.exe")], **more}
        return teacher.post(address, data=data, content_type="multipart/form-data").status_code

    assert send(parties=[]) == 422
    assert send(mark="dead beef") == 422
    assert send(mark=mark[:6]) == 422
    assert send(files=[(io.BytesIO(NASTY["an SVG"]), "photo.jpg")]) == 422
    assert send(files=[]) == 422
    assert case.party(PartyRole.HOST).state is SignatureState.AWAITED
    assert send() == 303
    guardian, host = case.party(PartyRole.GUARDIAN), case.party(PartyRole.HOST)
    assert (guardian.medium, host.medium) == (Medium.PAPER, Medium.PAPER)
    assert guardian.scan_id == host.scan_id
    proofs = [row for row in case.events() if row.event == "paper"]
    assert {row.facts["uploader"] for row in proofs} == {"Teacher 1"}
    assert {row.to_email for row in case.mails("agreement_paper")} == {GUARDIAN, HOST}
    assert case.faults() == ()
    assert "Signé sur papier" in teacher.get(f"/conventions/{case.id}/signatures").text


def test_a_heavy_photograph_passes_where_it_may(app: Flask, world: World) -> None:
    case = Case.of(app, world.here)
    heavy = PAGE + b"\0" * (3 * 1024 * 1024)
    teacher = world.sign_in(app.test_client(), Role.TEACHER)
    data = {
        "parties": [case.party(PartyRole.HOST).id],
        "mark": case.digest[:8],
        "files": [(io.BytesIO(heavy), "a.png")],
    }
    assert teacher.post(f"/conventions/{case.id}/papier", data=data).status_code == 303
    with warnings.catch_warnings():  # the parser leaves its temporary file to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    form = "application/x-www-form-urlencoded"
    assert teacher.post(f"/conventions/{case.id}/signer", data=heavy, content_type=form).status_code == 413


def test_a_paper_of_before_a_change_is_refused(app: Flask, world: World) -> None:
    case = Case.of(app, world.here)
    old = case.digest[:8]
    case.change()
    with app.app_context():
        agreement = queries.by_id(case.id)
        assert agreement is not None
        host = kit.party(agreement, PartyRole.HOST)
        by = world.here.actor(Role.TEACHER)
        with pytest.raises(Invalid) as refusal:
            papering.record(agreement, [host.id], [PAGE], old, WHERE, by=Uploader("Prof", by))
        assert "version" in refusal.value.fields["mark"]


def test_nobody_brings_what_is_not_theirs(app: Flask, world: World) -> None:
    case = Case.of(app, world.here, guardians=({}, {}))
    with app.app_context():
        agreement = queries.by_id(case.id)
        assert agreement is not None

        def roles(uploader: Uploader) -> set[PartyRole]:
            return {person.role for person in papering.may_bring(uploader, agreement)}

        R = PartyRole  # noqa: N806  # six names a line would hide the table
        head, host, guardian = (kit.party(agreement, role) for role in (R.HEAD, R.HOST, R.GUARDIAN))
        here, there = world.here, world.there
        assert roles(Uploader("", here.actor(Role.COORDINATOR))) == set(R)
        assert roles(Uploader("", here.actor(Role.HOST))) == {R.HOST, R.TUTOR, R.GUARDIAN, R.STUDENT}
        assert roles(Uploader("", party=guardian)) == {R.GUARDIAN, R.STUDENT}
        assert roles(Uploader("", party=host)) == {R.HOST, R.TUTOR}
        assert roles(Uploader("", here.actor(Role.STUDENT))) == set()
        assert roles(Uploader("", there.actor(Role.TEACHER))) == set()
        with pytest.raises(Forbidden):
            papering.record(
                agreement, [head.id], [PAGE], case.digest[:8], WHERE, by=Uploader("", here.actor(Role.HOST))
            )


def test_a_parent_brings_the_paper_by_link(app: Flask, world: World) -> None:
    case, client = Case.of(app, world.here), app.test_client()
    token = case.token(GUARDIAN)
    assert "Signez avec un stylo" in client.get(case.path(token, "/papier")).text
    data = {
        "parties": [case.party(PartyRole.GUARDIAN).id],
        "mark": case.digest[:8].upper(),
        "files": [(io.BytesIO(PAGE), "photo.png"), (io.BytesIO(picture()), "photo.jpg")],
    }
    assert client.post(case.path(token, "/papier"), data=data).status_code == 303
    parent = case.party(PartyRole.GUARDIAN)
    assert parent.medium is Medium.PAPER
    assert not case.mails("agreement_paper", GUARDIAN)
    with app.app_context():
        agreement = queries.by_id(case.id)
        assert agreement is not None
        scan = kit.party(agreement, PartyRole.GUARDIAN).scan
        assert scan is not None
        assert pages_of(storage.read(scan)) == 2


@pytest.mark.both_engines
def test_a_paper_brought_by_mistake_is_taken_back(app: Flask, world: World) -> None:
    case = Case.of(app, world.here)
    with app.app_context():
        agreement = queries.by_id(case.id)
        assert agreement is not None
        by = world.here.actor(Role.COORDINATOR)
        everybody = [person.id for person in agreement.parties]
        papering.record(agreement, everybody, [PAGE], case.digest[:8], WHERE, by=Uploader("Camille", by))
    assert case.now().state is AgreementState.SIGNED
    teacher = world.sign_in(app.test_client(), Role.TEACHER)
    address = f"/conventions/{case.id}/signatures/{case.party(PartyRole.GUARDIAN).id}/retirer-papier"
    assert teacher.post(address, data={"reason": ""}).status_code == 422
    assert teacher.post(address, data={"reason": "C’était la page d’un autre."}).status_code == 303
    assert case.now().state is AgreementState.OPEN
    parent = case.party(PartyRole.GUARDIAN)
    assert (parent.state, parent.scan_id) == (SignatureState.AWAITED, None)
    assert case.faults() == ()
    assert len(case.mails("agreement_link", GUARDIAN)) == 2
    assert [row.event for row in case.events()][-3:] == ["paper_undone", "reopened", "asked"]


def test_one_flipped_byte_of_a_scan_is_named(app: Flask, world: World) -> None:
    case = Case.of(app, world.here)
    with app.app_context():
        agreement = queries.by_id(case.id)
        assert agreement is not None
        host = kit.party(agreement, PartyRole.HOST)
        by = Uploader("Camille", world.here.actor(Role.COORDINATOR))
        papering.record(agreement, [host.id], [PAGE], case.digest[:8], WHERE, by=by)
        assert evidence.verify(agreement) == ()
        scan = kit.party(agreement, PartyRole.HOST).scan
        assert scan is not None
        place = storage.path_of(scan.sha256)
        data = bytearray(place.read_bytes())
        data[len(data) // 2] ^= 1
        place.write_bytes(bytes(data))
        faults = evidence.verify(agreement)
    assert [fault.sentence for fault in faults] == [
        "Un fichier n’est plus celui qui a été déposé : le papier signé de Zoé Martin."
    ]
