"""After an erasure nothing is left of a person in any table, file, job or log, except what the law keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.access.policy import Role
from app.accounts.models import User
from app.agreements.models import Agreement, Evidence, Party, StoredDocument
from app.agreements.states import AgreementState
from app.feedback.models import Certificate
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict, Forbidden
from app.kernel.holdings import SubjectKind, all_holdings
from app.messaging import delivery
from app.messaging.models import OutboxMessage
from app.messaging.rules import Message
from app.messaging.services import post
from app.placements.models import Placement
from app.placements.states import PlacementState
from app.privacy.models import Erasure
from app.privacy.queries import subjects
from app.privacy.services import erasing
from app.schools.models import LegalGuardian, Student
from tests.agreements import papers
from tests.journeys.full import EVENING
from tests.privacy import road, traces
from tests.world import World, add

LATER = EVENING.replace(year=2027, month=3, day=1)


def _kept_rows(agreement_ids: list[int]) -> tuple[dict[str, set[int]], set[str]]:
    """Rows by table, and names of files, of agreements that are kept whole."""
    parties = db.session.scalars(select(Party.id).where(Party.agreement_id.in_(agreement_ids)))
    proofs = db.session.scalars(select(Evidence.id).where(Evidence.agreement_id.in_(agreement_ids)))
    rows = {"agreement": set(agreement_ids), "agreement_party": set(parties), "signing_evidence": set(proofs)}
    papers = set[int | None]()
    for agreement in db.session.scalars(select(Agreement).where(Agreement.id.in_(agreement_ids))):
        papers |= {agreement.pdf_id, agreement.signed_pdf_id, *[party.scan_id for party in agreement.parties]}
    files = db.session.scalars(select(StoredDocument.sha256).where(StoredDocument.id.in_(papers - {None})))
    return rows, set(files)


@pytest.mark.both_engines
def test_nothing_is_left_of_a_student_who_never_signed(
    app: Flask, world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    walked = road.walk(app, world, signed=False)
    with app.app_context(), time_machine.travel(LATER, tick=True):
        before = traces.database_traces(road.OF_STUDENT)
        assert {trace.split(".")[0] for trace in before} >= {
            "student",
            "user",
            "legal_guardian",
            "interest_profile",
            "agreement",
            "agreement_party",
            "outbox_message",
            "journal_entry",
            "follow_up",
            "accident",
            "certificate",
            "roster_import",
        }
        assert traces.file_traces(app, road.OF_STUDENT)
        subject = subjects.of_student(walked.student)
        assert subject is not None
        done = erasing.erase(subject, by=walked.land.actor(Role.COORDINATOR), reason=f"{road.LAST} le demande")
        db.session.remove()
        assert [kept.table for kept in done.kept] == ["accident"]
        assert traces.database_traces(road.OF_STUDENT) == []
        assert db.session.scalars(select(Erasure.kind)).all() == [SubjectKind.STUDENT]
    _assert_no_file(app, road.OF_STUDENT, capfd)


@pytest.mark.both_engines
def test_a_signed_agreement_alone_is_left(app: Flask, world: World, capfd: pytest.CaptureFixture[str]) -> None:
    walked = road.walk(app, world, signed=True)
    with app.app_context(), time_machine.travel(LATER, tick=True):
        subject = subjects.of_student(walked.student)
        assert subject is not None
        done = erasing.erase(subject, by=None)
        db.session.remove()
        assert sorted(kept.table for kept in done.kept) == ["accident", "agreement"]
        kept = next(kept for kept in done.kept if kept.table == "agreement")
        assert (kept.until.isoformat() if kept.until else "") == "2032-01-28"
        rows, files = _kept_rows(walked.signed_ids)
        assert traces.database_traces(road.OF_STUDENT, but=rows) == []
        assert traces.database_traces((road.LAST,)), "what is kept by law is kept"
        assert files
        student = db.session.get_one(Student, walked.student)
        assert (student.full_name, student.birth_date, student.user.is_active) == ("Élève effacé", None, False)
        db.session.remove()
    _assert_no_file(app, road.OF_STUDENT, capfd, but=files)


@pytest.mark.both_engines
def test_nothing_is_left_of_a_teacher_and_of_a_tutor(
    app: Flask, world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    walked = road.walk(app, world, signed=True)
    land = walked.land
    with app.app_context(), time_machine.travel(LATER, tick=True):
        by = land.actor(Role.COORDINATOR)
        teacher, tutor = subjects.of_account(walked.teacher), subjects.of_contact(land.organization_id, road.TUTOR)
        assert teacher is not None
        assert tutor is not None
        with pytest.raises(Conflict, match="se signe en ce moment"):
            _with_open_agreement(walked, lambda: erasing.erase(teacher, by=by))
        assert traces.database_traces((road.TEACHER_MAIL,)), "a refused erasure touches nothing"
        done = [erasing.erase(subject, by=by) for subject in (teacher, tutor)]
        db.session.remove()
        assert "agreement" in {kept.table for each in done for kept in each.kept}
        assert "certificate" in {kept.table for kept in done[1].kept}
        signed = list(db.session.scalars(select(Agreement.id).where(Agreement.signed_at.is_not(None))))
        rows, files = _kept_rows(signed)
        certificates = db.session.execute(select(Certificate.id, Certificate.document_id)).all()
        rows["certificate"] = {row[0] for row in certificates}
        kept = select(StoredDocument.sha256).where(StoredDocument.id.in_([row[1] for row in certificates]))
        files |= set(db.session.scalars(kept))
        words = (*road.OF_TEACHER, *road.OF_TUTOR)
        assert traces.database_traces(words, but=rows) == []
        gone = db.session.get_one(User, walked.teacher)
        assert (gone.display_name, gone.is_active) == ("Compte effacé", False)
        db.session.remove()
    _assert_no_file(app, words, capfd, but=files)


def _with_open_agreement(walked: road.Road, act: Callable[[], object]) -> None:
    """Enzo's agreement as it was while people were signing it."""
    agreement = db.session.scalars(select(Agreement).where(Agreement.student_id == walked.land.student_ids[1])).one()
    was = agreement.state
    agreement.state = AgreementState.OPEN
    db.session.commit()
    try:
        act()
    finally:
        agreement = db.session.get_one(Agreement, agreement.id)
        agreement.state = was
        db.session.commit()


