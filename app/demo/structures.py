"""Fictional structures with their account, and their offers of this year and of the last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from app.access.policy import Role
from app.accounts.models import User
from app.campaigns.models import Campaign, Commune, Territory
from app.demo import sources
from app.demo.calendar import Calendar
from app.hosts.models import EssFamily, HostKind, HostMember, HostOrganization, HostSite, MemberRole
from app.hosts.states import HostState
from app.kernel.database import db
from app.offers.models import MAX_CAPACITY, PlacementOffer, Slot
from app.offers.states import OfferState

# The last structures of the file have just registered: the coordinator has something to verify.
JUST_REGISTERED = 3
# Among the other offers, one in so many is still on its way to publication.
_WAITING_EVERY, _SENT_BACK_EVERY, _DRAFT_EVERY = 41, 97, 83
_SENT_BACK_REASON = "Pouvez-vous préciser qui accompagne l’élève l’après-midi, et retirer l’utilisation de la machine ?"

# With all 1,722 students, small structures of the file would leave two thirds of them without a place: each offer
# then runs in every week, with one place more.
FULL_EXTRA_PLACES = 1


def add_organizations(
    territory: Territory, communes: Mapping[str, Commune], *, password_hash: str, now: datetime
) -> dict[str, HostOrganization]:
    """Every structure by the key of the data, with one owner's account each."""
    records = sources.organizations()
    registered = {record["key"] for record in records[-JUST_REGISTERED:]}
    found: dict[str, HostOrganization] = {}
    for number, record in enumerate(records):
        contact = record["contact"]
        since = now - timedelta(days=80 - number % 60) if record["key"] not in registered else now - timedelta(hours=20)
        found[record["key"]] = HostOrganization(
            territory_id=territory.id,
            siren=record["siren"],
            name=record["name"],
            legal_form=record["legal_form"],
            family=EssFamily(record["family"]),
            kind=HostKind(record["kind"]),
            mission=record["mission"],
            ess_sentence=record["ess_sentence"],
            employees=record["employees"],
            phone=contact["phone"],
            state=HostState.REGISTERED if record["key"] in registered else HostState.VERIFIED,
            created_at=since,
            sites=[
                HostSite(
                    commune_id=communes[site["commune_insee"]].id,
                    siret=site["siret"],
                    name=site["name"],
                    address=site["address"],
                    postcode=site["postcode"],
                    lat=site["lat"],
                    lon=site["lon"],
                    access=site.get("access", ""),
                )
                for site in record["sites"]
            ],
            members=[
                HostMember(
                    role=MemberRole.OWNER,
                    job_title=contact["role"],
                    user=User(
                        territory_id=territory.id,
                        role=Role.HOST,
                        display_name=contact["name"],
                        email=contact["email"],
                        password_hash=password_hash,
                        created_at=since,
                    ),
                )
            ],
        )
    db.session.add_all(found.values())
    db.session.flush()
    return found


def add_offers(
    campaign: Campaign,
    calendar: Calendar,
    organizations: Mapping[str, HostOrganization],
    *,
    full: bool,
    now: datetime,
) -> list[PlacementOffer]:
    """This year's offers, most of them published. Those of unverified structures wait with them."""
    offers = []
    for number, record in enumerate(sources.offers(), start=1):
        organization = organizations[record["organization"]]
        state, reason = _state(number, organization)
        written = {calendar.monday(monday): places for monday, places in sources.week_places(record).items()}
        places = _full(written, calendar.mondays) if full else written
        offer = make_offer(record, campaign, organization, places)
        offer.state, offer.state_reason = state, reason
        offer.created_at = offer.updated_at = max(organization.created_at, now - timedelta(days=50)) + timedelta(
            hours=2
        )
        if state is not OfferState.DRAFT:
            offer.forbidden_works_acknowledged_at = offer.created_at
        offers.append(offer)
    db.session.add_all(offers)
    db.session.flush()
    return offers


def _state(number: int, organization: HostOrganization) -> tuple[OfferState, str]:
    if organization.state is not HostState.VERIFIED or number % _WAITING_EVERY == 0:
        return OfferState.SUBMITTED, ""
    if number % _SENT_BACK_EVERY == 0:
        return OfferState.SENT_BACK, _SENT_BACK_REASON
    if number % _DRAFT_EVERY == 0:
        return OfferState.DRAFT, ""
    return OfferState.PUBLISHED, ""


def _full(written: Mapping[date, int], mondays: Iterable[date]) -> dict[date, int]:
    usual = max(written.values())
    return {monday: min(usual + FULL_EXTRA_PLACES, MAX_CAPACITY) for monday in mondays}


def add_last_year(
    campaign: Campaign, organizations: Mapping[str, HostOrganization], *, now: datetime
) -> list[PlacementOffer]:
    """Closed offers of the campaign before, there to be taken up again in one click."""
    offers = []
    for record in sources.last_year_offers():
        organization = organizations[record["organization"]]
        places = {week.monday: record["places"] for week in campaign.weeks}
        offer = make_offer(record, campaign, organization, places)
        offer.state = OfferState.CLOSED
        offer.created_at = offer.updated_at = offer.forbidden_works_acknowledged_at = now - timedelta(days=380)
        offers.append(offer)
    db.session.add_all(offers)
    db.session.flush()
    return offers


def make_offer(
    record: sources.Record, campaign: Campaign, organization: HostOrganization, places: Mapping[date, int]
) -> PlacementOffer:
    """An offer as the data writes it, not stored yet, with so many places a week."""
    return PlacementOffer(
        territory_id=campaign.territory_id,
        campaign=campaign,
        organization=organization,
        site=organization.sites[record["site"]],
        title=record["title"],
        description=record["description"],
        sector=record["sector"],
        occupations=record["occupations"],
        conditions=record["conditions"],
        levels=",".join(record["levels"]),
        schedule=sources.week_hours(record).to_json(),
        lunch=record["lunch"],
        dress=record["dress"],
        tutor_name=record["tutor"]["name"],
        tutor_role=record["tutor"]["role"],
        slots=[Slot(monday=monday, capacity=number) for monday, number in sorted(places.items())],
    )
