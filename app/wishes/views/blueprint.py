"""The blueprint, and the desk: whose journey a page shows, the student's own or the one a teacher types for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access.actor import Actor
from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.campaigns import rules as campaign_rules
from app.campaigns.models import Campaign
from app.campaigns.states import INTERESTS_EDITABLE, OFFERS_VISIBLE_TO_STUDENTS, Phase
from app.kernel import clock
from app.kernel.errors import Hidden
from app.schools import queries as school_queries
from app.schools.models import Student
from app.wishes import queries

bp = Blueprint("wishes", __name__)
V = TypeVar("V", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Desk:
    """A student, and who holds the pen."""

    actor: Actor
    student: Student
    campaign: Campaign
    by_staff: bool

    @property
    def wishes_open(self) -> bool:
        return campaign_rules.wishes_open(self.campaign, clock.today())

    @property
    def offers_visible(self) -> bool:
        return self.campaign.phase in OFFERS_VISIBLE_TO_STUDENTS

    @property
    def interests_open(self) -> bool:
        if self.campaign.phase is Phase.WISHES:
            return self.wishes_open
        return self.campaign.phase in INTERESTS_EDITABLE

    def url(self, name: str, **arguments: Any) -> str:
        """The address of a page of the journey, for this pen."""
        if self.by_staff:
            return url_for(f"wishes.{name}_for", student_id=self.student.id, **arguments)
        return url_for(f"wishes.{name}", **arguments)

    def to(self, name: str, **arguments: Any) -> Response:
        return redirect(self.url(name, **arguments), 303)

    def page(self, template: str, **context: Any) -> str:
        return render_template(template, desk=self, student=self.student, campaign=self.campaign, **context)


def desk(student_id: int | None) -> Desk:
    """The desk of this request. Without `student_id` it is the student's own; anybody else is turned away."""
    actor = current_actor()
    whose = actor.student_id if student_id is None else student_id
    if whose is None:
        raise Hidden(_("Cette page est celle d’un élève. Ouvrez une classe pour écrire à sa place."))
    student = school_queries.visible_student(actor, whose)
    return Desk(actor, student, queries.campaign_of(student), by_staff=actor.student_id is None)


def journey(own: str, name: str, permission: Permission, methods: tuple[str, ...] = ("GET",)) -> Callable[[V], V]:
    """Two addresses for one page: `own` for the student, `/eleves/<id>/…` for who types in their place."""
    staff = own.removeprefix("/mes-").removeprefix("/les-").removeprefix("/mon-")

    def declare(view: V) -> V:
        guarded = requires(permission)(view)
        bp.add_url_rule(own, name, guarded, methods=methods)
        bp.add_url_rule(f"/eleves/<int:student_id>/{staff}", f"{name}_for", guarded, methods=methods)
        return guarded

    return declare
