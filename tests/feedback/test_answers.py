"""What a student and a tutor say: once, changed within two weeks, then closed; told to the matcher; on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.access.policy import Role
from app.allocation.models import FitFeedback
from app.audit.models import JournalEntry
from app.feedback import services
from app.feedback.models import FeedbackRequest, StudentFeedback, TutorFeedback
from app.feedback.rules import Again, Skill
from app.kernel.database import db
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.messaging.models import OutboxMessage
from app.placements.states import PlacementState
from tests.feedback.conftest import EVENING, SAID, SEEN, Stages
from tests.world import World

pytestmark = pytest.mark.both_engines


def test_said_twice_it_is_said_once_and_the_matcher_learns(context: Flask, world: World, stages: Stages) -> None:
    lina = world.here.actor(Role.STUDENT)
    first = services.answer(stages.of(stages.lina), SAID, by=lina)
    again = services.answer(stages.of(stages.lina), SAID, by=lina)
    assert (first.id, first.updated_at) == (again.id, again.updated_at)
    assert db.session.scalar(select(func.count(StudentFeedback.id))) == 1
    assert db.session.scalars(select(FitFeedback.fit)).all() == [4]
    services.answer(stages.of(stages.lina), replace(SAID, fit=2), by=lina)
    assert db.session.scalars(select(FitFeedback.fit)).all() == [2]


def test_two_weeks_to_change_ones_mind(
    context: Flask, world: World, stages: Stages, clock_hand: time_machine.Traveller
) -> None:
    lina, host = world.here.actor(Role.STUDENT), world.here.actor(Role.HOST)
    services.answer(stages.of(stages.lina), SAID, by=lina)
    services.answer_as_tutor(stages.of(stages.lina), SEEN, by=host)
    clock_hand.move_to(EVENING + timedelta(days=13, hours=23))
    services.answer(stages.of(stages.lina), replace(SAID, fit=5), by=lina)
    clock_hand.move_to(EVENING + timedelta(days=14, minutes=1))
    with pytest.raises(Conflict):
        services.answer(stages.of(stages.lina), SAID, by=lina)
    with pytest.raises(Conflict):
        services.answer_as_tutor(stages.of(stages.lina), replace(SEEN, again=Again.NEXT_YEAR), by=host)
    assert db.session.scalars(select(StudentFeedback.fit)).all() == [5]


def test_nothing_before_the_last_day(
    context: Flask, world: World, stages: Stages, clock_hand: time_machine.Traveller
) -> None:
    stages.of(stages.lina).state = PlacementState.UNDER_WAY
    db.session.commit()
    clock_hand.move_to(EVENING - timedelta(days=1))
    with pytest.raises(Conflict, match="dernier jour"):
        services.answer(stages.of(stages.lina), SAID, by=world.here.actor(Role.STUDENT))
    clock_hand.move_to(EVENING)
    services.answer(stages.of(stages.lina), SAID, by=world.here.actor(Role.STUDENT))


@pytest.mark.parametrize(
    ("role", "verb", "draft"),
    [
        (Role.HOST, services.answer, SAID),
        (Role.STUDENT, services.answer_as_tutor, SEEN),
        (Role.TEACHER, services.answer, SAID),
        (Role.COORDINATOR, services.answer_as_tutor, SEEN),
    ],
)
def test_nobody_answers_for_another(
    context: Flask, world: World, stages: Stages, role: Role, verb: object, draft: object
) -> None:
    with pytest.raises(Forbidden):
        verb(stages.of(stages.lina), draft, by=world.here.actor(role))  # type: ignore[operator]  # one of two verbs
    with pytest.raises(Forbidden):
        services.answer(stages.of(stages.enzo), SAID, by=world.here.actor(Role.STUDENT))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fit": None}, "fit"),
        ({"fit": 9}, "fit"),
        ({"discovered": ("new_job", "tools")}, "discovered"),
        ({"discovered": ("new_job", "tools", "job:Z9999")}, "discovered"),
        ({"discovered": ("new_job",) * 3}, "discovered"),
        ({"words": "x" * 301}, "words"),
        ({"words": "J’ai eu une crise d’asthme."}, "words"),
        ({"words": "Enzo était là."}, "words"),
        ({"recommend": None}, "recommend"),
    ],
)
def test_each_refusal_names_its_field(
    context: Flask, world: World, stages: Stages, change: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        services.answer(stages.of(stages.lina), replace(SAID, **change), by=world.here.actor(Role.STUDENT))  # type: ignore[arg-type]  # any change
    assert set(refused.value.fields) == {field}
    assert db.session.scalar(select(func.count(StudentFeedback.id))) == 0


def test_a_sentence_reread_is_kept(context: Flask, world: World, stages: Stages) -> None:
    draft = replace(SAID, words="Les malades sourient.", reread=True)
    assert services.answer(stages.of(stages.lina), draft, by=world.here.actor(Role.STUDENT)).words == draft.words


def test_a_tutor_who_says_no_says_what_would_help(context: Flask, world: World, stages: Stages) -> None:
    host = world.here.actor(Role.HOST)
    with pytest.raises(Invalid) as refused:
        services.answer_as_tutor(stages.of(stages.lina), replace(SEEN, again=Again.NO), by=host)
    assert set(refused.value.fields) == {"why"}
    with pytest.raises(Invalid) as refused:
        services.answer_as_tutor(stages.of(stages.lina), replace(SEEN, skills={Skill.OBSERVE: 3}), by=host)
    assert set(refused.value.fields) == {"communicate", "understand", "engage"}
    said = services.answer_as_tutor(
        stages.of(stages.lina), replace(SEEN, again=Again.NO, why="Un rythme plus calme."), by=host
    )
    assert said.skills == {Skill.OBSERVE: 3, Skill.COMMUNICATE: 1, Skill.UNDERSTAND: 2, Skill.ENGAGE: None}


def test_one_mail_for_the_students_of_a_week(context: Flask, world: World, stages: Stages) -> None:
    assert services.ask_tutors() == 2  # one a territory
    assert services.ask_tutors() == 0
    here = db.session.scalars(select(OutboxMessage).where(OutboxMessage.territory_id == world.here.territory_id)).one()
    assert here.to_email == "karim@ressourcerie.example"
    assert "Lina" in here.text
    assert "Enzo" in here.text
    assert "Wojcik" not in here.text
    assert "Delattre" not in here.text
    assert here.text.count("/avis-tuteur/") == 1  # one action
    assert db.session.scalar(select(func.count(FeedbackRequest.id))) == 4


def test_a_tutor_who_was_quicker_is_not_asked(context: Flask, world: World, stages: Stages) -> None:
    for placement_id in (stages.lina, stages.enzo):
        services.answer_as_tutor(stages.of(placement_id), SEEN, by=world.here.actor(Role.HOST))
    services.ask_tutors()
    assert db.session.scalars(select(OutboxMessage.territory_id)).all() == [world.there.territory_id]


def test_the_journal_tells_that_something_was_said_and_not_what(context: Flask, world: World, stages: Stages) -> None:
    services.answer(stages.of(stages.lina), SAID, by=world.here.actor(Role.STUDENT))
    services.answer_as_tutor(stages.of(stages.lina), SEEN, by=world.here.actor(Role.HOST))
    lines = db.session.scalars(select(JournalEntry).where(JournalEntry.action.startswith("feedback."))).all()
    assert {"feedback.student", "feedback.tutor"} <= {line.action for line in lines}
    assert "dérailleur" not in str([(line.reason, line.details) for line in lines])
    assert db.session.scalar(select(func.count(TutorFeedback.id))) == 1
