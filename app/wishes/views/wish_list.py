"""The ranked wishes: order, remove, send."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.policy import Permission
from app.kernel.errors import Conflict, PhaseClosed
from app.web.wording import week
from app.wishes import queries, services
from app.wishes.models import Wish, WishList
from app.wishes.views.blueprint import Desk, desk, journey


@journey("/mes-voeux", "wish_list", Permission.WISH_EDIT)
def wish_list(student_id: int | None = None) -> ResponseReturnValue:
    here = desk(student_id)
    found = queries.wish_list_of(here.student.id)
    weeks = queries.weeks_of(here.student)
    return here.page("wishes/wish_list.html", wish_list=found, items=_items(here, found, weeks))


def _items(here: Desk, found: WishList | None, weeks: Collection[date]) -> list[dict[str, object]]:
    return [_item(here, wish, weeks) for wish in found.wishes] if found else []


def _item(here: Desk, wish: Wish, weeks: Collection[date]) -> dict[str, object]:
    offer = wish.offer
    mondays = [slot.monday for slot in offer.slots if slot.monday in weeks]
    note = ""
    if not offer.is_public:
        note = _("Cette offre n’est plus proposée. Retire-la et choisis-en une autre.")
    elif not mondays:
        note = _("Cette offre n’a plus de place pendant les semaines de ton collège.")
    return {
        "id": offer.id,
        "title": offer.title,
        "url": here.url("offer", offer_id=offer.id) if offer.is_public and here.offers_visible else None,
        "meta": " · ".join([offer.organization.name, offer.site.town, *(week(monday) for monday in mondays)]),
        "note": note,
    }


@journey("/mes-voeux/ranger", "arrange", Permission.WISH_EDIT, ("POST",))
def arrange(student_id: int | None = None) -> ResponseReturnValue:
    """One of `move` ("up:12"), `remove` ("12") or `order` ("12,7,9", from a drag)."""
    here = desk(student_id)
    dragged = request.headers.get("X-Requested-With") == "fetch"
    try:
        if "order" in request.form:
            parts = request.form["order"].split(",")
            order = [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 10]
            services.order_wishes(here.student, order, by=here.actor)
        elif "remove" in request.form:
            services.remove_wish(here.student, request.form.get("remove", 0, type=int), by=here.actor)
        else:
            direction, _colon, number = request.form.get("move", "").partition(":")
            known = number.isascii() and number.isdigit() and len(number) < 10
            services.move_wish(here.student, int(number) if known else 0, direction, by=here.actor)
    except PhaseClosed:
        raise
    except Conflict as refusal:
        if dragged:
            raise
        flash(refusal.message, "warning")
    return ("", 204) if dragged else here.to("wish_list")


@journey("/mes-voeux/envoyer", "submit", Permission.WISH_EDIT, ("POST",))
def submit(student_id: int | None = None) -> ResponseReturnValue:
    here = desk(student_id)
    try:
        services.submit(here.student, by=here.actor)
    except PhaseClosed:
        raise
    except Conflict as refusal:
        flash(refusal.message, "warning")
        return here.to("wish_list")
    if here.by_staff:
        flash(_("Les vœux de %(name)s sont envoyés.", name=here.student.first_name), "success")
        return redirect(url_for("wishes.student", student_id=here.student.id), 303)
    flash(_("Tes vœux sont envoyés."), "success")
    return here.to("home")