def test_a_stage_to_come_and_the_last_coordinator_come_first(context: Flask, world: World) -> None:
    land = world.here
    subject = subjects.of_student(land.student_id)
    last = subjects.of_account(land.users[Role.COORDINATOR])
    assert subject is not None
    assert last is not None
    placed = papers.place(land)
    with pytest.raises(Conflict, match="Un stage est prévu"):
        erasing.erase(subject, by=land.actor(Role.COORDINATOR))
    with pytest.raises(Conflict, match="le dernier"):
        erasing.erase(last, by=None)
    with pytest.raises(Forbidden):
        erasing.erase(subject, by=land.actor(Role.HEAD))
    with pytest.raises(Forbidden):
        erasing.erase(subject, by=world.there.actor(Role.COORDINATOR))
    with transaction():
        db.session.get_one(Placement, placed).state = PlacementState.CANCELLED
    assert erasing.erase(subject, by=land.actor(Role.COORDINATOR)).counts["student"] == 1
    assert subjects.of_student(land.student_id) is None
    assert subjects.of_student(land.student_ids[1]) is not None


@pytest.mark.both_engines
def test_a_brother_keeps_his_name_and_their_mother_her_mails(context: Flask, world: World) -> None:
    land = world.here
    brother = db.session.get_one(Student, land.student_ids[1])
    brother.last_name = "Wojcik"
    add(LegalGuardian(student_id=brother.id, name="Anna Wojcik", email="famille1@mail.example"))
    post(
        Message(
            kind="placement_family",
            to_email="famille1@mail.example",
            to_name="Anna Wojcik",
            subject="Enzo Wojcik",
            text="Le stage d’Enzo",
            html="",
            dedupe_key="enzo",
            territory_id=land.territory_id,
        )
    )
    db.session.commit()
    subject = subjects.of_student(land.student_id)
    assert subject is not None
    erasing.erase(subject, by=None)
    mail = db.session.scalars(select(OutboxMessage)).one()
    assert (mail.to_name, mail.subject) == ("Anna Wojcik", "Enzo Wojcik")
    left = db.session.scalars(select(LegalGuardian.name)).all()
    assert left.count("Anna Wojcik") == 2  # the brother's here, and the other territory's


