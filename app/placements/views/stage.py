"""One-page sheets and calendars of a stage, for the student, the family, the structure and the school."""

from __future__ import annotations

from flask import Response, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, public, requires
from app.access.policy import Permission, Role
from app.kernel.errors import Hidden
from app.placements import gateway, hours, links, queries, stage_words
from app.placements.models import Placement
from app.placements.queries import stage
from app.placements.states import PlacementState
from app.placements.views.blueprint import bp
from app.schools import queries as school_queries
from app.schools.models import LegalGuardian

bp.app_template_filter("heures_du_jour")(stage_words.day_hours)
bp.app_template_filter("trajets")(stage_words.by_mode)
bp.app_template_filter("jours_de_stage")(stage_words.days_in_words)
bp.app_template_filter("semaine_de_stage")(stage_words.hours_in_words)
# Before both have said yes, the structure calls the coordination; afterwards the school.
_AGREED = frozenset({PlacementState.CONFIRMED, PlacementState.UNDER_WAY, PlacementState.COMPLETED})


@bp.get("/mon-stage/feuille")
@requires(Permission.PLACEMENT_VIEW)
def my_sheet() -> ResponseReturnValue:
    actor = current_actor()
    if actor.student_id is None:
        raise Hidden(_("Cette page est celle des élèves."))
    return _student_sheets(
        hours.in_order(stage.of_student_told(actor, actor.student_id)),
        back_url=url_for("placements.student_sheet"),
        calendar_url=url_for("placements.my_calendar"),
    )


@bp.get("/famille/<token>/feuille")
@public("a guardian's personal link: signed, opens one student's sheet and nothing else")
def family_sheet(token: str) -> ResponseReturnValue:
    guardian, actor = _guardian(token)
    return _student_sheets(
        hours.in_order(stage.of_student_told(actor, guardian.student_id)),
        back_url=url_for("placements.family", token=token),
        calendar_url=url_for("placements.family_calendar", token=token),
    )


@bp.get("/stages/<int:placement_id>/feuille")
@requires(Permission.PLACEMENT_FOLLOW)
def sheet(placement_id: int) -> ResponseReturnValue:
    """The student's sheet, printed by somebody of the school."""
    placement = stage.told(current_actor(), placement_id)
    return _student_sheets([placement], back_url=url_for("placements.visit", placement_id=placement.id))


@bp.get("/classes/<int:class_id>/feuilles")
@requires(Permission.PLACEMENT_FOLLOW)
def class_sheets(class_id: int) -> ResponseReturnValue:
    actor = current_actor()
    school_class = school_queries.visible_class(actor, class_id)
    return _student_sheets(
        queries.of_class(actor, school_class.id), back_url=url_for("wishes.school_class", class_id=class_id)
    )


def _student_sheets(placements: list[Placement], back_url: str, calendar_url: str = "") -> str:
    if not placements:
        raise Hidden(_("Aucun stage n’est publié pour l’instant. La feuille paraîtra avec lui."))
    return render_template(
        "placements/stage_student.html",
        sheets=stage_words.sheets(placements),
        back_url=back_url,
        calendar_url=calendar_url,
    )


@bp.get("/stages/<int:placement_id>/accueil")
@requires(Permission.PLACEMENT_VIEW)
def host_sheet(placement_id: int) -> ResponseReturnValue:
    """For the structure: who comes, the first day, what is forbidden, whom to call."""
    actor = current_actor()
    if actor.role not in {Role.HOST, Role.COORDINATOR}:
        raise Hidden(_("Cette feuille est celle de la structure d’accueil."))
    placement = stage.told(actor, placement_id)
    home = "placements.host_arrivals" if actor.role is Role.HOST else "placements.index"
    return render_template(
        "placements/stage_host.html",
        sheet=stage_words.sheet(placement),
        agreed=placement.state in _AGREED,
        back_url=url_for(home),
    )


@bp.get("/mon-stage/agenda.ics")
@requires(Permission.PLACEMENT_VIEW)
def my_calendar() -> ResponseReturnValue:
    actor = current_actor()
    if actor.student_id is None:
        raise Hidden(_("Cet agenda est celui des élèves."))
    return _calendar(stage.announced(actor, student_id=actor.student_id), stage_words.STUDENT, _("Mon stage"))


@bp.get("/famille/<token>/agenda.ics")
@public("a guardian's personal link: signed, opens one student's dates and nothing else")
def family_calendar(token: str) -> ResponseReturnValue:
    guardian, actor = _guardian(token)
    name = _("Stage de %(name)s", name=guardian.student.first_name)
    return _calendar(stage.announced(actor, student_id=guardian.student_id), stage_words.STUDENT, name)


@bp.get("/classes/<int:class_id>/agenda.ics")
@requires(Permission.PLACEMENT_FOLLOW)
def class_calendar(class_id: int) -> ResponseReturnValue:
    actor = current_actor()
    school_class = school_queries.visible_class(actor, class_id)
    name = _("Stages de la classe %(name)s", name=school_class.name)
    return _calendar(stage.announced(actor, class_id=school_class.id), stage_words.SCHOOL, name)


@bp.get("/mes-stagiaires/agenda.ics")
@requires(Permission.PLACEMENT_REPORT)
def host_calendar() -> ResponseReturnValue:
    campaign_id = g.campaign.id if g.campaign else 0
    placements = stage.announced(current_actor(), campaign_id=campaign_id)
    return _calendar(placements, stage_words.HOST, _("Nos stagiaires"))


def _calendar(placements: list[Placement], reader: str, name: str) -> Response:
    body = gateway.calendar(name, stage_words.events(placements, reader), remind=reader == stage_words.STUDENT)
    answer = Response(body, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'attachment; filename="stage.ics"'
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _guardian(token: str) -> tuple[LegalGuardian, Actor]:
    """The guardian of a link that still holds, acting for one student; else `Hidden`."""
    known = links.read(token)
    guardian = queries.guardian(known[0]) if known else None
    if known is None or guardian is None or guardian.link_epoch != known[1]:
        raise Hidden(_("Ce lien n’est plus bon. Demandez-en un nouveau au collège."))
    student = guardian.student
    actor = Actor(
        role=Role.GUARDIAN, display_name=guardian.name, territory_id=student.territory_id, student_id=student.id
    )
    return guardian, actor
