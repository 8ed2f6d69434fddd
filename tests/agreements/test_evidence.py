"""The file of proof: added to, never changed; what was changed behind its back is seen and named."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import Executable

from app.agreements import evidence, storage
from app.agreements.evidence import agent_family
from app.agreements.evidence_guard import NeverChanged, released
from app.agreements.models import Agreement, Evidence, EvidenceRelease, Party
from app.agreements.queries import chain
from app.agreements.services import signing
from app.agreements.states import AgreementState, Channel, PartyRole, SignatureState
from app.kernel.database import db
from tests.agreements import signing_kit as kit
from tests.agreements.signing_kit import WHERE
from tests.world import World

pytestmark = pytest.mark.both_engines


@pytest.fixture
def signed(context: Flask, world: World) -> Agreement:
    """An agreement which its parent and its host have signed."""
    kit.make_known(world.here)
    agreement = kit.opened(world.here)
    for role in (PartyRole.GUARDIAN, PartyRole.HOST):
        person = kit.party(agreement, role)
        signing.ask_code(person, Channel.MAIL, str(agreement.content_digest), WHERE)
        signing.sign(person, kit.code_for(person.email), WHERE)
    agreement = kit.again(agreement)
    assert evidence.verify(agreement) == ()
    return agreement


def faults(agreement: Agreement) -> list[tuple[int | None, str]]:
    db.session.commit()
    return [(fault.number, fault.sentence) for fault in evidence.verify(kit.again(agreement))]


def test_rows_refuse_to_change(signed: Agreement) -> None:
    row = chain.rows(signed.id)[2]
    row.address = "0.0.0.0"
    with pytest.raises(NeverChanged):
        db.session.flush()
    db.session.rollback()
    db.session.delete(chain.rows(signed.id)[2])
    with pytest.raises(NeverChanged):
        db.session.flush()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE signing_evidence SET address = '0.0.0.0' WHERE number = 3",
        "UPDATE signing_evidence SET digest = 'x'",
        "DELETE FROM signing_evidence WHERE number = 3",
        "DELETE FROM signing_evidence",
    ],
)
def test_the_database_refuses_too(signed: Agreement, statement: str) -> None:
    before = [row.digest for row in chain.rows(signed.id)]
    with pytest.raises(IntegrityError, match="never changed"):
        db.session.execute(text(statement))
    db.session.rollback()
    assert [row.digest for row in chain.rows(signed.id)] == before


def test_the_roads_of_one_engine_alone_are_closed(signed: Agreement) -> None:
    """« OR REPLACE » of SQLite deletes without a trigger of deletion; TRUNCATE of PostgreSQL knows no row."""
    columns = "agreement_id, number, event, at, address, content_digest, facts, previous_digest, digest"
    statements = {
        "sqlite": f"INSERT OR REPLACE INTO signing_evidence ({columns})"
        f" SELECT {columns.replace('address', 'event')} FROM signing_evidence WHERE number = 3",
        "postgresql": "TRUNCATE signing_evidence",
    }
    with pytest.raises(IntegrityError, match="never changed"):
        db.session.execute(text(statements[db.engine.dialect.name]))
    db.session.rollback()
    assert evidence.verify(kit.again(signed)) == ()


def test_one_door_leads_out_for_one_agreement(signed: Agreement) -> None:
    ours = delete(Evidence).where(Evidence.agreement_id == signed.id)
    with released(signed.id + 1), pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(ours)
    with released(signed.id):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(update(Evidence).values(address=""))
        db.session.execute(ours)
    assert chain.rows(signed.id) == []
    assert db.session.scalars(select(EvidenceRelease)).all() == []


def by_force(statement: Executable, values: dict[str, object] | None = None) -> None:
    """What somebody does who has the whole database in hand: the guard goes first. The chain is what is left."""
    if db.engine.dialect.name == "sqlite":
        for name in ("update", "delete", "replace"):
            db.session.execute(text(f"DROP TRIGGER signing_evidence_{name}"))
    else:
        db.session.execute(text("ALTER TABLE signing_evidence DISABLE TRIGGER USER"))
    db.session.execute(statement, values or {})


@pytest.mark.parametrize("column", ["address", "event", "content_digest"])
def test_a_changed_row_is_named(signed: Agreement, column: str) -> None:
    by_force(update(Evidence).where(Evidence.number == 5).values({column: "x"}))
    assert (5, "La ligne 5 a été modifiée après coup.") in faults(signed)


def test_a_removed_row_is_named(signed: Agreement) -> None:
    by_force(delete(Evidence).where(Evidence.number == 4))
    assert faults(signed)[0] == (5, "Il manque une ligne avant la ligne 5.")


def test_an_end_cut_off_is_seen_by_the_signatures(signed: Agreement) -> None:
    last = chain.rows(signed.id)[-1]
    by_force(delete(Evidence).where(Evidence.number >= last.number))
    assert faults(signed) == [(None, "La signature de Zoé Martin n’a pas de preuve.")]


def test_a_signature_made_up_or_removed_is_named(signed: Agreement) -> None:
    teacher, parent = kit.party(signed, PartyRole.TEACHER), kit.party(signed, PartyRole.GUARDIAN)
    values = {"state": "signed", "signed_at": signed.opened_at, "signed_digest": signed.content_digest}
    db.session.execute(update(Party).where(Party.id == teacher.id).values(**values))
    db.session.execute(update(Party).where(Party.id == parent.id).values(state=SignatureState.AWAITED))
    told = " ".join(sentence for _number, sentence in faults(signed))
    assert "La signature de Teacher 1 n’a pas de preuve." in told
    assert "prouve une signature qui a disparu" in told


def test_signed_by_all_is_checked(signed: Agreement) -> None:
    db.session.execute(
        update(Agreement)
        .where(Agreement.id == signed.id)
        .values(state=AgreementState.SIGNED, signed_at=signed.opened_at)
    )
    assert (None, "La convention est dite signée par tous, et ne l’est pas.") in faults(signed)


def test_one_letter_of_the_content_is_seen(signed: Agreement) -> None:
    content = {**(signed.content or {}), "reference": "AUTRE"}
    db.session.execute(update(Agreement).where(Agreement.id == signed.id).values(content=content))
    assert faults(signed)[0][1].startswith("Le contenu de la convention n’est plus celui")


def test_one_flipped_bit_of_the_document_is_seen(signed: Agreement) -> None:
    assert signed.pdf is not None
    place = storage.path_of(signed.pdf.sha256)
    data = bytearray(place.read_bytes())
    data[100] ^= 1
    place.write_bytes(bytes(data))
    assert faults(signed) == [(None, "Un fichier n’est plus celui qui a été déposé : la convention.")]


def test_a_row_slipped_in_does_not_fit(signed: Agreement) -> None:
    last = chain.rows(signed.id)[-1]
    db.session.execute(
        text(
            "INSERT INTO signing_evidence (agreement_id, number, event, at, address, content_digest, facts,"
            " previous_digest, digest) SELECT agreement_id, number + 1, 'signed', at, address, content_digest, facts,"
            " digest, digest FROM signing_evidence WHERE id = :id"
        ),
        {"id": last.id},
    )
    assert (last.number + 1, f"La ligne {last.number + 1} a été modifiée après coup.") in faults(signed)


@pytest.mark.parametrize(
    ("header", "family"),
    [
        ("Mozilla/5.0 (Linux; Android 14; SM-A145R) SamsungBrowser/25.0 Chrome/121.0", "Samsung Internet, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Windows"),
        ("curl/8.5", ""),
        ("", ""),
    ],
)
def test_only_the_family_of_the_browser_is_kept(header: str, family: str) -> None:
    assert agent_family(header) == family