@pytest.mark.both_engines
def test_an_erasure_that_fails_half_way_erases_nothing(
    context: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = subjects.of_student(world.here.student_id)
    assert subject is not None
    holdings = all_holdings()
    broken = replace(holdings[-1], erase=lambda _subject: 1 / 0)  # type: ignore[arg-type,return-value]  # it never answers
    monkeypatch.setitem(context.extensions, "holdings", (*holdings[:-1], broken))
    with pytest.raises(ZeroDivisionError):
        erasing.erase(subject, by=None)
    db.session.remove()
    assert subjects.of_student(world.here.student_id) == subject
    assert traces.database_traces(("réparer des vélos",))
    assert db.session.scalars(select(Erasure)).all() == []


def _assert_no_file(
    app: Flask,
    words: tuple[str | date, ...],
    capfd: pytest.CaptureFixture[str],
    but: set[str] = frozenset(),  # type: ignore[assignment]  # only read
) -> None:
    told = "".join(capfd.readouterr())
    assert "road.walked" in told, "the log is looked at"
    assert not traces.names(told, words)
    left = traces.file_traces(app, words, but=but)
    if but:  # the database file rightly holds the kept agreement
        left = [name for name in left if "test.db" not in name and not name.endswith("dump.sql")]
    assert left == []


def test_nothing_is_left_of_a_guardian_and_of_a_colleague(
    app: Flask, world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    walked = road.walk(app, world, signed=True)
    land, words = walked.land, (*road.OF_GUARDIAN, *road.OF_COLLEAGUE)
    with app.app_context(), time_machine.travel(LATER, tick=True):
        by = land.actor(Role.COORDINATOR)
        guardian, colleague = subjects.of_guardian(walked.guardian), subjects.of_account(walked.colleague)
        assert guardian is not None
        assert colleague is not None
        before = {trace.split(".")[0] for trace in traces.database_traces(words)}
        assert before >= {"legal_guardian", "user", "outbox_message", "agreement", "agreement_party"}
        for subject in (guardian, colleague):
            erasing.erase(subject, by=by)
        db.session.remove()
        rows, files = _kept_rows(list(db.session.scalars(select(Agreement.id).where(Agreement.signed_at.is_not(None)))))
        assert traces.database_traces(words, but=rows) == []
        student = db.session.get_one(Student, walked.student)
        assert student.full_name == f"{road.FIRST} {road.LAST}", "the child stays"
        db.session.remove()
    _assert_no_file(app, words, capfd, but=files)


def test_the_letters_of_a_site_without_a_mail_server_go_too(app: Flask, world: World) -> None:
    """Written to a folder, encoded: hers, her teacher's about her; another's stays."""
    walked = road.walk(app, world, signed=False)
    with app.app_context(), time_machine.travel(LATER, tick=True):
        delivery.drain()
        db.session.remove()
    folder = app.config["SETTINGS"].instance / "mail"
    before = {path.name for path in folder.glob("*.eml")}
    naming = {path.name for path in folder.glob("*.eml") if traces.names(path.read_bytes(), road.OF_STUDENT[:2])}
    assert naming
    assert naming < before
    with app.app_context(), time_machine.travel(LATER, tick=True):
        subject = subjects.of_student(walked.student)
        assert subject is not None
        erasing.erase(subject, by=None)
        db.session.remove()
    left = {path.name for path in folder.glob("*.eml")}
    assert not left & naming
    assert left
