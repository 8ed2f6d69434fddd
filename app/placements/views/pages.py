"""Publication, and what each person reads of it."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.campaigns import queries as campaign_queries
from app.campaigns.states import DECISIONS_ALLOWED
from app.kernel.errors import Hidden
from app.messaging import rendering
from app.placements import hours, queries, services
from app.placements.models import Placement
from app.placements.states import TOLD, Side
from app.placements.views.blueprint import bp
from app.schools import queries as school_queries
from app.schools.models import SchoolClass
from app.web import languages


@bp.get("/campagne/<int:campaign_id>/publication")
@requires(Permission.PLACEMENT_PUBLISH)
def confirm_publication(campaign_id: int) -> ResponseReturnValue:
    actor = current_actor()
    campaign = campaign_queries.visible_campaign(actor, campaign_id)
    return render_template(
        "placements/confirm.html",
        published=campaign,
        preview=services.preview(campaign, by=actor),
        allowed=campaign.phase in DECISIONS_ALLOWED,
    )


@bp.post("/campagne/<int:campaign_id>/publication")
@requires(Permission.PLACEMENT_PUBLISH)
def publish(campaign_id: int) -> ResponseReturnValue:
    actor = current_actor()
    campaign = campaign_queries.visible_campaign(actor, campaign_id)
    done = services.publish(campaign.id, by=actor)
    if done.is_empty:
        flash(_("Tout était déjà publié : personne n’est prévenu deux fois."), "info")
    else:
        flash(
            ngettext(
                "L’affectation est publiée. Les messages partent dans le quart d’heure.",
                "%(num)s affectations sont publiées. Les messages partent dans le quart d’heure.",
                done.students,
            ),
            "success",
        )
    return redirect(url_for("placements.index"), 303)


@bp.get("/mon-stage")
@requires(Permission.PLACEMENT_VIEW)
def student_sheet() -> ResponseReturnValue:
    actor = current_actor()
    if actor.student_id is None:
        raise Hidden(_("Cette page est celle des élèves."))
    return render_template(
        "placements/student_sheet.html",
        week=hours.in_order(queries.of_student(actor, actor.student_id)),
        territory=queries.territory(actor.territory_id),
    )


@bp.get("/classes/<int:class_id>/lettres")
@requires(Permission.CLASS_VIEW)
def letters(class_id: int) -> ResponseReturnValue:
    """The family letters of a class, one a page; `?sans-adresse=1` keeps those that no mail reaches."""
    actor = current_actor()
    school_class = school_queries.visible_class(actor, class_id)
    placements = queries.of_class(actor, class_id)
    if request.args.get("sans-adresse"):
        reached = queries.students_reached_by_mail(class_id)
        placements = [placement for placement in placements if placement.student_id not in reached]
    return render_template(
        "placements/letters.html",
        school_class=school_class,
        placements=placements,
        letters=_letters(placements, school_class),
        back_url=url_for("wishes.school_class", class_id=class_id),
    )


@bp.get("/eleves/<int:student_id>/lettre")
@requires(Permission.STUDENT_MANAGE)
def letter(student_id: int) -> ResponseReturnValue:
    actor = current_actor()
    student = school_queries.visible_student(actor, student_id)
    placements = [row for row in queries.of_student(actor, student.id) if row.state in TOLD]
    if not placements:
        raise Hidden(_("Cet élève n’a pas encore d’affectation publiée."))
    return render_template(
        "placements/letters.html",
        school_class=student.school_class,
        placements=hours.in_order(placements),
        letters=_letters(placements, student.school_class),
        back_url=url_for("placements.index"),
    )


def _letters(placements: list[Placement], school_class: SchoolClass) -> dict[int, Markup]:
    """Placement → its letter, in the language of the first guardian; the address to answer opens in it too."""
    codes, territory = _codes(placements), queries.territory(school_class.territory_id)
    template, written = current_app.jinja_env.get_template("placements/_family_letter.html"), {}
    for placement in placements:
        language = next((g.language for g in placement.student.guardians), languages.FRENCH.code)
        asked = {} if language == languages.FRENCH.code else {"langue": language}
        with languages.speaking(language):
            html = template.render(
                lang=languages.tag(),
                direction=languages.direction(),
                placement=placement,
                school_class=school_class,
                codes=codes,
                territory=territory,
                answer_at=rendering.page_url("placements.ask_code", **asked),
            )
        written[placement.id] = Markup(html)  # noqa: S704  # nosec B704  # a rendered template
    return written


def _codes(placements: list[Placement]) -> dict[int, str]:
    """Placement → the code that its family types to answer."""
    found = queries.codes_of([placement.id for placement in placements], Side.FAMILY)
    return {placement_id: services.printed_code(code) for placement_id, code in found.items()}
