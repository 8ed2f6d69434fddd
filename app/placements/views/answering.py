"""Answers given from a mail's link or with the code of a letter: no account, and a GET never changes anything."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import public
from app.access.policy import Role
from app.kernel.errors import Hidden, Invalid
from app.offers.models import PlacementOffer
from app.placements import hours, links, queries, services
from app.placements.emails import Contact
from app.placements.forms import AnswerForm
from app.placements.models import Placement
from app.placements.services import incidents
from app.placements.states import Answer, Medium, Side
from app.placements.views.blueprint import bp
from app.schools import services as schools
from app.schools.models import LegalGuardian
from app.web import languages, looked


@dataclass(frozen=True, slots=True)
class Problem:
    """What was refused on a page of several answers: of which placement, why, and what had been typed."""

    placement_id: int
    sentence: str
    typed: str
    reread: tuple[str, bool] | None = None  # asked about private words: the box that keeps them


@dataclass(frozen=True, slots=True)
class HostGuest:
    """Somebody of a structure who came by a link, with what it opens."""

    offer: PlacementOffer
    contact: Contact
    actor: Actor
    expired: bool


def host_guest(token: str) -> HostGuest:
    """Who holds this link; `Hidden` when it is not genuine or its mailbox is no longer the structure's."""
    link = links.read_host(token)
    offer = queries.offer(link.offer_id) if link else None
    contact = services.contact_of(offer, link.mailbox) if link and offer else None
    if link is None or offer is None or contact is None:
        raise Hidden(_("Ce lien n’est pas bon, ou il n’est plus le vôtre. Écrivez à la coordination."))
    actor = Actor(
        role=Role.HOST,
        display_name=contact.name,
        territory_id=offer.territory_id,
        organization_ids=frozenset({offer.organization_id}),
    )
    return HostGuest(offer, contact, actor, link.expired)


@bp.get("/accueil/<token>")
@public("a structure's personal link: signed, opens the first names of one offer's students and their answers")
def host_answers(token: str) -> ResponseReturnValue:
    return host_page(token, host_guest(token))


def host_page(token: str, guest: HostGuest, problem: Problem | None = None) -> str:
    if guest.expired:
        return render_template(
            "placements/link_expired.html", action=url_for("placements.renew_host_link", token=token), family=False
        )
    placements = queries.of_offer(guest.offer.id)
    looked.at([each.student_id for each in placements], guest.offer.territory_id, "stage", by=guest.actor)
    return render_template(
        "placements/host_answers.html",
        token=token,
        offer=guest.offer,
        contact=guest.contact,
        placements=placements,
        here=incidents.expected_today(placements),
        territory=queries.territory(guest.offer.territory_id),
        problem=problem,
    )


@bp.post("/accueil/<token>")
@public("a structure's answer by its personal link")
def answer_as_host(token: str) -> ResponseReturnValue:
    guest = host_guest(token)
    if guest.expired:
        return host_page(token, guest)
    form = AnswerForm()
    placement = among(queries.of_offer(guest.offer.id), form.placement_id.data)
    problem = give(form, placement, Side.HOST, guest.actor, Medium.LINK)
    if problem:
        return host_page(token, guest, problem), 422
    return redirect(url_for("placements.host_answers", token=token), 303)


@bp.post("/accueil/<token>/nouveau-lien")
@public("sends a new link to the mailbox of a genuine one, and nowhere else")
def renew_host_link(token: str) -> ResponseReturnValue:
    guest = host_guest(token)
    services.renew_host_link(guest.offer, guest.contact)
    return render_template("placements/link_sent.html")


def among(placements: list[Placement], placement_id: int | None) -> Placement:
    found = next((p for p in placements if p.id == placement_id), None)
    if found is None:
        raise Hidden(_("Cet élève n’est pas attendu pour cette offre."))
    return found


