"""What this room hangs in the pages of rooms below: where the conventions are; nothing to who may not see them."""

from __future__ import annotations

from flask import g, render_template

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.agreements import queries, signatures
from app.agreements.queries import awaited
from app.agreements.states import LABELS
from app.schools.models import SchoolClass


def home(**_context: object) -> str:
    """On a home page: the signatures to give in every campaign, and how many conventions of this one wait.

    Nothing while there is none.
    """
    actor: Actor | None = g.get("actor")
    campaign = g.get("campaign")
    if actor is None or campaign is None or not actor.may(Permission.AGREEMENT_VIEW):
        return ""
    mine = signatures.number_to_sign(actor) if actor.role in {Role.HEAD, Role.TEACHER} else 0
    counts = queries.counts(actor, campaign.id)
    if not mine and not any(counts.values()):
        return ""
    return render_template("agreements/_home.html", mine=mine, counts=counts, labels=LABELS)


def to_sign(**_context: object) -> str:
    """To a student, where they look at their stage: the convention that waits for their signature."""
    return _awaiting_student("agreements/_to_sign.html")


def to_sign_first(**_context: object) -> str:
    """On a student's home, before everything else they may do."""
    return _awaiting_student("agreements/_to_sign_first.html")


def _awaiting_student(template: str) -> str:
    actor: Actor | None = g.get("actor")
    if actor is None or actor.role is not Role.STUDENT or actor.user_id is None:
        return ""
    parties = awaited.of_user(actor.user_id)
    return render_template(template, parties=parties) if parties else ""


def of_class(school_class: SchoolClass, **_context: object) -> str:
    """On the page of a class, for who prepares its conventions."""
    actor: Actor | None = g.get("actor")
    if actor is None or not actor.can(Permission.AGREEMENT_PREPARE, school_class):
        return ""
    return render_template(
        "agreements/_class_link.html",
        school_class=school_class,
        placed=queries.students_placed(school_class.id),
    )
