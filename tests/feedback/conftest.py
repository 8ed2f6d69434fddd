"""The small world after a stage: Lina and Enzo have been at the ressourcerie, it is the evening of the last day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import pytest
import time_machine
from flask import Flask

from app.accounts.models import User
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.feedback.rules import Again, Recommend, Skill, StudentDraft, TutorDraft
from app.kernel.clock import PARIS
from app.kernel.database import db
from app.offers.models import PlacementOffer, Slot
from app.placements.models import Placement, PlacementAnswer
from app.placements.states import Answer, Medium, PlacementState, Side
from app.schools.models import Student
from tests.world import Land, World, add

MONDAY, FRIDAY = date(2027, 1, 25), date(2027, 1, 29)
EVENING = datetime(2027, 1, 29, 18, 0, tzinfo=PARIS)
SECRET = "Je garde pour moi la couleur du ciel au-dessus du terril"


@pytest.fixture
def clock_hand(a_day_of_november: None) -> Iterator[time_machine.Traveller]:
    """The clock, on the evening of the last day; `move_to` turns it."""
    with time_machine.travel(EVENING, tick=True) as hand:
        yield hand


@dataclass
class Stages:
    """Identifiers of the stages: Lina's, Enzo's (same week), and one in the other territory."""

    lina: int
    enzo: int
    there: int
    enzo_user: int

    @staticmethod
    def of(placement_id: int) -> Placement:
        placement = db.session.get(Placement, placement_id)
        assert placement is not None
        return placement


def place(land: Land, student_id: int, slot_id: int, state: PlacementState = PlacementState.COMPLETED) -> Placement:
    """A student in a slot, the structure having said yes a day after being told."""
    told, said = (datetime(2027, 1, day, 9, tzinfo=PARIS) for day in (4, 5))
    placement = Placement(
        territory_id=land.territory_id,
        campaign_id=land.campaign_id,
        student_id=student_id,
        slot_id=slot_id,
        state=state,
        host_answer=Answer.YES,
        host_answered_at=said,
        published_at=told,
        answers=[PlacementAnswer(side=Side.HOST, value=Answer.YES, medium=Medium.LINK, at=said)],
    )
    add(placement)
    return placement


@pytest.fixture
def stages(app: Flask, world: World, clock_hand: object) -> Stages:
    with app.app_context():
        made = []
        for land in (world.here, world.there):
            campaign = db.session.get(Campaign, land.campaign_id)
            slot = db.session.get(Slot, land.slot_ids[0])
            offer = db.session.get(PlacementOffer, land.offer_id)
            assert campaign is not None
            assert slot is not None
            assert offer is not None
            campaign.phase, slot.capacity, slot.taken = Phase.UNDER_WAY, 3, 2
            offer.tutor_email = "karim@ressourcerie.example"
            made += [place(land, student_id, slot.id).id for student_id in land.student_ids[:2]]
        enzo = db.session.get(Student, world.here.student_ids[1])
        assert enzo is not None
        found = Stages(lina=made[0], enzo=made[1], there=made[2], enzo_user=enzo.user_id)
        db.session.commit()
        db.session.remove()
    return found


def user(user_id: int) -> User:
    found = db.session.get(User, user_id)
    assert found is not None
    return found


SAID = StudentDraft(
    fit=4, discovered=("new_job", "tools", "job:I1619"), words="Remonter un dérailleur.", recommend=Recommend.YES
)
SEEN = TutorDraft(
    skills={Skill.OBSERVE: 3, Skill.COMMUNICATE: 1, Skill.UNDERSTAND: 2, Skill.ENGAGE: 0},
    encouragement="Vos mains vont vite, gardez cette envie.",
    again=Again.YES,
    why="",
)
FORM = {"fit": "4", "discovered": ["new_job", "tools", "job:I1619"], "words": "Un atelier.", "recommend": "yes"}
TUTOR_FORM = {
    "observe": "3",
    "communicate": "1",
    "understand": "2",
    "engage": "0",
    "encouragement": "Gardez cette envie.",
    "again": "yes",
}
