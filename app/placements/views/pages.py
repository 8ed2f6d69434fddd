"""Publication, and what each person reads of it."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.access.actor import Actor
from app.access.endpoints import current_actor, public, requires
from app.access.policy import Permission, Role
from app.campaigns import queries as campaign_queries
from app.campaigns.states import DECISIONS_ALLOWED
from app.kernel.errors import Hidden
from app.placements import links, queries, services
from app.placements.views.blueprint import bp
from app.schools import queries as school_queries


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
                "L’affectation est publiée. Les messages partent dans la minute.",
                "%(num)s affectations sont publiées. Les messages partent dans la minute.",
                done.students,
            ),
            "success",
        )
    return redirect(url_for("placements.index"), 303)


@bp.get("/stages")
@requires(Permission.PLACEMENT_VIEW)
def index() -> ResponseReturnValue:
    actor = current_actor()
    if actor.role is Role.HOST:
        return redirect(url_for("placements.host_arrivals"))
    if actor.role is Role.STUDENT:
        return redirect(url_for("placements.student_sheet"))
    words = request.args.get("q", "").replace("\x00", "").strip()[:120]
    campaign_id = g.campaign.id if g.campaign else 0
    return render_template(
        "placements/index.html",
        placements=queries.page(actor, campaign_id, words, request.args.get("page", 1, type=int)),
        words=words,
    )


@bp.get("/mon-stage")
@requires(Permission.PLACEMENT_VIEW)
def student_sheet() -> ResponseReturnValue:
    actor = current_actor()
    if actor.student_id is None:
        raise Hidden(_("Cette page est celle des élèves."))
    placement = queries.of_student(actor, actor.student_id)
    return render_template(
        "placements/student_sheet.html", placement=placement, territory=queries.territory(actor.territory_id)
    )


@bp.get("/famille/<token>")
@public("a guardian's personal link: signed, opens one student's placement and nothing else")
def family(token: str) -> ResponseReturnValue:
    known = links.read(token)
    guardian = queries.guardian(*known) if known else None
    if guardian is None:
        raise Hidden(_("Ce lien n’est plus bon. Demandez-en un nouveau au collège."))
    student = guardian.student
    actor = Actor(
        role=Role.GUARDIAN,
        display_name=guardian.name,
        territory_id=student.territory_id,
        student_id=student.id,
    )
    return render_template(
        "placements/family.html",
        guardian=guardian,
        student=student,
        placement=queries.of_student(actor, student.id),
        territory=queries.territory(student.territory_id),
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
        territory=queries.territory(school_class.territory_id),
        back_url=url_for("wishes.school_class", class_id=class_id),
    )


@bp.get("/eleves/<int:student_id>/lettre")
@requires(Permission.STUDENT_MANAGE)
def letter(student_id: int) -> ResponseReturnValue:
    actor = current_actor()
    student = school_queries.visible_student(actor, student_id)
    placement = queries.of_student(actor, student.id)
    if placement is None:
        raise Hidden(_("Cet élève n’a pas encore d’affectation publiée."))
    return render_template(
        "placements/letters.html",
        school_class=student.school_class,
        placements=[placement],
        territory=queries.territory(student.territory_id),
        back_url=url_for("placements.index"),
    )


@bp.get("/mes-stagiaires")
@requires(Permission.OFFER_EDIT)
def host_arrivals() -> ResponseReturnValue:
    return render_template("placements/arrivals.html", placements=queries.arrivals(current_actor()))
