"""The blueprint, whose stage a page is about, and who holds a tutor's link."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, request
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor
from app.access.policy import Permission, Role
from app.feedback import links, words
from app.feedback.queries import stages, welcoming
from app.kernel.errors import Hidden
from app.placements.models import Placement
from app.web import looked

bp = Blueprint("feedback", __name__)
words.install(bp)


def own_student() -> tuple[Actor, list[Placement]]:
    """The student who asks, and their stages, the latest first."""
    actor = current_actor()
    if actor.student_id is None:
        raise Hidden(_("Cette page est celle des élèves."))
    return actor, stages.of_student(actor)


def chosen(found: list[Placement]) -> Placement | None:
    """The stage of `?stage=`, else the latest: a student may have had several structures."""
    wanted = request.values.get("stage", type=int)
    return next((stage for stage in found if stage.id == wanted), found[0] if found else None)


@dataclass(frozen=True, slots=True)
class Welcomer:
    """Somebody of the structure about one stage: from an account, or by a personal link (`token`)."""

    actor: Actor
    placement: Placement
    token: str | None = None
    title: str = ""

    @property
    def name(self) -> str:
        return self.actor.display_name


def by_link(token: str) -> Welcomer:
    """Who holds this link. Raises `Hidden`, with a sentence that says what to do."""
    known = links.read(token)
    placement = stages.stage(known[0]) if known else None
    if known is None or placement is None:
        raise Hidden(_("Ce lien n’est plus bon. Écrivez à la coordination : elle vous en enverra un autre."))
    offer = placement.slot.offer
    people = {
        links.mark_of(address): (name, title) for address, name, title in reversed(welcoming.addresses(placement))
    }
    if known[1] not in people:
        raise Hidden(_("Ce lien n’est plus bon : l’adresse de la personne qui accueille a changé."))
    name, title = people[known[1]]
    actor = Actor(
        role=Role.HOST,
        display_name=name,
        territory_id=placement.territory_id,
        organization_ids=frozenset({offer.organization_id}),
    )
    looked.at([placement.student_id], placement.territory_id, "after", by=actor)
    return Welcomer(actor, placement, token, title)


def by_account(placement_id: int) -> Welcomer:
    actor = current_actor()
    if actor.role is not Role.HOST:
        raise Hidden(_("Cette page est celle de la structure."))
    placement = stages.visible_stage(actor, Permission.FEEDBACK_GIVE, placement_id)
    return Welcomer(actor, placement, title=stages.job_title(actor, placement))
