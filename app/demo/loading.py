"""`flask demo load`: everything in one transaction, once. A second call changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.policy import Role
from app.accounts import second_factor
from app.accounts import services as accounts
from app.accounts.models import User
from app.accounts.rules import DEMO_SECRET, SECOND_FACTOR_FOR
from app.campaigns import rules as campaign_rules
from app.campaigns.models import Campaign, CampaignWeek, Territory
from app.campaigns.states import Phase
from app.demo import classes, people, structures, wishing
from app.demo.calendar import Calendar, calendar_for, year_before
from app.demo.territory import SLUG, add_territory
from app.kernel import clock
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict
from app.regulations import gateway as calendars
from app.schools.models import Student
from app.settings import Settings

Progress = Callable[[str, int, int], None]

ADMIN = "admin@passerelle.example"
COORDINATORS = ("coordination@passerelle.example", "coordination.carvin@passerelle.example")
OBSERVER = "observation@passerelle.example"


@dataclass(frozen=True, slots=True)
class Loaded:
    """`created` is false when there was nothing to do."""

    territory_id: int
    created: bool
    students: int


def existing() -> Territory | None:
    return db.session.scalar(select(Territory).where(Territory.slug == SLUG))


def load(*, full: bool = False, territory_only: bool = False, progress: Progress = lambda *_: None) -> Loaded:
    """Fill the database with the demo, or with the communes and collèges alone.

    `progress(stage, done, total)` is called along the way. Raises `Conflict` when the database holds a territory which
    is not a demo, or when it is not empty and the site does not say that it is a demo (PASSERELLE_DEMO).
    """
    with transaction():
        present = existing()
        if present is not None and (territory_only or present.is_demo):
            if present.is_demo:
                _give_second_factors()
            return Loaded(present.id, False, _students(present.id))
        if not territory_only:
            _demand_room()
        if territory_only:
            territory, _communes, _schools = add_territory(is_demo=False)
            return Loaded(territory.id, True, 0)
        return _everything(full, progress)


def _students(territory_id: int) -> int:
    count = select(func.count()).select_from(Student).where(Student.territory_id == territory_id)
    return db.session.scalar(count) or 0


def _demand_room() -> None:
    settings: Settings = current_app.config["SETTINGS"]
    if db.session.scalar(select(Territory.id).where(Territory.is_demo.is_(False)).limit(1)) is not None:
        raise Conflict(
            _(
                "Cette base contient un territoire réel : la démonstration n’y entre pas. "
                "Utilisez une autre base, ou l’option --territory-only."
            )
        )
    occupied = db.session.scalar(select(Territory.id).limit(1)) is not None
    if not settings.demo and (occupied or settings.environment == "production"):
        raise Conflict(
            _("La démonstration ne se charge que dans une base vide, ou sur un site déclaré par PASSERELLE_DEMO=1.")
        )


def is_stage_week(monday: date) -> bool:
    try:
        problem = campaign_rules.week_problem(
            monday, is_school_holiday=calendars.is_school_holiday, public_holiday=calendars.public_holiday
        )
    except calendars.UnknownYear:  # beyond the published calendar: any week but those of summer and Christmas
        return monday.month not in {7, 8} and not (monday.month == 12 and monday.day > 17)
    return problem is None


def _everything(full: bool, progress: Progress) -> Loaded:
    now = clock.now()
    calendar = calendar_for(clock.today(), is_stage_week)
    progress(_("communes et collèges"), 0, 0)
    territory, communes, schools = add_territory(is_demo=True)
    password_hash = _office(territory)
    campaign = _campaign(territory, calendar, Phase.WISHES)
    past = _campaign(territory, year_before(calendar, is_stage_week), Phase.CLOSED)

    progress(_("structures et offres"), 0, 0)
    organizations = structures.add_organizations(territory, communes, password_hash=password_hash, now=now)
    offers = structures.add_offers(campaign, calendar, organizations, full=full, now=now)
    structures.add_last_year(past, organizations, now=now)

    counts = classes.headcounts(schools, full=full)
    places = dict.fromkeys(calendar.mondays, 0)
    for offer in offers:
        for slot in offer.slots if offer.is_public else ():
            places[slot.monday] += slot.capacity
    weeks = classes.share_weeks(counts, places)
    classes.add_weeks(campaign, weeks)

    shelf, homes = wishing.shelf(offers), wishing.Homes(communes)
    total, done = sum(count.students for count in counts), 0
    for count in counts:
        classes.add_head(count.school, password_hash=password_hash)
        room = classes.add_classes(campaign, count, password_hash=password_hash, now=now)
        wishing.add_wishes(
            room,
            shelf,
            homes,
            weeks,
            max_wishes=campaign.max_wishes,
            opened_on=campaign.wishes_open_on,
            now=now,
        )
        done += count.students
        progress(_("élèves"), done, total)
    return Loaded(territory.id, True, total)


def _office(territory: Territory) -> str:
    """Coordinators, observer and, if there is none yet, the administrator. Returns the hash of their password."""
    cast = people.Cast("office")
    users = [
        User(
            territory_id=territory.id,
            role=Role.OBSERVER if email == OBSERVER else Role.COORDINATOR,
            display_name=" ".join(cast.person()),
            email=email,
        )
        for email in (*COORDINATORS, OBSERVER)
    ]
    db.session.add_all(users)
    db.session.flush()
    accounts.set_password(users[0], people.PASSWORD)
    password_hash = users[0].password_hash
    assert password_hash is not None
    for user in users[1:]:
        user.password_hash = password_hash
    if db.session.scalar(select(User.id).where(User.role == Role.ADMIN).limit(1)) is None:
        accounts.create_admin(ADMIN, " ".join(cast.person()), people.PASSWORD)
    _give_second_factors()
    return password_hash


def _give_second_factors() -> None:
    """The secret is the same for all and known to all: on a demo site, the page that asks for a code shows it."""
    for user in db.session.scalars(select(User).where(User.email.in_((ADMIN, *COORDINATORS)))):
        if user.role in SECOND_FACTOR_FOR:
            second_factor.install(user, DEMO_SECRET)


def _campaign(territory: Territory, calendar: Calendar, phase: Phase) -> Campaign:
    campaign = Campaign(
        territory_id=territory.id,
        name=f"Stages de découverte {calendar.school_year}",
        school_year=calendar.school_year,
        levels="4e,3e",
        phase=phase,
        offers_open_on=calendar.offers_open_on,
        wishes_open_on=calendar.wishes_open_on,
        wishes_close_on=calendar.wishes_close_on,
        publish_on=calendar.publish_on,
        weeks=[CampaignWeek(monday=monday) for monday in calendar.mondays],
    )
    db.session.add(campaign)
    db.session.flush()
    return campaign
