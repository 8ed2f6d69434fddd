"""The verbs of territories and campaigns."""

from __future__ import annotations

import re
import unicodedata

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.access.policy import Permission
from app.audit import services as audit
from app.campaigns import queries
from app.campaigns.models import Campaign, CampaignWeek, Commune, Territory
from app.campaigns.rules import CampaignDraft, CommuneDraft, TerritoryDraft, week_problem
from app.campaigns.states import TABLE, Phase
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Forbidden, Hidden, Invalid
from app.regulations import gateway


def create_territory(
    draft: TerritoryDraft, communes: list[CommuneDraft], *, by: Actor, is_demo: bool = False
) -> Territory:
    """A new territory; raises `Invalid` when the name is taken."""
    by.demand(Permission.TERRITORY_MANAGE)
    plain = unicodedata.normalize("NFKD", draft.name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "territoire"
    with transaction():
        if queries.territory_by_slug(slug) is not None:
            sentence = _("Un territoire porte déjà ce nom.")
            raise Invalid(sentence, {"name": sentence})
        territory = Territory(
            slug=slug,
            name=draft.name,
            operator=draft.operator,
            contact_email=draft.contact_email,
            contact_phone=draft.contact_phone,
            communes=[_commune(commune) for commune in communes],
        )
        db.session.add(territory)
        audit.record("territory.create", territory, by=by)
        return territory


def _commune(draft: CommuneDraft) -> Commune:
    return Commune(insee=draft.insee, name=draft.name, postcode=draft.postcode, lat=draft.lat, lon=draft.lon)


def save_campaign(draft: CampaignDraft, *, by: Actor, campaign: Campaign | None = None) -> Campaign:
    """Create the campaign of the actor's territory, or change its name, dates, levels and weeks.

    Raises `Invalid` beside `mondays`, a date or `name`. A week that somebody already relies on is kept by the rooms
    above: they refuse on their own foreign keys, so it is never removed silently here.
    """
    by.demand(Permission.CAMPAIGN_MANAGE, campaign)
    if by.territory_id is None:
        raise Forbidden(_("Votre compte n’a pas de territoire."))
    _check(draft)
    with transaction():
        created = campaign is None
        if campaign is None:
            campaign = Campaign(territory_id=by.territory_id, phase=Phase.COLLECTING)
            db.session.add(campaign)
        campaign.name, campaign.school_year = draft.name, draft.school_year
        campaign.levels = ",".join(draft.levels)
        campaign.max_wishes = draft.max_wishes
        campaign.offers_open_on, campaign.wishes_open_on = draft.offers_open_on, draft.wishes_open_on
        campaign.wishes_close_on, campaign.publish_on = draft.wishes_close_on, draft.publish_on
        kept = {week.monday: week for week in campaign.weeks}
        campaign.weeks = [kept.get(monday) or CampaignWeek(monday=monday) for monday in draft.mondays]
        try:
            db.session.flush()
        except IntegrityError as error:
            sentence = _("Une campagne de cette année porte déjà ce nom.")
            raise Invalid(sentence, {"name": sentence}) from error
        audit.record("campaign.create" if created else "campaign.change", campaign, by=by)
        return campaign


def _check(draft: CampaignDraft) -> None:
    problems: dict[str, str] = {}
    if not draft.mondays:
        problems["mondays"] = _("Choisissez au moins une semaine de stage.")
    for monday in draft.mondays:
        try:
            problem = week_problem(
                monday, is_school_holiday=gateway.is_school_holiday, public_holiday=gateway.public_holiday
            )
        except gateway.UnknownYear:
            problem = _("Les vacances de cette année ne sont pas encore publiées.")
        if problem:
            problems["mondays"] = problem
    if draft.offers_open_on > draft.wishes_open_on:
        problems["wishes_open_on"] = _("Les vœux s’ouvrent après le début de la collecte des offres.")
    if draft.wishes_open_on >= draft.wishes_close_on:
        problems["wishes_close_on"] = _("Les vœux se ferment après leur ouverture.")
    if draft.wishes_close_on > draft.publish_on:
        problems["publish_on"] = _("La publication vient après la clôture des vœux.")
    if draft.mondays and draft.publish_on >= min(draft.mondays):
        problems["publish_on"] = _("La publication vient avant la première semaine de stage.")
    if problems:
        raise Invalid(_("Quelques réponses sont à corriger."), problems)


def change_phase(campaign_id: int, action: str, *, by: Actor, reason: str = "") -> Campaign:
    """Move the campaign along its table. The same move twice changes nothing the second time."""
    with transaction():
        campaign = locked(Campaign, campaign_id)
        if campaign is None:
            raise Hidden(_("Cette campagne n’existe pas."))
        transition = TABLE[action]
        by.demand(Permission(transition.permission), campaign)
        if campaign.phase is transition.target:
            return campaign
        TABLE.step(campaign.phase, action)
        if transition.needs_reason and not reason.strip():
            sentence = _("Dites en une phrase pourquoi : elle sera gardée dans le journal.")
            raise Invalid(sentence, {"reason": sentence})
        before, campaign.phase = campaign.phase, transition.target
        audit.record(f"campaign.{action}", campaign, by=by, from_state=before, to_state=campaign.phase, reason=reason)
        return campaign
