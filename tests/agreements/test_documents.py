"""Files that cannot change unseen, contents that cannot change undigested, models of documents as data, and the PDF."""

from __future__ import annotations

import copy
import hashlib
import os
import shutil
import subprocess
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.access.policy import Role
from app.agreements import content, fields, pdf, presenting, queries, reading, rules, sealing, storage, versions
from app.agreements.fields import FIELDS, Part
from app.agreements.models import Agreement
from app.agreements.services import amending, preparing, watching
from app.audit.models import JournalEntry
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict, Invalid
from app.offers.models import PlacementOffer
from app.placements.models import Placement
from tests.agreements import papers
from tests.agreements.test_preparing import sign_all
from tests.world import World

SAMPLE: dict[str, Any] = {
    "reference": "K7QM4RTA",
    "hosts": [{"name": "Ressourcerie", "schedule": {"2027-01-25": [["09:00", "12:00"]]}, "lunch": ""}],
    "student": {"first_name": "Inès", "last_name": "Benali"},
    "guardians": [],
    "insurance": {"insurer": "MAE", "policy": None},
}


def run(*command: str) -> str:
    """The output of a poppler tool; CI installs it, and its absence is a failure."""
    done = subprocess.run(command, capture_output=True, check=True)
    return done.stdout.decode(errors="replace")


# Stored files


def test_a_file_is_kept_once_and_read_whole(context: Flask, world: World) -> None:
    first = storage.keep("agreement", b"un texte", "text/plain", world.here.territory_id)
    second = storage.keep("scan", b"un texte", "text/plain", world.there.territory_id)
    assert storage.read(first) == storage.read(second) == b"un texte"
    files = [path for path in storage.folder().rglob("*") if path.is_file()]
    assert [path.name for path in files] == [hashlib.sha256(b"un texte").hexdigest()]
    assert files[0].stat().st_mode & 0o077 == 0
    assert storage.folder().is_relative_to(context.instance_path)


@pytest.mark.parametrize("position", [0, 3, 7])
def test_a_flipped_byte_is_detected_named_and_journalled(context: Flask, world: World, position: int) -> None:
    with transaction():
        document = storage.keep("agreement", b"un texte", "text/plain", world.here.territory_id)
    path = storage.path_of(document.sha256)
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)
    with pytest.raises(storage.Damaged) as damage:
        storage.read(document)
    assert (damage.value.document_id, damage.value.fault) == (document.id, "digest")
    entry = db.session.scalars(select(JournalEntry).where(JournalEntry.action == "document.damaged")).one()
    assert entry.object_id == document.id
    path.write_bytes(b"court")
    with pytest.raises(storage.Damaged, match="abîmé") as damage:
        storage.read(document)
    assert damage.value.fault == "size"
    path.unlink()
    with pytest.raises(storage.Damaged) as damage:
        storage.read(document)
    assert damage.value.fault == "missing"