def give(
    form: AnswerForm,
    placement: Placement,
    side: Side,
    by: Actor,
    medium: Medium,
    guardian_id: int | None = None,
) -> Problem | None:
    """Give the answer, or say what is wrong with it."""
    if not form.validate():
        errors = [error for field in form for error in field.errors]
        reread = getattr(form.reason, "reread", None)
        return Problem(placement.id, " ".join(str(e) for e in errors), form.reason.data or "", reread)
    try:
        services.answer(
            placement.id,
            form.answer,
            side,
            by=by,
            medium=medium,
            reason=form.reason.data or "",
            guardian_id=guardian_id,
            give_up=bool(form.gives_up.data),
        )
    except Invalid as error:
        return Problem(placement.id, error.message, form.reason.data or "")
    yes = form.answer is Answer.YES
    flash(_("Merci. Votre oui est noté.") if yes else _("Merci. Votre réponse est notée."), "success")
    return None


@dataclass(frozen=True, slots=True)
class FamilyGuest:
    guardian: LegalGuardian
    actor: Actor
    replaced: bool


def _family_guest(token: str) -> FamilyGuest:
    known = links.read(token)
    guardian = queries.guardian(known[0]) if known else None
    if known is None or guardian is None:
        languages.listen()
        raise Hidden(_("Ce lien n’est plus bon. Demandez-en un nouveau au collège."))
    languages.listen(guardian.language, action=url_for("placements.choose_language", token=token))
    student = guardian.student
    actor = Actor(
        role=Role.GUARDIAN, display_name=guardian.name, territory_id=student.territory_id, student_id=student.id
    )
    return FamilyGuest(guardian, actor, replaced=guardian.link_epoch != known[1])


@bp.get("/famille/<token>")
@public("a guardian's personal link: signed, opens one student's placement and nothing else")
def family(token: str) -> ResponseReturnValue:
    return _family_page(token, _family_guest(token))


def _family_page(token: str, guest: FamilyGuest, problem: Problem | None = None) -> ResponseReturnValue:
    if guest.replaced:
        page = render_template(
            "placements/link_expired.html",
            action=url_for("placements.renew_family_link", token=token) if guest.guardian.email else None,
            family=True,
        )
        return page, 410
    student = guest.guardian.student
    week = hours.in_order(queries.of_student(guest.actor, student.id))
    return render_template(
        "placements/family.html",
        token=token,
        guardian=guest.guardian,
        student=student,
        week=week,
        mine={row.id: said for row in week if (said := queries.said_by(row, guest.guardian.id))},
        territory=queries.territory(student.territory_id),
        problem=problem,
    )


@bp.post("/famille/<token>")
@public("a guardian's answer by the personal link")
def answer_as_family(token: str) -> ResponseReturnValue:
    guest = _family_guest(token)
    if guest.replaced:
        return _family_page(token, guest)
    form = AnswerForm()
    week = queries.of_student(guest.actor, guest.guardian.student_id)
    placement = next((row for row in week if row.id == form.placement_id.data), None)
    if placement is None:
        raise Hidden(_("Cette réponse ne concerne pas votre enfant."))
    problem = give(form, placement, Side.FAMILY, guest.actor, Medium.LINK, guest.guardian.id)
    if problem:
        return _with_status(_family_page(token, guest, problem), 422)
    return redirect(url_for("placements.family", token=token), 303)


def _with_status(page: ResponseReturnValue, status: int) -> ResponseReturnValue:
    return (page, status) if isinstance(page, str) else page


@bp.post("/famille/<token>/nouveau-lien")
@public("sends the present link to the guardian's own address, and nowhere else")
def renew_family_link(token: str) -> ResponseReturnValue:
    guest = _family_guest(token)
    services.renew_family_link(guest.guardian)
    return render_template("placements/link_sent.html")


@bp.post("/famille/<token>/langue")
@public("a guardian's personal link: chooses the language of its own page and mails")
def choose_language(token: str) -> ResponseReturnValue:
    guest = _family_guest(token)
    schools.choose_language(guest.guardian, request.form.get("language", ""), by=guest.actor)
    return redirect(url_for("placements.family", token=token), 303)
