"""The coordinator's repair: what was lost, the chain that mends it, and the word that accepts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.access.actor import Actor
from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.kernel.errors import Conflict, Hidden, Invalid, PhaseClosed
from app.placements.repair_forms import AcceptForm
from app.placements.repair_rules import Cause, Choice, Figures, Link, Loss, chains
from app.placements.services import repairing
from app.placements.services.repairing import Plan
from app.placements.views.blueprint import bp
from app.wishes import queries as wish_queries


@dataclass(frozen=True, slots=True)
class Shown:
    """One way to mend, as the page draws it."""

    choice: Choice
    chains: list[tuple[Link, ...]]
    figures: Figures
    left: list[int]
    families: int
    classes: int
    structures: int


@bp.get("/reparation")
@requires(Permission.PLACEMENT_MANAGE)
def repair() -> ResponseReturnValue:
    return _page(current_actor(), _loss(), AcceptForm())


@bp.post("/reparation")
@requires(Permission.PLACEMENT_MANAGE)
def accept_repair() -> ResponseReturnValue:
    actor, loss, form = current_actor(), _loss(), AcceptForm()
    campaign_id = _campaign_id()
    if not form.validate():
        return _page(actor, loss, form), 422
    try:
        done = repairing.accept(
            campaign_id,
            loss,
            Choice(form.choice.data),
            form.digest.data or "",
            form.reason.data or "",
            by=actor,
        )
    except Invalid as error:
        form.take(error)
        return _page(actor, loss, form), 422
    except PhaseClosed:
        raise
    except Conflict as error:
        flash(error.message, "warning")
        try:
            return _page(actor, loss, AcceptForm(formdata=None)), 409
        except Hidden:  # what was to be repaired is no longer there
            return _page(actor, Loss(Cause.UNDONE), AcceptForm(formdata=None)), 409
    flash(
        ngettext(
            "C’est fait : un élève a une nouvelle place. Seules les personnes concernées sont prévenues.",
            "C’est fait : %(num)s élèves ont une nouvelle place. Seules les personnes concernées sont prévenues.",
            done,
        )
        if done
        else _("C’est fait. Seules les personnes concernées sont prévenues."),
        "success",
    )
    return redirect(url_for("placements.repair"), 303)


def _campaign_id() -> int:
    if g.campaign is None:
        raise Hidden(_("Il n’y a pas encore de campagne sur ce territoire."))
    return int(g.campaign.id)


def _loss() -> Loss:
    """What the address says was lost; without anything, everybody whose placement came to nothing."""
    cause = request.args.get("perte", "")
    number, monday = request.args.get("numero", "0"), request.args.get("lundi", "")
    if cause and cause not in set(Cause):
        raise Hidden(_("Cette page n’existe pas."))
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Hidden(_("Cette page n’existe pas."))
    if monday:
        try:
            monday = date.fromisoformat(monday).isoformat()
        except ValueError:
            raise Hidden(_("Cette page n’existe pas.")) from None
    return Loss(Cause(cause) if cause else Cause.UNDONE, int(number), monday)


def _page(actor: Actor, loss: Loss, form: AcceptForm) -> str:
    plan = repairing.plan(_campaign_id(), loss, by=actor)
    wishes = wish_queries.ranked_offers(list(plan.students))
    return render_template(
        "placements/repair.html",
        plan=plan,
        loss=loss,
        shown=[_shown(plan, choice) for choice in plan.choices],
        form=form,
        ranks={student: {offer: rank for rank, offer in enumerate(offers, 1)} for student, offers in wishes.items()},
        arguments={"perte": loss.cause.value, "numero": loss.object_id, "lundi": loss.monday or None},
    )


def _shown(plan: Plan, choice: Choice) -> Shown:
    way = plan.way(choice)
    concerned = set(way.moves) | {row.student_id for row in plan.damage.undone}
    students = [plan.students[student] for student in concerned]
    slots = {after for _before, after in way.moves.values()} | {plan.held[s] for s in concerned if s in plan.held}
    return Shown(
        choice=choice,
        chains=chains(way.moves),
        figures=plan.figures(choice),
        left=[student for student in way.left if student in plan.damage.hit],
        families=sum(any(guardian.email for guardian in student.guardians) for student in students),
        classes=len({student.class_id for student in students}),
        structures=len({plan.slots[slot].offer.organization_id for slot in slots}),
    )
