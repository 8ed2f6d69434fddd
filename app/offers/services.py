"""The verbs of offers: write, correct, send, publish, send back, suspend, restore, close, take up again."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.access.policy import Permission
from app.audit import services as audit
from app.campaigns import rules as campaign_rules
from app.campaigns.models import Campaign
from app.campaigns.states import OFFERS_EDITABLE
from app.hosts import queries as host_queries
from app.hosts.models import HostOrganization
from app.hosts.services import demanded_reason
from app.hosts.states import HostState
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Forbidden, Hidden, Invalid, PhaseClosed
from app.messaging import services as messaging
from app.offers import emails, queries, rules
from app.offers.models import PlacementOffer, Slot, snapshot
from app.offers.rules import Frame, OfferDraft, problems
from app.offers.states import EDITABLE, TABLE, OfferState
from app.regulations import gateway as calendar
from app.regulations.rules import Line


def frame_for(campaign: Campaign, organization_id: int, draft: OfferDraft) -> Frame:
    """What this campaign and this structure allow, with the reason why other weeks of the draft are refused."""
    mondays = [week.monday for week in campaign.weeks]
    return Frame(
        mondays=mondays,
        levels=campaign.level_list,
        site_ids=[site.id for site in host_queries.sites_of(organization_id)],
        week_problem={monday: _why_not(monday) for monday in (draft.places or {}) if monday not in mondays},
        closed_days=closed_days(campaign),
    )


def closed_days(campaign: Campaign) -> dict[date, str]:
    """The days of the campaign's weeks, Sundays included, on which no stage takes place, and why."""
    return {
        day: reason
        for week in campaign.weeks
        for day, reason in calendar.closed_days(week.monday, week.monday + timedelta(days=6)).items()
    }


def _why_not(monday: date) -> str:
    try:
        reason = campaign_rules.week_problem(
            monday, is_school_holiday=calendar.is_school_holiday, public_holiday=calendar.public_holiday
        )
    except calendar.UnknownYear:
        reason = None
    return reason or _("Cette semaine n’est pas une semaine de stage de la campagne.")


def hours_lines(draft: OfferDraft, campaign: Campaign) -> tuple[Line, ...]:
    """What the hours of the draft break or deserve a remark for, in the weeks of the campaign."""
    mondays = [week.monday for week in campaign.weeks]
    frame = Frame(mondays=mondays, levels=campaign.level_list, site_ids=(), closed_days=closed_days(campaign))
    return rules.hours_lines(draft, frame)


def check(draft: OfferDraft, campaign: Campaign, organization_id: int, *, complete: bool) -> None:
    """Raise `Invalid` with every field to correct."""
    found = problems(draft, frame_for(campaign, organization_id, draft), complete=complete)
    if found:
        raise Invalid(_("L’offre est à compléter."), found)


def write(
    draft: OfferDraft,
    organization: HostOrganization,
    campaign: Campaign,
    *,
    request_key: str,
    send: bool,
    by: Actor,
) -> PlacementOffer:
    """A new offer, as a draft or sent to be read again. The same `request_key` twice makes one offer."""
    _demand_place(organization, draft, by=by)
    with transaction():
        known = queries.by_request_key(request_key)
        if known is not None:
            if known.organization_id != organization.id:
                raise Forbidden(_("Vous n’avez pas le droit de faire cela."))
            return known
        _demand_open(campaign, organization)
        check(draft, campaign, organization.id, complete=send)
        offer = PlacementOffer(
            territory_id=organization.territory_id,
            campaign_id=campaign.id,
            organization_id=organization.id,
            request_key=request_key,
        )
        _fill(offer, draft)
        try:
            with db.session.begin_nested():
                db.session.add(offer)
        except IntegrityError:  # the same form, sent twice at the same instant
            known = queries.by_request_key(request_key)
            if known is None:
                raise
            return known
        audit.record("offer.write", offer, by=by, to_state=OfferState.DRAFT)
        if send:
            _step(offer, "submit", by=by)
        return offer


