"""HTTP of delegations: a head says in writing who signs for them, from when to when."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.agreements.forms_signing import DelegationForm
from app.agreements.queries import delegations as given
from app.agreements.services import delegating
from app.agreements.views.blueprint import bp
from app.kernel import clock
from app.kernel.errors import Conflict, Invalid
from app.schools import queries as school_queries
from app.schools.models import School


def _own_school() -> School:
    """The school that the head speaks for."""
    found = school_queries.schools(current_actor())
    if not found:
        raise Conflict(_("Votre compte n’est rattaché à aucun collège. Écrivez à la coordination."))
    return found[0]


def _page(form: DelegationForm) -> str:
    actor = current_actor()
    school = _own_school()
    form.delegate.choices = [
        (member.user_id, member.user.display_name)
        for member in given.staff(school.id)
        if member.user_id != actor.user_id and member.user.is_active
    ]
    return render_template(
        "agreements/delegations.html",
        form=form,
        school=school,
        delegations=given.visible_to(actor),
        today=clock.today(),
    )


@bp.get("/delegations")
@requires(Permission.AGREEMENT_DELEGATE)
def delegations() -> ResponseReturnValue:
    today = clock.today()
    return _page(DelegationForm(formdata=None, decided_on=today, first_day=today))


@bp.post("/delegations")
@requires(Permission.AGREEMENT_DELEGATE)
def delegate() -> ResponseReturnValue:
    form = DelegationForm()
    if form.validate():
        try:
            delegating.delegate(_own_school(), form.to_draft(), by=current_actor())
        except Invalid as error:
            form.take(error)
        else:
            flash(_("La délégation est enregistrée. La personne est prévenue."), "success")
            return redirect(url_for("agreements.delegations"), 303)
    return _page(form), 422


@bp.post("/delegations/<int:delegation_id>/terminer")
@requires(Permission.AGREEMENT_DELEGATE)
def end_delegation(delegation_id: int) -> ResponseReturnValue:
    actor = current_actor()
    delegating.end(given.visible_delegation(actor, delegation_id), by=actor)
    flash(_("La délégation est terminée. Ce qui a été signé reste signé."), "success")
    return redirect(url_for("agreements.delegations"), 303)
