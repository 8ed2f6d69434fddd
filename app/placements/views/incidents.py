"""The structure's alert buttons, and the school's pages of an absence or an accident."""

from __future__ import annotations

import secrets
from datetime import datetime

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, public, requires
from app.access.policy import Permission, Role
from app.kernel import clock
from app.kernel.errors import Hidden, Invalid
from app.placements import declaring, hours, queries
from app.placements.queries import stage
from app.placements.services import incidents
from app.placements.stage_forms import AlertForm, FactsForm
from app.placements.stage_models import Accident
from app.placements.stage_rules import deadline
from app.placements.views.answering import among, host_guest, host_page
from app.placements.views.blueprint import bp
from app.regulations.gateway import public_holiday


@bp.get("/stages/<int:placement_id>/alerte")
@requires(Permission.PLACEMENT_REPORT)
def alert(placement_id: int) -> ResponseReturnValue:
    """The structure's page for a bad morning: two large buttons, the right numbers."""
    placement = stage.told(current_actor(), placement_id)
    today = clock.today()
    return render_template(
        "placements/incident_alert.html",
        placement=placement,
        territory=stage.territory(placement.territory_id),
        happening=placement.state in stage.HAPPENING and today in hours.of(placement).dates,
        first_day=next(iter(hours.of(placement).dates), None),
        absence=stage.absence_of(placement.id, today),
        accidents=stage.accidents_of(placement.id),
        form=AlertForm(request_key=secrets.token_hex(16)),
    )


@bp.post("/stages/<int:placement_id>/absence")
@requires(Permission.PLACEMENT_REPORT)
def report_absence(placement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    incidents.report_absence(stage.told(actor, placement_id), by=actor)
    flash(_("Le collège et la coordination sont prévenus. Si vous pouvez, appelez aussi le collège."), "success")
    return redirect(url_for("placements.alert", placement_id=placement_id), 303)


@bp.post("/stages/<int:placement_id>/arrivee")
@requires(Permission.PLACEMENT_REPORT)
def report_arrival(placement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    incidents.report_arrival(stage.told(actor, placement_id), by=actor)
    flash(_("C’est noté : le collège sait que l’élève est là."), "success")
    return redirect(url_for("placements.alert", placement_id=placement_id), 303)


@bp.post("/accueil/<token>/alerte")
@public("a structure without account says that a student is missing, has come, or is hurt; the school is told at once")
def alert_by_link(token: str) -> ResponseReturnValue:
    guest = host_guest(token)
    if guest.expired:
        return host_page(token, guest)
    placement = among(queries.of_offer(guest.offer.id), request.form.get("placement_id", type=int))
    said = _("Le collège et la coordination sont prévenus. Si vous pouvez, appelez aussi le collège.")
    match request.form.get("what"):
        case "absence":
            incidents.report_absence(placement, by=guest.actor)
        case "arrival":
            incidents.report_arrival(placement, by=guest.actor)
            said = _("C’est noté : le collège sait que l’élève est là.")
        case "accident":
            incidents.report_accident_by_link(placement, by=guest.actor)
        case _:
            raise Hidden(_("Cette page n’existe pas."))
    flash(said, "success")
    return redirect(url_for("placements.host_answers", token=token), 303)


@bp.post("/absences/<int:absence_id>/vue")
@requires(Permission.PLACEMENT_FOLLOW)
def see_absence(absence_id: int) -> ResponseReturnValue:
    actor = current_actor()
    incidents.acknowledge_absence(stage.absence(actor, absence_id).id, by=actor)
    flash(_("La structure voit que vous vous en occupez."), "success")
    return redirect(url_for("placements.visits"), 303)


@bp.post("/stages/<int:placement_id>/accident")
@requires(Permission.PLACEMENT_REPORT)
def report_accident(placement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    placement = stage.told(actor, placement_id)
    form = AlertForm()
    if not form.validate():
        return redirect(url_for("placements.alert", placement_id=placement_id), 303)
    found = incidents.report_accident(placement, form.request_key.data, by=actor)
    return redirect(url_for("placements.accident", accident_id=found.id), 303)


@bp.get("/accidents/<int:accident_id>")
@requires(Permission.PLACEMENT_VIEW)
def accident(accident_id: int) -> ResponseReturnValue:
    actor = current_actor()
    found = stage.accident(actor, accident_id)
    return _accident_page(actor, found, FactsForm(obj=found))


@bp.post("/accidents/<int:accident_id>")
@requires(Permission.PLACEMENT_VIEW)
def complete_facts(accident_id: int) -> ResponseReturnValue:
    actor = current_actor()
    found = stage.accident(actor, accident_id)
    form = FactsForm()
    if form.validate():
        try:
            incidents.complete_facts(found, form.to_facts(), by=actor)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Les faits sont enregistrés. Le collège les lit ici."), "success")
            return redirect(url_for("placements.accident", accident_id=accident_id), 303)
    return _accident_page(actor, found, form), 422


def _accident_page(actor: Actor, found: Accident, form: FactsForm) -> str:
    placement = found.placement
    return render_template(
        "placements/incident_accident.html",
        accident=found,
        placement=placement,
        territory=stage.territory(placement.territory_id),
        is_host=actor.role is Role.HOST,
        before=_before(found),
        form=form,
    )


@bp.get("/accidents/<int:accident_id>/declaration")
@requires(Permission.PLACEMENT_VIEW)
def declaration(accident_id: int) -> ResponseReturnValue:
    """The facts on one page to print; the medical lines are blank."""
    found = stage.accident(current_actor(), accident_id)
    return render_template(
        "placements/incident_declaration.html",
        accident=found,
        placement=found.placement,
        is_host=current_actor().role is Role.HOST,
        before=_before(found),
        back_url=url_for("placements.accident", accident_id=found.id),
    )


@bp.get("/accidents/<int:accident_id>/declaration.pdf")
@requires(Permission.PLACEMENT_VIEW)
def declaration_file(accident_id: int) -> ResponseReturnValue:
    """The same page as a file, to join to the declaration."""
    actor = current_actor()
    found = stage.accident(actor, accident_id)
    made = declaring.sheet(found, before=_before(found), by_first_name=actor.role is Role.HOST, moment=clock.now())
    answer = Response(made, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = 'inline; filename="faits-pour-la-declaration.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/accidents/<int:accident_id>/suite")
@requires(Permission.PLACEMENT_FOLLOW)
def follow_accident(accident_id: int) -> ResponseReturnValue:
    """The school has seen it, or has sent the declaration."""
    actor = current_actor()
    found = stage.accident(actor, accident_id)
    if request.form.get("suite") == "declaree":
        incidents.declare(found.id, by=actor)
        flash(_("C’est noté : la déclaration est partie."), "success")
    else:
        incidents.acknowledge_accident(found.id, by=actor)
        flash(_("La structure voit que vous vous en occupez."), "success")
    return redirect(url_for("placements.accident", accident_id=accident_id), 303)


def _before(found: Accident) -> datetime:
    """Until when the declaration may be sent."""
    return deadline(found.reported_at.astimezone(clock.PARIS), lambda day: public_holiday(day) is not None)