def test_a_write_that_fails_leaves_nothing(context: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        storage.keep("agreement", b"un texte", "text/plain", world.here.territory_id)
    assert [path for path in storage.folder().rglob("*") if path.is_file()] == []


def test_verify_names_what_does_not_hold(app: Flask, world: World) -> None:
    with app.app_context():
        agreement = papers.opened(world.here)
        sign_all(agreement)
        watching.archive(agreement.id)
        reference = rules.spoken_reference(agreement.reference)
        path = storage.path_of(agreement.signed_pdf.sha256)  # type: ignore[union-attr]
    runner = app.test_cli_runner()
    whole = runner.invoke(args=["agreements", "verify"])
    assert whole.exit_code == 0, whole.output
    assert "2 documents et 1 conventions relus, 0 défauts" in whole.output
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    with app.app_context(), transaction():
        changed = copy.deepcopy(db.session.get_one(Agreement, agreement.id).content)
        assert changed is not None
        changed["student"]["last_name"] = "Autre"
        db.session.get_one(Agreement, agreement.id).content = changed
    broken = runner.invoke(args=["agreements", "verify"])
    assert broken.exit_code == 1
    assert "son empreinte n’est plus la même" in broken.output
    assert f"Convention {reference} : Le contenu" in broken.output
    assert f"Convention {reference} : Le document final est abîmé" in broken.output


# Content and digest


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [found for key, each in value.items() for found in _paths(each, (*path, key))]
    if isinstance(value, list):
        return [found for n, each in enumerate(value) for found in _paths(each, (*path, n))]
    return [path]


@given(st.data())
@settings(max_examples=200)
def test_any_change_of_any_field_changes_the_digest(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(_paths(SAMPLE)))
    changed = copy.deepcopy(SAMPLE)
    holder: Any = changed
    for step in path[:-1]:
        holder = holder[step]
    before = holder[path[-1]]
    holder[path[-1]] = data.draw(
        (st.text(max_size=20) | st.none() | st.integers() | st.booleans()).filter(lambda value: value != before)
    )
    assert content.digest(changed) != content.digest(SAMPLE)
    assert list(content.differences(SAMPLE, changed))


@given(st.permutations(list(SAMPLE)))
def test_the_order_in_which_it_is_written_does_not_matter(keys: list[str]) -> None:
    assert content.digest({key: SAMPLE[key] for key in keys}) == content.digest(SAMPLE)


def test_every_typed_field_is_in_the_content(context: Flask, world: World) -> None:
    """No field can be written by a party and escape what people sign."""
    agreement = papers.draft(world.here)
    before = content.digest(content.build(agreement))
    samples = {"email": "autre@mail.example", "phone": "03 21 99 99 99", "date": "2012-01-02", "choice": "contract"}
    for key in content.parts(agreement):
        kind, _number = fields.split(key)
        for row in FIELDS[kind]:
            agreement.typed = {key: {row.name: samples.get(row.kind, "Tout autre chose")}}
            if kind is Part.FAMILY and row.name.startswith("second_"):
                agreement.typed[key]["second_name"] = "Une autre personne"
            assert content.digest(content.build(agreement)) != before, f"{key}.{row.name} is not signed"


def test_the_content_holds_no_health_data(context: Flask, world: World) -> None:
    assert not any(row.name.startswith(("pai", "health", "allerg")) for rows in FIELDS.values() for row in rows)


# Models of documents as data


def test_next_years_model_is_a_folder_more(context: Flask, world: World, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    shutil.copytree(versions.BUILT_IN, folder)
    shutil.copytree(folder / "convention-2026", folder / "convention-2027")
    manifest = folder / "convention-2027" / "manifest.toml"
    text = manifest.read_text(encoding="utf-8")
    text = text.replace("valid_from = 2026-09-01", "valid_from = 2027-09-01")
    text = text.replace('title = "Objet"', 'title = "Objet, version nouvelle"')
    manifest.write_text(text.replace('switches = ["thirty_hours_below_15"]', "switches = []"), encoding="utf-8")
    context.config["SETTINGS"].document_models = folder
    assert versions.current("convention", date(2027, 8, 31)).name == "2026"
    assert versions.current("convention", date(2027, 9, 1)).name == "2027"
    old = papers.opened(world.here)
    assert old.template_version == "2026"
    assert "version nouvelle" not in _text(old)
    with transaction():
        old.template_version = "2027"
    data = pdf.render("convention", "2027", presenting.document(old))
    assert "Objet, version nouvelle" in _text_of(data)
    with pytest.raises(versions.UnknownVersion):
        versions.load("convention", "1998")
    with pytest.raises(versions.UnknownVersion):
        versions.current("convention", date(2020, 1, 1))


def test_the_switch_of_the_model_decides_the_hours(context: Flask, world: World, tmp_path: Path) -> None:
    """Thirty hours before fifteen is a choice of the model: the 2024 text knows thirty-five at every age."""
    folder = tmp_path / "models"
    shutil.copytree(versions.BUILT_IN, folder)
    manifest = folder / "convention-2026" / "manifest.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace('["thirty_hours_below_15"]', "[]"), encoding="utf-8")
    agreement = papers.draft(world.here)
    with transaction():
        stop = agreement.hosts[0]
        stop.schedule = {day: [["09:00", "12:00"], ["13:00", "17:00"]] for day in stop.schedule}
    head = world.here.actor(Role.HEAD)
    with pytest.raises(Invalid):
        preparing.open_signatures(agreement, by=head)
    db.session.rollback()
    context.config["SETTINGS"].document_models = folder
    assert preparing.open_signatures(agreement, by=head).content_digest


# The PDF


def _text_of(data: bytes) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=data, capture_output=True, check=True
    ).stdout.decode()


def _text(agreement: Agreement) -> str:
    return _text_of(storage.read(queries.by_id(agreement.id).pdf))  # type: ignore[union-attr, arg-type]


def test_the_pdf_is_tagged_its_fonts_embedded_its_accents_extracted(
    context: Flask, world: World, tmp_path: Path
) -> None:
    agreement = papers.opened(world.here)
    assert agreement.pdf is not None
    file = tmp_path / "convention.pdf"
    file.write_bytes(storage.read(agreement.pdf))
    about = run("pdfinfo", str(file))
    assert "Tagged:          yes" in about
    assert "Convention de séquence d’observation en milieu professionnel" in about
    assert b"pdfuaid" in file.read_bytes() or "UA" in run("pdfinfo", "-meta", str(file))
    structure = run("pdfinfo", "-struct-text", str(file))
    for tag in ("H1", "H2", "H3", "Table", "TH", "TD"):
        assert f"\n{tag}" in structure or f" {tag}" in structure, tag
    for line in run("pdffonts", str(file)).splitlines()[2:]:
        emb, _sub, uni = line.split()[-5:-2]
        assert (emb, uni) == ("yes", "yes"), line
    text = run("pdftotext", "-layout", str(file), "-")
    for said in (
        "Collège François Rabelais",
        "Lina Wojcik",
        "Sonia Carpentier, directrice",
        "lundi 25 janvier",
        "Durée totale",
        "Annexe pédagogique",
        "Annexe financière",
        "Projet d’accueil individualisé",
        rules.spoken_reference(agreement.reference),
        rules.short_digest(agreement.content_digest or ""),
    ):
        assert said in text.replace("\u00a0", " ").replace("\u202f", " "), said
    articles = versions.load("convention", "2026").texts["articles"]
    assert len(articles) == 11
    assert "Article 11 – Signature et changements" in text
    pages = int(about.split("Pages:")[1].split()[0])
    assert text.count(rules.short_digest(agreement.content_digest or "")) == pages


def test_the_final_document_says_who_signed_and_when(context: Flask, world: World) -> None:
    agreement = papers.opened(world.here)
    sign_all(agreement)
    watching.archive_signed()
    watching.archive_signed()
    db.session.expire_all()
    final = storage.read(agreement.signed_pdf)  # type: ignore[arg-type]
    text = _text_of(final)
    assert text.count("signature électronique\n") + text.count("signature électronique") >= 4
    assert "Empreinte SHA-256 du texte signé" in text
    assert agreement.content_digest is not None
    assert agreement.content_digest in text.replace("\n", "").replace(" ", "")
    assert reading.same_file(agreement, hashlib.sha256(final).hexdigest()) == "signed"


def test_an_itinerary_names_each_structure_and_each_day(context: Flask, world: World) -> None:
    land = world.here
    papers.fill_registers(land)
    with transaction():
        db.session.get_one(PlacementOffer, land.offer_id).schedule = papers.hours(0, 1, 2).to_json()
    land.slot_ids.append(papers.second_structure(land))
    placements = [
        db.session.get_one(Placement, papers.place(land)),
        db.session.get_one(Placement, papers.place(land, slot=-1, stop=1)),
    ]
    agreement = preparing.prepare(placements, by=land.actor(Role.TEACHER))
    preparing.open_signatures(agreement, by=land.actor(Role.HEAD))
    text = _text(agreement).replace("\u00a0", " ")
    assert "La structure d’accueil 1" in text
    assert "La structure d’accueil 2" in text
    assert text.index("jeudi 28 janvier") > text.index("mercredi 27 janvier")
    thursday = next(line for line in text.splitlines() if line.strip().startswith("jeudi 28 janvier"))
    assert "Régie de quartier L’Essor" in thursday
    assert "30 h" in text


def test_the_same_content_and_moment_give_the_same_bytes(context: Flask, world: World) -> None:
    agreement = papers.opened(world.here)
    values, moment = presenting.document(agreement), datetime(2026, 11, 23, 9, tzinfo=UTC)
    once = pdf.render("convention", "2026", values, moment=moment)
    assert once == pdf.render("convention", "2026", values, moment=moment)


def test_a_sign_without_a_letter_does_not_stop_the_class(context: Flask, world: World) -> None:
    agreement = papers.draft(world.here)
    part = f"host:{agreement.hosts[0].id}"
    preparing.complete_part(agreement, part, {"activities": "Vélos 🚲 et العربية"}, by=world.here.actor(Role.HOST))
    preparing.open_signatures(agreement, by=world.here.actor(Role.HEAD))
    assert "Vélos" in _text(agreement)


def test_text_that_looks_like_markup_is_text(context: Flask, world: World) -> None:
    agreement = papers.draft(world.here)
    typed = '#panic("x") *gras* _i_ $x$ <b> @ref `code` \\ = Titre'
    part = f"host:{agreement.hosts[0].id}"
    preparing.complete_part(agreement, part, {"activities": typed}, by=world.here.actor(Role.HOST))
    preparing.open_signatures(agreement, by=world.here.actor(Role.HEAD))
    assert '#panic("x") *gras* _i_ $x$ <b> @ref `code`' in " ".join(_text(agreement).split())


def test_one_document_takes_less_than_a_tenth_of_a_second(context: Flask, world: World) -> None:
    agreement = papers.opened(world.here)
    values, spent = presenting.document(agreement), []
    for n in range(5):
        start = time.process_time()  # of the processor: other programs may hold it meanwhile
        pdf.render("convention", "2026", {**values, "reference": f"AAAA {n:04d}"})
        spent.append(time.process_time() - start)
    assert min(spent) < 0.1, spent


# Amendments


def test_an_amendment_changes_harmless_lines_alone(context: Flask, world: World) -> None:
    agreement = papers.opened(world.here)
    head = world.here.actor(Role.HEAD)
    part = f"host:{agreement.hosts[0].id}"
    with pytest.raises(Conflict):
        amending.amend(agreement, part, {"tutor_name": "Nora Meunier"}, "", by=head)
    sign_all(agreement)
    with pytest.raises(Invalid) as refusal:
        amending.amend(agreement, part, {"activities": "Autre chose"}, "", by=head)
    assert set(refusal.value.fields) == {"activities"}
    with pytest.raises(Invalid):
        amending.amend(agreement, part, {"tutor_name": "Karim Lefebvre"}, "", by=head)
    made = amending.amend(agreement, part, {"tutor_name": "Nora Meunier"}, "Le tuteur est absent.", by=head)
    with pytest.raises(Conflict):
        amending.amend(agreement, part, {"tutor_name": "Un autre"}, "", by=head)
    text = _text(made)
    for said in ("Avenant à la convention", "Karim Lefebvre", "Nora Meunier", "Le tuteur est absent."):
        assert said in text
    assert "Tuteur" in text
    preparing.void(agreement, "Le stage change de lieu.", by=head)
    db.session.expire_all()
    assert made.state == "void"


# The seal


def test_the_seal_is_off_by_default_and_holds_when_configured(context: Flask, world: World, tmp_path: Path) -> None:
    agreement = papers.opened(world.here)
    sign_all(agreement)
    plain = watching.final(agreement)
    assert sealing.seal(plain) == plain
    certificate, password = tmp_path / "seal.p12", "mot de passe"
    certificate.write_bytes(_certificate(password))
    settings_ = context.config["SETTINGS"]
    settings_.seal_certificate, settings_.seal_password = certificate, _secret(password)
    watching.archive(agreement.id)
    sealed = storage.read(agreement.signed_pdf)  # type: ignore[arg-type]
    assert sealed.startswith(plain)
    status = _seal_of(sealed)
    assert status.intact
    assert status.valid
    assert status.coverage.name == "ENTIRE_FILE"
    broken = bytearray(sealed)
    broken[200] ^= 1
    assert not _seal_of(bytes(broken)).intact
    settings_.seal_password = _secret("un autre")
    with pytest.raises(sealing.SealUnusable):
        sealing.seal(plain)


def _secret(text: str) -> Any:
    from pydantic import SecretStr

    return SecretStr(text)


def _certificate(password: str) -> bytes:
    """A self-made certificate, as an operator would try one."""
    from datetime import timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Passerelle, essai")])
    start = datetime(2026, 11, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(
        b"seal", key, certificate, None, BestAvailableEncryption(password.encode())
    )


def _seal_of(data: bytes) -> Any:
    import io
    from concurrent.futures import ThreadPoolExecutor

    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    seal = PdfFileReader(io.BytesIO(data)).embedded_signatures[0]
    trust = ValidationContext(trust_roots=[seal.signer_cert], allow_fetching=False)
    with ThreadPoolExecutor(1) as aside:  # the browser tests leave a running loop in this thread
        return aside.submit(validate_pdf_signature, seal, trust).result()
