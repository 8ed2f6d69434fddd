"""The rights: asked on a page or by a family's link, counted in days, answered by a verb, told to the person."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta

import pypdfium2  # type: ignore[import-untyped]  # it ships no types
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.policy import Role
from app.allocation import queries as allocation
from app.allocation.rules import Parameters
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.kernel import clock
from app.kernel.database import db
from app.kernel.errors import Conflict, Forbidden, Hidden, IllegalTransition, Invalid
from app.kernel.holdings import all_holdings
from app.messaging.models import OutboxMessage
from app.messaging.states import DeliveryState
from app.privacy import register, rules
from app.privacy.queries import requests, subjects
from app.privacy.services import answering, asking, showing
from app.privacy.states import RequestState, Right
from app.schools.models import LegalGuardian, Student
from tests.agreements import papers
from tests.conftest import NOVEMBER
from tests.feedback.conftest import SECRET
from tests.journeys import full
from tests.privacy.rights import asked, draft
from tests.world import Land, World

S = RequestState


@pytest.mark.parametrize(
    ("day", "last", "longer"),
    [
        (date(2026, 11, 23), date(2026, 12, 23), date(2027, 2, 23)),
        (date(2027, 1, 31), date(2027, 2, 28), date(2027, 4, 30)),
        (date(2026, 12, 31), date(2027, 1, 31), date(2027, 3, 31)),
    ],
)
def test_a_month_and_two_more(day: date, last: date, longer: date) -> None:
    assert (rules.due(day), rules.extended(day)) == (last, longer)
    assert rules.days_left(last, last + timedelta(days=2)) == -2


@pytest.mark.both_engines
def test_a_request_is_told_once_and_answered_once(context: Flask, world: World) -> None:
    land = world.here
    row = asked(land, Right.OBJECTION, "Je préfère chercher avec ma tante")
    assert asked(land, Right.OBJECTION).id == row.id, "the same form sent twice"
    assert (row.state, row.due_on) == (S.ASKED, date(2026, 12, 23))
    mail = db.session.scalars(select(OutboxMessage)).one()
    assert (mail.kind, mail.to_email) == ("privacy_asked", "coordinator1@passerelle.example")
    assert "Lina" not in mail.text, "no name leaves the house"
    coordinator = land.actor(Role.COORDINATOR)
    for other in (land.actor(Role.HEAD), land.actor(Role.STUDENT)):
        with pytest.raises(Forbidden):
            answering.answer(row, "oui", by=other)
    with pytest.raises(Hidden):
        requests.visible_request(world.there.actor(Role.COORDINATOR), row.id)
    answering.answer(row, "C’est noté.", by=coordinator)
    answering.answer(row, "C’est noté.", by=coordinator)
    with pytest.raises(IllegalTransition):
        answering.refuse(row, "non", by=coordinator)
    assert requests.opposed(land.campaign_id) == {land.student_id}
    assert requests.opposed(world.there.campaign_id) == set()


def test_who_opposes_the_calculation_is_in_no_calculation(context: Flask, client: FlaskClient, world: World) -> None:
    land = world.here
    campaign = db.session.get_one(Campaign, land.campaign_id)
    campaign.phase = Phase.DECISIONS
    db.session.commit()

    def pupils() -> set[str]:
        return {pupil.id for pupil in allocation.market(campaign, Parameters()).pupils}

    assert str(land.student_id) in pupils()
    answering.answer(asked(land, Right.OBJECTION), "Oui.", by=land.actor(Role.COORDINATOR))
    assert str(land.student_id) not in pupils()
    assert [student.id for student in requests.to_place_by_hand(land.campaign_id)] == [land.student_id]
    page = world.sign_in(client, Role.COORDINATOR).get("/tableau-de-bord").get_data(as_text=True)
    assert "Lina Wojcik" in page, "nobody is forgotten"
    papers.place(land)
    assert requests.to_place_by_hand(land.campaign_id) == []
    assert str(land.student_ids[1]) in pupils()


def test_only_about_oneself_and_not_without_end(context: Flask, world: World) -> None:
    land = world.here
    with pytest.raises(Forbidden):
        asking.ask(draft(land, Right.ERASURE), by=land.actor(Role.TEACHER))
    with pytest.raises(Invalid):
        asked(land, Right.RECTIFICATION)
    for number in range(rules.MOST_OPEN):
        asked(land, Right.ERASURE, key=f"many-{number}")
    with pytest.raises(Conflict, match="attendent déjà"):
        asked(land, Right.ERASURE, key="one more")
    row = requests.of_user(land.users[Role.STUDENT])[0]
    with pytest.raises(Hidden):
        asking.withdraw(row, by=land.actor(Role.TEACHER))
    asking.withdraw(row, by=land.actor(Role.STUDENT))
    assert row.state is S.WITHDRAWN


@pytest.mark.both_engines
def test_a_correction_is_made_and_counted(context: Flask, world: World) -> None:
    land, by = world.here, world.here.actor(Role.COORDINATOR)
    row = asked(land, Right.RECTIFICATION, "Mon nom prend un accent")
    with pytest.raises(Invalid):
        answering.answer(row, "", by=by)
    assert row.state is S.ASKED
    with pytest.raises(Invalid):
        answering.answer(row, "", by=by, corrections=rules.Corrections({"birth_date": "demain"}))
    values = {"last_name": "Wójcik", "first_name": "Lina", "birth_date": "2012-05-04"}
    answering.answer(row, "Corrigé.", by=by, corrections=rules.Corrections(values))
    student = db.session.get_one(Student, land.student_id)
    assert (student.last_name, student.birth_date) == ("Wójcik", date(2012, 5, 4))
    assert row.counts == {"student.last_name": 1, "student.birth_date": 1}
    assert [guardian.name for guardian in student.guardians] == ["Anna Wojcik"], "the family's sheet is untouched"


def test_more_time_once_and_in_time(context: Flask, world: World) -> None:
    land, by = world.here, world.here.actor(Role.COORDINATOR)
    row, late = asked(land, Right.ERASURE), asked(land, Right.OBJECTION, key="k2")
    with pytest.raises(Invalid):
        answering.extend(row, " ", by=by)
    answering.extend(row, "Le collège doit confirmer.", by=by)
    answering.extend(row, "Encore.", by=by)
    assert (row.due_on, row.extension_reason) == (date(2027, 2, 23), "Le collège doit confirmer.")
    with (
        time_machine.travel(NOVEMBER + timedelta(days=40), tick=True),
        pytest.raises(Conflict, match="délai est passé"),
    ):
        answering.extend(late, "Trop tard.", by=by)


@pytest.mark.both_engines
def test_an_erasure_answers_and_the_last_mail_goes_away(context: Flask, world: World) -> None:
    land, by = world.here, world.here.actor(Role.COORDINATOR)
    guardian = db.session.get_one(LegalGuardian, land.guardian_id)
    row = asking.ask(
        draft(land, Right.ERASURE, user_id=None, guardian_id=guardian.id, asked_by="Anna Wojcik", how="link"),
        by=_family(land).actor,
    )
    done = answering.answer(row, "", by=by)
    assert done is not None
    assert done.counts["legal_guardian"] == 1
    assert subjects.of_student(land.student_id) is None
    assert (row.state, row.asked_by, row.words) == (S.ANSWERED, "", "")
    last = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "privacy_erased")).one()
    assert (last.to_email, last.to_name) == ("famille1@mail.example", "")
    answering.forget_last_mails()
    assert db.session.get(OutboxMessage, last.id) is not None, "it has still to leave"
    last.state = DeliveryState.SENT
    db.session.commit()
    number = last.id
    answering.forget_last_mails()
    assert db.session.get(OutboxMessage, number) is None


def _family(land: Land) -> asking.Family:
    from app.access.actor import Actor

    actor = Actor(Role.GUARDIAN, "Anna Wojcik", territory_id=land.territory_id, student_id=land.student_id)
    return asking.Family(actor, land.student_id, land.guardian_id, "Anna Wojcik")


def test_a_file_holds_every_room_and_the_diary_only_for_its_author(app: Flask, world: World) -> None:
    land = full.fill(app, world.here).land
    with app.app_context(), time_machine.travel(full.EVENING, tick=True):
        from app.feedback import services as feedback
        from app.placements.models import Placement

        placement = db.session.scalars(select(Placement).where(Placement.student_id == land.student_id)).first()
        assert placement is not None
        feedback.write_page(placement, 1, {"seen": SECRET}, by=land.actor(Role.STUDENT))
        own = showing.gather(asking.own_subject(land.actor(Role.STUDENT)))
        assert {part.room for part in own.parts} >= {
            "accounts",
            "schools",
            "wishes",
            "allocation",
            "placements",
            "agreements",
            "feedback",
        }
        told = json.loads(showing.as_json(own))
        assert told["format"] == showing.FORMAT
        fields = {v["field"] for room in told["rooms"] for s in room["sections"] for v in s["values"]}
        assert {
            "student.last_name",
            "interest_profile.text",
            "placement_proposal.reasons",
            "agreement.content",
        } <= fields
        assert SECRET in json.dumps(told, ensure_ascii=False)
        others = subjects.of_student(land.student_id)
        assert others is not None
        assert SECRET not in showing.as_json(showing.gather(others)).decode()
        assert "Enzo" not in showing.as_json(own).decode(), "nobody else is in it"
        pdf = showing.as_pdf(own)
        document = pypdfium2.PdfDocument(io.BytesIO(pdf))
        text = "".join(document[n].get_textpage().get_text_bounded() for n in range(len(document)))
        document.close()
        assert "Wojcik" in text
        assert SECRET.split()[-1] in text
        assert b"/StructTreeRoot" in pdf
        teacher = showing.gather(asking.own_subject(land.actor(Role.TEACHER)))
        assert {part.room for part in teacher.parts} >= {"accounts", "schools", "audit"}


def test_each_declared_column_is_shown_or_excused(context: Flask) -> None:
    shown = {
        f"{table}.{column}" for holding in all_holdings() for table, known in holding.labels.items() for column in known
    }
    declared = {f"{entry.table}.{entry.column}" for entry in register.entries() if entry.category != "security"}
    assert declared - shown == {
        "agreement_batch.refusals",  # what an agreement lacked, for a day; the agreement itself is shown
        "journal_entry.details",  # numbers beside a verb, which is shown
        "outbox_message.dedupe_key",  # the address again
        "outbox_message.html",  # the text again
        "outbox_message.url",  # opens a page for its addressee alone
        "run_record.market",  # a whole calculation, by numbers; the proposals say what it found
        "run_record.solution",
        "signing_code.used_from",  # kept a day, then in the proofs
    }


def test_the_clock_says_when_a_request_is_late(context: Flask, world: World) -> None:
    row = asked(world.here, Right.ERASURE)
    with time_machine.travel(NOVEMBER + timedelta(days=35), tick=True):
        assert rules.days_left(row.due_on, clock.today()) < 0
