"""Who looked after a student: the tutor whom the agreement names, else the offer's, and the people of that place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.agreements.models import Agreement, AgreementHost, Party
from app.agreements.states import AgreementState, PartyRole
from app.hosts.models import HostMember
from app.kernel.database import db
from app.placements.models import Placement
from app.schools.models import Student


class Tutor(NamedTuple):
    email: str
    name: str
    title: str


def tutors_of(stages: Sequence[Placement]) -> dict[int, Tutor]:
    """Placement → its tutor: the one of the agreement signed last (else of the one being signed), else the offer's."""
    named = {stage.id: _of_offer(stage) for stage in stages}
    rows = db.session.execute(
        select(AgreementHost.placement_id, Party.email, Party.name, Party.title)
        .join(Party.agreement)
        .join(Party.host)
        .where(
            AgreementHost.placement_id.in_(sorted(named)),
            Party.role == PartyRole.TUTOR,
            Party.name != "",
            Agreement.state.in_([AgreementState.OPEN, AgreementState.SIGNED]),
        )
        .order_by(Agreement.state == AgreementState.SIGNED, Agreement.id)  # the last one read wins
    )
    named.update({placement_id: Tutor(email, name, title) for placement_id, email, name, title in rows})
    return named


def _of_offer(stage: Placement) -> Tutor:
    offer = stage.slot.offer
    return Tutor(offer.tutor_email, offer.tutor_name, offer.tutor_role)


def tutor_of(stage: Placement) -> Tutor:
    return tutors_of([stage])[stage.id]


def addresses(stage: Placement) -> list[Tutor]:
    """Who may answer for the structure about this stage, the tutor first, then the people of its place."""
    offer = stage.slot.offer
    members = db.session.scalars(
        select(HostMember)
        .options(joinedload(HostMember.user))
        .where(HostMember.organization_id == offer.organization_id)
        .order_by(HostMember.id)
    )
    tutor = tutor_of(stage)
    known = [tutor._replace(name=tutor.name or offer.organization.name)]
    known += [
        Tutor(m.user.email or "", m.user.display_name, m.job_title)
        for m in members
        if m.user.is_active and m.answers_at(offer.site_id)
    ]
    return [row for row in known if row.email]


def names_around(placement: Placement) -> list[str]:
    """Names which a sentence about this stage had better not hold: the class, the tutor, the people of the host."""
    offer = placement.slot.offer
    class_mates = db.session.execute(
        select(Student.first_name, Student.last_name).where(Student.class_id == placement.student.class_id)
    )
    members = db.session.scalars(
        select(HostMember)
        .options(joinedload(HostMember.user))
        .where(HostMember.organization_id == offer.organization_id)
    )
    return [
        offer.tutor_name,
        tutor_of(placement).name,
        *(name for row in class_mates for name in row),
        *(member.user.display_name for member in members),
    ]