def _demand_place(organization: HostOrganization, draft: OfferDraft, *, by: Actor) -> None:
    """An offer is written for a place where one works; without a place yet, by whoever works at one of them."""
    places = host_queries.sites_of(organization.id)
    chosen = [site for site in places if site.id == draft.site_id] or places
    if not by.can(Permission.OFFER_EDIT, organization) and not any(by.can(Permission.OFFER_EDIT, s) for s in chosen):
        raise Forbidden(_("Vous n’avez pas le droit de faire cela."))


def rewrite(offer: PlacementOffer, draft: OfferDraft, *, send: bool, by: Actor) -> None:
    """Correct an offer which is not public yet; with `send`, hand it to the coordination."""
    by.demand(Permission.OFFER_EDIT, offer)
    _demand_place(offer.organization, draft, by=by)
    with transaction():
        row = _lock(offer)
        if row.state not in EDITABLE:
            raise Conflict(_("Cette offre ne se modifie plus. Demandez à la coordination de vous la renvoyer."))
        _demand_open(row.campaign, row.organization)
        sending = send and row.state is not OfferState.SUBMITTED
        check(draft, row.campaign, row.organization_id, complete=send or row.state is OfferState.SUBMITTED)
        _fill(row, draft)
        _flush_slots()
        row.updated_at = clock.now()
        audit.record("offer.rewrite", row, by=by)
        if sending:
            _step(row, "submit", by=by)


def act(offer: PlacementOffer, action: str, *, by: Actor, reason: str = "") -> None:
    """One action of the state table. A second identical call changes nothing."""
    transition = TABLE[action]
    by.demand(Permission(transition.permission), offer)
    reason = demanded_reason(reason) if transition.needs_reason else ""
    with transaction():
        row = _lock(offer)
        if row.state is transition.target and (not transition.needs_reason or row.state_reason == reason):
            return
        TABLE.step(row.state, action)
        if action == "submit":
            _demand_open(row.campaign, row.organization)
            check(draft_of(row), row.campaign, row.organization_id, complete=True)
        if action in {"publish", "restore"} and row.organization.state is not HostState.VERIFIED:
            raise Conflict(_("La structure n’est pas vérifiée : vérifiez-la d’abord, l’offre suivra."))
        if action in {"close", "send_back"} and any(slot.taken for slot in row.slots):
            raise Conflict(_("Un élève est affecté à cette offre. Libérez d’abord sa place, ou suspendez l’offre."))
        _step(row, action, by=by, reason=reason)


def reuse(offer: PlacementOffer, campaign: Campaign, *, by: Actor) -> PlacementOffer:
    """A draft of this campaign with the words of a past offer. However many clicks, one copy."""
    by.demand(Permission.OFFER_EDIT, offer)
    with transaction():
        known = queries.copy_of(offer.id, campaign.id)
        if known is not None:
            return known
        _demand_open(campaign, offer.organization)
        past = offer.campaign.school_year < campaign.school_year
        if offer.territory_id != campaign.territory_id or not (past or offer.state is OfferState.CLOSED):
            raise Conflict(_("Cette offre est déjà dans la campagne : modifiez-la directement."))
        copy = PlacementOffer(campaign_id=campaign.id, copied_from_id=offer.id, **snapshot(offer))
        kept = [level for level in offer.level_list if level in campaign.level_list]
        copy.levels = ",".join(kept or campaign.level_list)
        try:
            with db.session.begin_nested():
                db.session.add(copy)
        except IntegrityError:  # two clicks at the same instant
            known = queries.copy_of(offer.id, campaign.id)
            if known is None:
                raise
            return known
        audit.record("offer.reuse", copy, by=by, to_state=OfferState.DRAFT, copied_from=offer.id)
        return copy


def draft_of(offer: PlacementOffer) -> OfferDraft:
    """The value object of a stored offer."""
    return OfferDraft(
        title=offer.title,
        description=offer.description,
        sector=offer.sector,
        site_id=offer.site_id,
        occupations=tuple(offer.occupations),
        conditions=tuple(offer.conditions),
        levels=tuple(offer.level_list),
        hours=offer.hours,
        places={slot.monday: slot.capacity for slot in offer.slots},
        lunch=offer.lunch,
        dress=offer.dress,
        tutor_name=offer.tutor_name,
        tutor_role=offer.tutor_role,
        acknowledged=offer.forbidden_works_acknowledged_at is not None,
    )


