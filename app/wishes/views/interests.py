""" "Mes envies", in three short steps; each is kept as soon as it is sent."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.policy import Permission
from app.campaigns import queries as campaign_queries
from app.kernel.errors import Invalid
from app.occupations import reference
from app.wishes import queries, services
from app.wishes.forms import ConditionsForm, TastesForm, TravelForm
from app.wishes.rules import MAX_AVOID_TEXT, MAX_INTERESTS, MAX_TEXT
from app.wishes.views.blueprint import Desk, desk, journey

STEPS = 3


@journey("/mes-envies", "interests", Permission.WISH_EDIT, ("GET", "POST"))
def interests(student_id: int | None = None) -> ResponseReturnValue:
    here = desk(student_id)
    step = request.args.get("etape", 1, type=int)
    step = step if 1 <= step <= STEPS else 1
    profile = queries.profile_of(here.student.id)
    communes = campaign_queries.communes(here.student.territory_id) if step == STEPS else []
    form: TastesForm | ConditionsForm | TravelForm
    if step == 1:
        form = TastesForm.over(profile)
    elif step == 2:
        form = ConditionsForm.over(profile)
    else:
        form = TravelForm.over(profile, communes)
    if form.validate_on_submit():
        try:
            _save(here, form)
        except Invalid as error:
            form.take(error)
        else:
            return _onwards(here, step)
    page = here.page(
        "wishes/interests.html",
        form=form,
        step=step,
        steps=STEPS,
        profile=profile,
        max_interests=MAX_INTERESTS,
        max_text=MAX_TEXT,
        max_avoid_text=MAX_AVOID_TEXT,
        interest_pictograms={i.code: i.pictogram for i in reference.interests().values()},
        condition_pictograms={c.code: c.pictogram for c in reference.conditions().values()},
    )
    return page, 422 if form.errors or form.form_errors else 200


def _save(here: Desk, form: TastesForm | ConditionsForm | TravelForm) -> None:
    if isinstance(form, TastesForm):
        services.save_tastes(here.student, form.to_draft(), by=here.actor)
    elif isinstance(form, ConditionsForm):
        services.save_conditions(here.student, form.to_draft(), by=here.actor)
    else:
        services.save_travel(here.student, form.to_draft(), by=here.actor)


def _onwards(here: Desk, step: int) -> ResponseReturnValue:
    if request.form.get("then") != "stop" and step < STEPS:
        return here.to("interests", etape=step + 1)
    if here.by_staff:
        flash(_("Les envies de %(name)s sont enregistrées.", name=here.student.first_name), "success")
        return redirect(url_for("wishes.student", student_id=here.student.id), 303)
    if request.form.get("then") != "stop" and here.offers_visible:
        flash(_("C’est noté. Voici les offres, celles qui te vont le mieux d’abord."), "success")
        return here.to("offers")
    flash(_("C’est noté. Tu peux y revenir quand tu veux."), "success")
    return here.to("home")
