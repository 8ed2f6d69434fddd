"""Why not that place, asked of a run that has been stored."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.allocation import gateway, queries
from app.allocation.models import MatchingRun
from app.allocation.rules import Parameters
from app.kernel.errors import Conflict, Hidden
from app.offers.models import Slot
from app.schools.models import Student


@dataclass(frozen=True, slots=True)
class Inquiry:
    """The answer, with the students it names and what decides it today."""

    slot: Slot
    answer: gateway.Answer
    holders: tuple[tuple[Student, gateway.Holder], ...]
    ban: queries.Ban | None
    seats: queries.Seats


def why_not(run: MatchingRun, student_id: int, slot_id: int, *, by: Actor) -> Inquiry:
    """Why this student is not in this slot according to this run. Reads only.

    Raises `Hidden` for a slot of another campaign, `Conflict` for a run too old to be questioned.
    """
    by.demand(Permission.RUN_VIEW, run)
    slot = queries.place_of(run.campaign_id, slot_id)
    if slot is None:
        raise Hidden(_("Cette place n’existe pas dans cette campagne."))
    record = queries.record_of(run.id)
    if record is None:
        raise Conflict(_("Ce calcul est trop ancien pour répondre. Lancez-en un nouveau."))
    asked, learnt = Parameters.from_stored(run.parameters), queries.weights_of(run)
    problem = queries.market(run.campaign, asked, run.previous_id, only={student_id}, weights=learnt)
    answer = gateway.why_not(record.market, record.solution, problem, str(student_id), str(slot_id))
    students = queries.students_by_id({int(holder.pupil) for holder in answer.holders})
    holders = tuple((students[int(h.pupil)], h) for h in answer.holders if int(h.pupil) in students)
    ban = queries.ban_on(run.campaign_id, student_id, slot_id)
    return Inquiry(slot, answer, holders, ban, queries.seats_of(slot))
