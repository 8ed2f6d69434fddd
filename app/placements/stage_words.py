"""What a stage reads like: the sheets' values, and the events of each reader's calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from flask import current_app
from flask_babel import gettext as _

from app.campaigns.models import Commune, Territory
from app.kernel.clock import PARIS
from app.kernel.geography import TravelMode
from app.offers import safety
from app.offers.safety import ForbiddenWork
from app.placements import hours
from app.placements.models import Placement
from app.placements.queries import stage
from app.placements.stage_rules import Event, Journey, Plan, Spot, SpotKind, journey, plan, sequence
from app.placements.states import TOLD
from app.regulations.schedules import DayPlan, Schedule, hours_of
from app.settings import Settings
from app.web import wording
from app.wishes import queries as wish_queries
from app.wishes.models import InterestProfile

HOST = "host"
STUDENT = "student"
SCHOOL = "school"


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the one-page sheet of a stage shows. `from_home`: the way starts in the student's own commune.

    Neither way nor drawing for a place outside the territory, of which no coordinates are known.
    """

    placement: Placement
    schedule: Schedule
    territory: Territory
    way: Journey | None
    from_home: str
    drawing: Plan | None
    planner_url: str
    works: Sequence[ForbiddenWork]

    @property
    def first_day(self) -> DayPlan | None:
        return self.schedule.days[0] if self.schedule.days else None

    @property
    def markers(self) -> list[dict[str, object]]:
        """The spots as the map macro reads them."""
        if self.drawing is None:
            return []
        return [
            {
                "lat": drawn.spot.point.lat,
                "lng": drawn.spot.point.lon,
                "title": drawn.spot.label,
                "home": drawn.spot.kind is not SpotKind.SITE,
                "pictogram": {SpotKind.HOME: "maison", SpotKind.SCHOOL: "ecole"}.get(drawn.spot.kind, "structure"),
            }
            for drawn in self.drawing.spots
            if drawn.spot.kind is not SpotKind.TOWN
        ]


def sheets(placements: Sequence[Placement]) -> list[Sheet]:
    """The sheets of placements of one territory, in a fixed number of statements."""
    if not placements:
        return []
    territory = stage.territory(placements[0].territory_id)
    towns = stage.towns(territory.id)
    homes = wish_queries.profiles([placement.student_id for placement in placements])
    schedules = hours.of_all(placements)
    return [
        _sheet(placement, schedules[placement.id], homes.get(placement.student_id), territory, towns)
        for placement in placements
    ]


def sheet(placement: Placement) -> Sheet:
    return sheets([placement])[0]


def _sheet(
    placement: Placement,
    schedule: Schedule,
    profile: InterestProfile | None,
    territory: Territory,
    towns: Sequence[Commune],
) -> Sheet:
    site, school = placement.slot.offer.site, placement.student.school_class.school
    home = profile.commune if profile and profile.commune else None
    start = home.point if home else school.point
    spots = [Spot(school.name, school.point, SpotKind.SCHOOL)]
    if site.is_located:
        spots.insert(0, Spot(placement.slot.offer.organization.name, site.point, SpotKind.SITE))
    if home is not None:
        spots.append(Spot(home.name, home.point, SpotKind.HOME))
    around = [Spot(town.name, town.point, SpotKind.TOWN) for town in towns if town is not home]
    return Sheet(
        placement=placement,
        schedule=schedule,
        territory=territory,
        way=journey(start, site.point) if site.is_located else None,
        from_home=home.name if home else "",
        drawing=plan(spots, around) if site.is_located else None,
        planner_url=_planner(placement),
        works=safety.relevant(placement.slot.offer.sector),
    )


def _planner(placement: Placement) -> str:
    """The regional planner, with the destination when its address takes one; empty when the operator set none."""
    settings: Settings = current_app.config["SETTINGS"]
    site, address = placement.slot.offer.site, settings.journey_planner_url
    if not site.is_located and "{lat}" in address:
        return ""
    return (
        address.replace("{lat}", f"{site.lat or 0:.5f}")
        .replace("{lon}", f"{site.lon or 0:.5f}")
        .replace("{place}", quote(f"{site.address}, {site.town}", safe=""))
    )


def by_mode(way: Journey) -> list[tuple[str, str, str]]:
    """(pictogram, mode in words, minutes in words)."""
    words = {
        TravelMode.WALK: ("pied", _("À pied")),
        TravelMode.BIKE: ("velo", _("À vélo")),
        TravelMode.BUS: ("bus", _("En bus")),
    }
    return [(*words[mode], _("environ %(time)s", time=wording.duration(minutes))) for mode, minutes in way.minutes]


def days_in_words(placement: Placement) -> str:
    """« lundi 25 et mardi 26 janvier »: of use where a week is shared among structures."""
    return wording.days(hours.of(placement).dates)


def hours_in_words(placement: Placement) -> str:
    """« lundi et mardi : 9 h – 12 h et 13 h – 16 h »."""
    return " ; ".join(hours.weekly(placement).sentences())


def day_hours(day: DayPlan) -> str:
    return hours_of(day.intervals)


def events(placements: Sequence[Placement], reader: str) -> list[Event]:
    """One event a day of presence, as `reader` (HOST, STUDENT or SCHOOL) is told of it."""
    changed = stage.last_changes([placement.id for placement in placements])
    schedules = hours.of_all(placements)
    found = []
    for placement in placements:
        offer = placement.slot.offer
        at = max(changed.get(placement.id, placement.published_at), placement.published_at)
        if offer.updated_at > placement.published_at:
            at = max(at, offer.updated_at)
        number = sequence(placement.published_at, at)
        for day in schedules[placement.id].days:
            found.append(_event(placement, day, reader, number, at))
    return found


def _event(placement: Placement, day: DayPlan, reader: str, number: int, changed_at: datetime) -> Event:
    offer, student = placement.slot.offer, placement.student
    site = offer.site
    name = {HOST: student.first_name, SCHOOL: student.full_name}.get(reader, "")
    title = {
        HOST: _("Stage de %(name)s", name=name),
        SCHOOL: _("Stage de %(name)s, %(host)s", name=name, host=offer.organization.name),
    }.get(reader, _("Stage chez %(host)s", host=offer.organization.name))
    lines = [_("Horaires : %(hours)s", hours=day_hours(day))]
    if reader != HOST:
        lines += [_("Accueil par %(name)s", name=offer.tutor_name)] if offer.tutor_name else []
        lines += [_("Tenue : %(dress)s", dress=offer.dress)] if offer.dress else []
        lines += [_("Repas : %(lunch)s", lunch=offer.lunch)] if offer.lunch else []
    return Event(
        uid=f"stage-{placement.id}-{day.date:%Y%m%d}@passerelle-ess",
        starts=_at(day.date, day, first=True),
        ends=_at(day.date, day, first=False),
        title=title,
        place=f"{site.address}, {site.postcode} {site.town}",
        words="\n".join(lines),
        sequence=number,
        changed_at=changed_at,
        cancelled=placement.state not in TOLD,
    )


def _at(on: date, day: DayPlan, *, first: bool) -> datetime:
    return datetime.combine(on, day.start if first else day.end, PARIS)
