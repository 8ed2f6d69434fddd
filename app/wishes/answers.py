"""What became of each wish, told to the student once the places are published: one gentle, true sentence a wish.

Numbers of requests and of places are facts of the campaign; nobody else's name or rank is ever given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from app.kernel.geography import Point, road_km
from app.offers.models import PlacementOffer, Slot
from app.offers.states import OfferState
from app.web.wording import number
from app.wishes.models import InterestProfile, WishList, WishListState


@dataclass(frozen=True, slots=True)
class WishAnswer:
    """A wish and why it was not granted; `granted` for the one which was, `crowded` where more asked than may go."""

    rank: int
    title: str
    host: str
    sentence: str
    granted: bool = False
    crowded: bool = False


def of(
    wish_list: WishList | None,
    slot: Slot | None,
    profile: InterestProfile | None,
    home: Point,
    weeks: Collection[date],
    level: str,
    demand: Mapping[int, int],
) -> list[WishAnswer]:
    """The answer to each wish of a submitted list, best wish first. `demand`: offer → how many students asked for it.

    Empty without a list sent, and for a student who found a place alone: nothing was answered to them.
    """
    if wish_list is None or wish_list.state is not WishListState.SUBMITTED:
        return []
    if slot is not None and slot.offer.state is OfferState.PRIVATE:
        return []
    obtained = next((w.rank for w in wish_list.wishes if slot is not None and w.offer_id == slot.offer_id), None)
    max_km = profile.max_km if profile is not None else None
    found = []
    for wish in wish_list.wishes:
        offer, asked = wish.offer, demand.get(wish.offer_id, 1)
        if wish.rank == obtained:
            sentence = _("C’est ta place.")
        elif obtained is not None and wish.rank > obtained:
            sentence = _("Tu as eu un vœu que tu préférais.")
        else:
            closed = _closed(offer, weeks, level, home, max_km)
            sentence = closed or _full(offer, weeks, asked, is_placed=slot is not None)
            if closed is None and _is_crowded(offer, weeks, asked):
                found.append(WishAnswer(wish.rank, offer.title, offer.organization.name, sentence, crowded=True))
                continue
        found.append(WishAnswer(wish.rank, offer.title, offer.organization.name, sentence, wish.rank == obtained))
    return found


def _closed(offer: PlacementOffer, weeks: Collection[date], level: str, home: Point, max_km: int | None) -> str | None:
    """The reason that has nothing to do with the others' wishes, if there is one."""
    if not offer.is_public:
        return _("La structure ne peut plus accueillir : l’offre a été retirée.")
    if not any(s.monday in weeks and s.capacity for s in offer.slots):
        return _("La structure n’accueille pas pendant les semaines de ton collège.")
    if level not in offer.level_list:
        return _("Cette offre accueille un autre niveau que le tien.")
    km = road_km(home, offer.site.point)
    if max_km is not None and km > max_km:
        return _("C’est à %(km)s km, et tu as dit %(most)s km au plus.", km=number(km, 1), most=max_km)
    return None


def _is_free(offer: PlacementOffer, weeks: Collection[date]) -> bool:
    return any(s.monday in weeks and s.free > 0 for s in offer.slots)


def _is_crowded(offer: PlacementOffer, weeks: Collection[date], asked: int) -> bool:
    return not _is_free(offer, weeks) and asked > sum(s.capacity for s in offer.slots)


def _full(offer: PlacementOffer, weeks: Collection[date], asked: int, *, is_placed: bool) -> str:
    """The places against the requests, or that nobody has this one yet."""
    if _is_free(offer, weeks):
        return (
            _("La coordination a retenu une autre place pour toi. Ton professeur peut lui demander pourquoi.")
            if is_placed
            else _("Il y reste une place : ton professeur peut en parler à la coordination.")
        )
    if _is_crowded(offer, weeks, asked):
        requests = ngettext("%(num)s élève l’avait demandée", "%(num)s élèves l’avaient demandée", asked)
        seats = ngettext("%(num)s place", "%(num)s places", sum(s.capacity for s in offer.slots))
        return _("%(requests)s pour %(seats)s.", requests=requests, seats=seats)
    return _("Les places de tes semaines sont allées à d’autres élèves : on place d’abord le plus d’élèves possible.")
