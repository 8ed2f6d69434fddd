"""The verbs of the room: saying what one likes, and ranking wishes until the deadline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.audit import services as audit
from app.campaigns import queries as campaign_queries
from app.campaigns import rules as campaign_rules
from app.campaigns.models import Campaign
from app.campaigns.states import INTERESTS_EDITABLE, Phase
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Invalid, PhaseClosed
from app.occupations import reference
from app.offers.models import PlacementOffer
from app.schools import services as school_services
from app.schools.models import Student
from app.web.wording import day
from app.wishes import queries
from app.wishes.models import InterestProfile, Wish, WishList, WishListState
from app.wishes.rules import (
    DISTANCES,
    MAX_AVOID_TEXT,
    MAX_INTERESTS,
    MAX_TEXT,
    ConditionsDraft,
    TastesDraft,
    TravelDraft,
    moved,
)

_ASIDE = 1000  # ranks pass through here while a list is renumbered: two wishes never hold the same rank


def save_tastes(student: Student, draft: TastesDraft, *, by: Actor) -> None:
    """Interests (known codes, at most 8) and own words (at most 600 signs)."""
    if len(set(draft.interests)) > MAX_INTERESTS:
        sentence = _("%(most)s images au plus : il faut garder celles qui ressemblent le plus.", most=MAX_INTERESTS)
        raise Invalid(sentence, {"interests": sentence})
    _demand_known(draft.interests, reference.interests(), "interests")
    _demand_short(draft.text, MAX_TEXT, "text")
    _save(student, by, interests=list(dict.fromkeys(draft.interests)), text=draft.text)


def save_conditions(student: Student, draft: ConditionsDraft, *, by: Actor) -> None:
    """Working conditions liked and avoided, never the same in both."""
    _demand_known(draft.likes, reference.conditions(), "likes")
    _demand_known(draft.avoids, reference.conditions(), "avoids")
    _demand_short(draft.avoid_text, MAX_AVOID_TEXT, "avoid_text")
    both = [reference.conditions()[code] for code in draft.likes if code in draft.avoids]
    if both:
        sentence = _("« %(what)s » est coché des deux côtés : choisis un seul côté.", what=both[0].like)
        raise Invalid(sentence, {"avoids": sentence})
    _save(
        student,
        by,
        likes=list(dict.fromkeys(draft.likes)),
        avoids=list(dict.fromkeys(draft.avoids)),
        avoid_text=draft.avoid_text,
    )


def save_travel(student: Student, draft: TravelDraft, *, by: Actor) -> None:
    """Home commune, means of travel and how far."""
    if draft.commune_id is not None:
        known = {commune.id for commune in campaign_queries.communes(student.territory_id)}
        if draft.commune_id not in known:
            sentence = _("Choisis une commune de la liste.")
            raise Invalid(sentence, {"commune_id": sentence})
    if draft.max_km is not None and draft.max_km not in DISTANCES:
        sentence = _("Choisis une distance de la liste.")
        raise Invalid(sentence, {"max_km": sentence})
    _save(student, by, commune_id=draft.commune_id, travel_mode=draft.mode, max_km=draft.max_km)


def _demand_known(codes: Sequence[str], known: Any, field: str) -> None:
    if any(code not in known for code in codes):
        sentence = _("Choisis parmi les images proposées.")
        raise Invalid(sentence, {field: sentence})


def _demand_short(text: str, most: int, field: str) -> None:
    if len(text) > most:
        sentence = _("Ton texte a %(size)s signes : garde %(most)s signes au plus.", size=len(text), most=most)
        raise Invalid(sentence, {field: sentence})


def _save(student: Student, by: Actor, **values: Any) -> None:
    by.demand(Permission.WISH_EDIT, student)
    with transaction():
        locked(Student, student.id)
        campaign = queries.campaign_of(student)
        late = campaign.phase is Phase.WISHES and not campaign_rules.wishes_open(campaign, clock.today())
        if campaign.phase not in INTERESTS_EDITABLE or late:
            raise PhaseClosed(_("Les envies ne changent plus : la coordination prépare les affectations."))
        profile = queries.profile_of(student.id)
        if profile is None:
            profile = InterestProfile(student_id=student.id)
            db.session.add(profile)
        if all(getattr(profile, name) == value for name, value in values.items()) and profile.id is not None:
            return
        for name, value in values.items():
            setattr(profile, name, value)
        profile.updated_at = clock.now()
        if by.role is not Role.STUDENT:
            profile.typed_by_staff = True
            audit.record("interests.type_for", student, by=by, what=" ".join(sorted(values)))


def add_wish(student: Student, offer: PlacementOffer, *, by: Actor) -> int:
    """Put the offer at the end of the list; returns its rank. Already there: nothing changes.

    Raises `Conflict` when the list is full or the offer is not (or no longer) for this student.
    """
    with transaction():
        campaign, wish_list = _open_list(student, by)
        for wish in wish_list.wishes:
            if wish.offer_id == offer.id:
                return wish.rank
        if len(wish_list.wishes) >= campaign.max_wishes:
            raise Conflict(
                _("La liste est pleine : %(most)s vœux. Il faut en retirer un d’abord.", most=campaign.max_wishes)
            )
        db.session.refresh(offer, ["state"])
        weeks = queries.weeks_of(student)
        if offer.campaign_id != campaign.id or not offer.is_public:
            raise Conflict(queries.closed_sentence())
        if student.school_class.level not in offer.level_list:
            raise Conflict(_("Cette offre n’est pas ouverte à ce niveau de classe."))
        if not any(slot.monday in weeks for slot in offer.slots):
            raise Conflict(_("Cette offre n’a pas de place pendant les semaines du collège."))
        rank = len(wish_list.wishes) + 1
        wish_list.wishes.append(Wish(offer=offer, rank=rank))
        _touched(wish_list, student, by, "wish.add", offer_id=offer.id)
        return rank


def remove_wish(student: Student, offer_id: int, *, by: Actor) -> None:
    """Take the offer off the list; the wishes below move up. A list emptied is a draft again."""
    with transaction():
        _campaign, wish_list = _open_list(student, by)
        gone = next((wish for wish in wish_list.wishes if wish.offer_id == offer_id), None)
        if gone is None:
            return
        wish_list.wishes.remove(gone)
        db.session.flush()
        _renumber(wish_list, [wish.offer_id for wish in wish_list.wishes])
        if not wish_list.wishes:
            wish_list.state, wish_list.submitted_at = WishListState.DRAFT, None
        _touched(wish_list, student, by, "wish.remove", offer_id=offer_id)


def move_wish(student: Student, offer_id: int, direction: str, *, by: Actor) -> None:
    """One place up or down; at the end of the list nothing changes."""
    _reorder(student, by, lambda present: moved(present, offer_id, direction))


def order_wishes(student: Student, offer_ids: Sequence[int], *, by: Actor) -> None:
    """The whole order at once (from a drag). Raises `Conflict` when the list has changed meanwhile."""

    def wanted(present: list[int]) -> list[int]:
        if sorted(offer_ids) != sorted(present):
            raise Conflict(_("La liste a changé entre-temps : la voici à jour."))
        return list(offer_ids)

    _reorder(student, by, wanted)


def _reorder(student: Student, by: Actor, arrange: Callable[[list[int]], list[int]]) -> None:
    with transaction():
        _campaign, wish_list = _open_list(student, by)
        present = [wish.offer_id for wish in wish_list.wishes]
        order = arrange(present)
        if order != present:
            _renumber(wish_list, order)
            _touched(wish_list, student, by, "wish.reorder")


def submit(student: Student, *, by: Actor) -> WishList:
    """Send the list. It stays changeable until the deadline; sent twice, nothing happens the second time."""
    with transaction():
        _campaign, wish_list = _open_list(student, by)
        if not wish_list.wishes:
            raise Conflict(_("La liste est vide : il faut au moins un vœu pour l’envoyer."))
        if wish_list.state is WishListState.SUBMITTED:
            return wish_list
        if not any(wish.offer.is_public for wish in wish_list.wishes):
            raise Conflict(_("Les offres de la liste ne sont plus proposées : il en faut au moins une autre."))
        wish_list.state, wish_list.submitted_at = WishListState.SUBMITTED, clock.now()
        if by.role is not Role.STUDENT:
            wish_list.typed_by_staff = True
        audit.record(
            "wishes.submit",
            student,
            by=by,
            from_state=WishListState.DRAFT,
            to_state=WishListState.SUBMITTED,
            wishes=len(wish_list.wishes),
        )
        return wish_list


def remove_student(student: Student, *, by: Actor) -> None:
    """Take a student off the register, only while the student has said and wished nothing."""
    by.demand(Permission.STUDENT_MANAGE, student)
    with transaction():
        locked(Student, student.id)
        profile = queries.profile_of(student.id)
        if (profile is not None and not profile.is_empty) or queries.wished_by(student):
            raise Conflict(_("Cet élève a déjà dit ses envies ou fait des vœux : il ne peut plus être retiré."))
        school_services.remove_student(student, by=by)


def _open_list(student: Student, by: Actor) -> tuple[Campaign, WishList]:
    """The list to change, its student locked; `PhaseClosed` says when wishes open or that they are closed."""
    by.demand(Permission.WISH_EDIT, student)
    locked(Student, student.id)
    campaign = queries.campaign_of(student)
    if campaign.phase is Phase.COLLECTING:
        opening = day(campaign.wishes_open_on)
        raise PhaseClosed(_("Les vœux ne sont pas encore ouverts : ils ouvrent %(day)s.", day=opening))
    if not campaign_rules.wishes_open(campaign, clock.today()):
        closing = day(campaign.wishes_close_on)
        raise PhaseClosed(_("Le dernier jour était %(day)s : la liste ne change plus.", day=closing))
    wish_list = queries.wish_list_of(student.id)
    if wish_list is None:
        wish_list = WishList(student_id=student.id, wishes=[])
        db.session.add(wish_list)
        db.session.flush()
    return campaign, wish_list


def _renumber(wish_list: WishList, order: Sequence[int]) -> None:
    by_offer = {wish.offer_id: wish for wish in wish_list.wishes}
    for rank, offer_id in enumerate(order, start=1):
        by_offer[offer_id].rank = _ASIDE + rank
    db.session.flush()
    for rank, offer_id in enumerate(order, start=1):
        by_offer[offer_id].rank = rank
    db.session.flush()
    db.session.expire(wish_list, ["wishes"])


def _touched(wish_list: WishList, student: Student, by: Actor, action: str, offer_id: int | None = None) -> None:
    if by.role is not Role.STUDENT:
        wish_list.typed_by_staff = True
        audit.record(action, student, by=by, offer_id=offer_id)
