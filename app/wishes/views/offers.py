"""The offers, best-fitting first, as a list or on a map; one offer; one tap to wish for it."""

from __future__ import annotations

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.policy import Permission
from app.kernel.errors import Conflict, PhaseClosed
from app.occupations import reference
from app.occupations.queries import label_of
from app.wishes import choosing, queries, services
from app.wishes.forms import wanted_of
from app.wishes.rules import DISTANCES
from app.wishes.views.blueprint import desk, journey


@journey("/les-offres", "offers", Permission.WISH_EDIT)
def offers(student_id: int | None = None) -> ResponseReturnValue:
    here = desk(student_id)
    wanted = wanted_of(request.args)
    weeks = queries.weeks_of(here.student)
    profile = queries.profile_of(here.student.id)
    wished = queries.wished_by(here.student)
    everything = queries.open_offers(here.student, here.campaign, weeks)
    listed, abstained = choosing.choices(
        profile, everything, weeks, wished, fallback=here.student.school_class.school.point
    )
    kept = choosing.narrowed(listed, wanted)
    on_map = request.args.get("vue") == "carte"
    present = {code for choice in listed for code in choice.offer.occupations}
    return here.page(
        "wishes/offers.html",
        profile=profile,
        weeks=weeks,
        wanted=wanted,
        listed=listed,
        kept=kept,
        page=choosing.cut(kept, request.args.get("page", 1, type=int)),
        abstained=abstained,
        on_map=on_map,
        wished=wished,
        is_full=len(wished) >= here.campaign.max_wishes,
        sectors=[s for s in reference.sectors().values() if any(c.offer.sector == s.code for c in listed)],
        occupations=sorted((label_of(code), code) for code in present),
        distances=DISTANCES,
        kept_arguments=wanted.arguments(),
    )


@journey("/les-offres/<int:offer_id>", "offer", Permission.WISH_EDIT)
def offer(offer_id: int, student_id: int | None = None) -> ResponseReturnValue:
    here = desk(student_id)
    found = queries.visible_offer(here.actor, here.campaign, offer_id)
    weeks = queries.weeks_of(here.student)
    profile = queries.profile_of(here.student.id)
    wished = queries.wished_by(here.student)
    everything = queries.open_offers(here.student, here.campaign, weeks)
    listed, abstained = choosing.choices(
        profile, everything, weeks, wished, fallback=here.student.school_class.school.point
    )
    choice = next((c for c in listed if c.offer.id == found.id), None)
    return here.page(
        "wishes/offer.html",
        offer=found,
        choice=choice,
        profile=profile,
        abstained=abstained,
        wished=wished,
        is_full=len(wished) >= here.campaign.max_wishes,
        home=profile.commune.point if profile and profile.commune else here.student.school_class.school.point,
        home_label=_("De chez toi") if profile and profile.commune else _("Du collège"),
        travel_mode=profile.travel_mode if profile else None,
    )


@journey("/mes-voeux/ajouter", "add_wish", Permission.WISH_EDIT, ("POST",))
def add_wish(student_id: int | None = None) -> ResponseReturnValue:
    here = desk(student_id)
    offer_id = request.form.get("offer_id", 0, type=int)
    back = here.url("offers", **wanted_of(request.form).arguments(), page=request.form.get("page", 1, type=int))
    try:
        found = queries.visible_offer(here.actor, here.campaign, offer_id)
        rank = services.add_wish(here.student, found, by=here.actor)
    except PhaseClosed:
        raise
    except Conflict as refusal:
        flash(refusal.message, "warning")
        return redirect(back, 303)
    flash(_("« %(title)s » est le vœu n° %(rank)s.", title=found.title, rank=rank), "success")
    if request.form.get("from") == "offer":
        return here.to("offer", offer_id=found.id)
    return redirect(f"{back}#offre-{found.id}", 303)