def _step(offer: PlacementOffer, action: str, *, by: Actor, reason: str = "") -> None:
    former = offer.state
    offer.state = TABLE.step(former, action).target
    offer.state_reason = reason
    offer.updated_at = clock.now()
    audit.record(f"offer.{action}", offer, by=by, from_state=former, to_state=offer.state, reason=reason)
    if action in emails.TOLD:
        entry = host_queries.last_entry("PlacementOffer", offer.id)
        people = [member.user for member in host_queries.answering_at(offer.site_id)]
        messaging.post_all(emails.decision(action, offer, person, entry) for person in people)


def _demand_open(campaign: Campaign, organization: HostOrganization) -> None:
    if campaign.phase not in OFFERS_EDITABLE:
        raise PhaseClosed(_("La campagne est trop avancée pour changer les offres. Écrivez à la coordination."))
    if organization.state is HostState.SUSPENDED:
        raise Conflict(_("La structure est suspendue : ses offres ne peuvent pas changer."))
    if organization.state is HostState.REFUSED:
        raise Conflict(_("L’inscription de la structure a été refusée : elle ne peut pas proposer d’offre."))


def _fill(offer: PlacementOffer, draft: OfferDraft) -> None:
    assert draft.site_id is not None
    assert draft.hours is not None
    offer.title, offer.description, offer.sector = draft.title, draft.description, draft.sector
    offer.site_id = draft.site_id
    offer.occupations, offer.conditions = list(draft.occupations), list(draft.conditions)
    offer.levels = ",".join(draft.levels)
    offer.schedule = draft.hours.to_json()
    offer.lunch, offer.dress = draft.lunch, draft.dress
    _name_tutor(offer, draft)
    if not draft.acknowledged:
        offer.forbidden_works_acknowledged_at = None
    elif offer.forbidden_works_acknowledged_at is None:
        offer.forbidden_works_acknowledged_at = clock.now()
    _fill_slots(offer, {monday: number for monday, number in (draft.places or {}).items() if number})


def _name_tutor(offer: PlacementOffer, draft: OfferDraft) -> None:
    """Somebody of the team, named as the team does, is written to and signs from their account.

    Another name than before is another person: the former's address and telephone go.
    """
    named = draft.tutor_name.casefold()
    team = [m for m in host_queries.answering_at(offer.site_id) if m.user.display_name.casefold() == named]
    if named != (offer.tutor_name or "").casefold():
        offer.tutor_email, offer.tutor_phone = "", ""
    offer.tutor_name, offer.tutor_role = draft.tutor_name, draft.tutor_role
    if len(team) == 1:
        offer.tutor_email = team[0].user.email or ""
        offer.tutor_role = draft.tutor_role or team[0].job_title


def _fill_slots(offer: PlacementOffer, places: dict[date, int]) -> None:
    """Same weeks keep their rows: proposals and placements point at them."""
    for slot in list(offer.slots):
        number = places.pop(slot.monday, 0)
        if number < slot.taken:
            sentence = _("%(n)s élèves sont déjà affectés cette semaine-là.", n=slot.taken)
            raise Invalid(sentence, {"weeks": sentence})
        if number == 0:
            offer.slots.remove(slot)
        else:
            slot.capacity = number
    offer.slots.extend(Slot(monday=monday, capacity=number) for monday, number in sorted(places.items()))


def _flush_slots() -> None:
    """A week can be withdrawn only while nothing points at it."""
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError:
        sentence = _("Des élèves sont déjà proposés pour une semaine que vous retirez. Laissez-la, ou écrivez-nous.")
        raise Invalid(sentence, {"weeks": sentence}) from None


def _lock(offer: PlacementOffer) -> PlacementOffer:
    row = locked(PlacementOffer, offer.id)
    if row is None:
        raise Hidden(_("Cette offre n’existe plus."))
    return row
