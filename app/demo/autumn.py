"""A second, earlier campaign of the demo: two classes of 4e, whose stages are being confirmed, signed, done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from app.campaigns.models import Campaign, CampaignWeek, Territory
from app.campaigns.states import Phase
from app.demo import classes, people, sources, structures, wishing
from app.demo.calendar import school_year_of
from app.hosts.models import HostOrganization
from app.kernel.database import db
from app.offers.models import PlacementOffer
from app.offers.states import OfferState
from app.schools.models import School, SchoolClass, Student

NAME = "Stages de 4e, automne"
SCHOOLS = ("0622795B", "0622581U")  # Rabelais, the collège shown; Gérard Philipe
STUDENTS = 12  # a school
_LEVEL = "4e"
_OFFERS = 34
_FEW = 5  # offers that are open in the week which is over, and in the one under way
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Weeks:
    """Mondays: of the stages that are over, of those of this week (or of the coming one), of those being prepared."""

    over: date
    now: date
    ahead: date

    @property
    def all(self) -> tuple[date, date, date]:
        return self.over, self.now, self.ahead


def weeks_around(today: date, is_stage_week: Callable[[date], bool]) -> Weeks:
    """The stage weeks around a day: the last whose Friday is past, the next one, and one at least eight days away."""
    monday = today - timedelta(days=today.weekday())
    over = monday if today.weekday() > 4 and is_stage_week(monday) else monday - _WEEK
    while not is_stage_week(over):
        over -= _WEEK
    now = over + _WEEK
    while not is_stage_week(now) or now + timedelta(days=4) < today:
        now += _WEEK
    ahead = now + _WEEK
    while not is_stage_week(ahead) or ahead < today + timedelta(days=8):
        ahead += _WEEK
    return Weeks(over, now, ahead)


def of_territory(territory_id: int) -> Campaign | None:
    return db.session.scalar(
        select(Campaign).where(Campaign.territory_id == territory_id, Campaign.name == NAME).order_by(Campaign.id)
    )


def add(territory: Territory, weeks: Weeks, *, now: datetime) -> Campaign:
    """The campaign with its offers, classes and wishes, as they stood when the wishes closed."""
    opened = weeks.over - timedelta(days=54)
    campaign = Campaign(
        territory_id=territory.id,
        name=NAME,
        school_year=school_year_of(weeks.over),
        levels=_LEVEL,
        phase=Phase.WISHES,
        offers_open_on=opened - timedelta(days=20),
        wishes_open_on=opened,
        wishes_close_on=opened + timedelta(days=13),
        publish_on=opened + timedelta(days=20),
        weeks=[CampaignWeek(monday=monday) for monday in weeks.all],
    )
    db.session.add(campaign)
    db.session.flush()
    password_hash = _password_hash(territory)
    _make_known(territory, weeks)
    offers = _add_offers(campaign, territory, weeks, now=now)
    schools = {
        school.uai: school
        for school in db.session.scalars(
            select(School).where(School.territory_id == territory.id, School.uai.in_(SCHOOLS))
        )
    }
    shelf = wishing.shelf(offers)
    homes = wishing.Homes({commune.insee: commune for commune in territory.communes})
    for uai in SCHOOLS:
        school = schools[uai]
        classes.add_weeks(campaign, {school.id: weeks.all})
        room = classes.add_classes(
            campaign, classes.Headcount(school, STUDENTS), password_hash=password_hash, now=now, level=_LEVEL
        )
        _complete_families(room)
        wishing.add_wishes(
            room,
            shelf,
            homes,
            {school.id: weeks.all},
            max_wishes=campaign.max_wishes,
            opened_on=campaign.wishes_open_on,
            now=now,
            everybody=True,
        )
    return campaign


def _password_hash(territory: Territory) -> str:
    member = db.session.scalars(
        select(HostOrganization).where(HostOrganization.territory_id == territory.id).order_by(HostOrganization.id)
    ).first()
    assert member is not None
    found = member.members[0].user.password_hash
    assert found is not None
    return found


def _make_known(territory: Territory, weeks: Weeks) -> None:
    """What schools and structures have said of themselves, so that a convention is mostly filled."""
    schools = db.session.scalars(select(School).where(School.territory_id == territory.id).order_by(School.uai))
    for number, school in enumerate(schools):
        school.phone = f"03 53 01 62 {number + 10}"
        school.email = f"secretariat@{classes.short_name(school)}.example"
        if school.is_public:
            school.board_approval_on = weeks.over - timedelta(days=60)
    organizations = db.session.scalars(select(HostOrganization).where(HostOrganization.territory_id == territory.id))
    for organization in organizations:
        owner = organization.members[0]
        organization.representative_name = owner.user.display_name
        organization.representative_role = owner.job_title or "responsable"
        organization.representative_email = owner.user.email or ""
        organization.insurer, organization.insurance_policy = "Mutuelle du Bassin minier", f"RC {organization.id:05d}"


def _add_offers(campaign: Campaign, territory: Territory, weeks: Weeks, *, now: datetime) -> list[PlacementOffer]:
    """Offers for 4e: a few of one place in the week that is over and in this one, most in the week ahead."""
    organizations = {
        organization.siren: organization
        for organization in db.session.scalars(
            select(HostOrganization).where(HostOrganization.territory_id == territory.id)
        )
    }
    sirens = {record["key"]: record["siren"] for record in sources.organizations()}
    records = [r for r in sources.offers() if _LEVEL in r["levels"] and r["state"] == "published"]
    offers: list[PlacementOffer] = []
    for record in records[:: max(1, len(records) // _OFFERS)][:_OFFERS]:
        organization = organizations[sirens[record["organization"]]]
        number = len(offers)
        monday = weeks.over if number < _FEW else weeks.now if number < 2 * _FEW else weeks.ahead
        offer = structures.make_offer(record, campaign, organization, {monday: 1})
        offer.levels, offer.state = _LEVEL, OfferState.PUBLISHED
        offer.created_at = offer.updated_at = offer.forbidden_works_acknowledged_at = now
        first, last = offer.tutor_name.split(" ", 1)
        domain = people.slug(organization.name)[:40].strip("-")
        offer.tutor_email = people.address(first, last, domain)
        offers.append(offer)
    db.session.add_all(offers)
    db.session.flush()
    return offers


def _complete_families(room: Sequence[tuple[SchoolClass, list[Student]]]) -> None:
    """Born thirteen years ago; each family reached by mail, but one a class, by paper alone."""
    for school_class, students in room:
        rng = people.stream("autumn", school_class.code)
        cast = people.Cast("autumn", school_class.code)
        year = int(school_class.campaign.school_year[:4]) - 13
        for number, student in enumerate(students):
            student.birth_date = date(year, rng.randint(1, 8), rng.randint(1, 28))
            if not student.guardians:
                classes.add_guardian(student, cast)
            first = student.guardians[0]
            given, family = first.name.split(" ", 1)
            first.email = None if number == len(students) - 1 else people.address(given, family, "famille")
            first.phone = f"06 39 98 {rng.randint(10, 99)} {rng.randint(10, 99)}"  # numbers kept for fiction
