"""Pure decisions about a stage: the way there, a plan to draw, calendar events, the deadline after an accident."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from math import cos, radians

from app.kernel.geography import Point, TravelMode, minutes, road_km

MAX_NOTE = 600
MAX_CIRCUMSTANCES = 1500
DECLARATION_HOURS = 48  # CSS L441-2 and R441-3: 48 hours, Sundays and public holidays left out
LETTER_WIDTH, LABEL_HEIGHT = 8.2, 19  # of a label on a plan, in its units
WALK_KM = 5.0  # beyond, nobody is told to walk


@dataclass(frozen=True, slots=True)
class Journey:
    """Estimated kilometres by road and minutes from door to door, by mode; walking only where it makes sense."""

    km: float
    minutes: tuple[tuple[TravelMode, int], ...]


def journey(home: Point, site: Point) -> Journey:
    """Great circle × 1.3 at ordinary speeds: an estimate, to be tried once before the first day."""
    km = road_km(home, site)
    modes = [TravelMode.BIKE, TravelMode.BUS]
    if km <= WALK_KM:
        modes.insert(0, TravelMode.WALK)
    return Journey(km, tuple((mode, minutes(km, mode)) for mode in modes))


class SpotKind(StrEnum):
    HOME = "home"
    SCHOOL = "school"
    SITE = "site"
    TOWN = "town"


@dataclass(frozen=True, slots=True)
class Spot:
    label: str
    point: Point
    kind: SpotKind


@dataclass(frozen=True, slots=True)
class Drawn:
    """A spot on the plan, in its units; `anchor` says on which side its label is written, `label_y` at what height."""

    spot: Spot
    x: float
    y: float
    anchor: str
    label_y: float

    def hides(self, other: Drawn) -> bool:
        """Whether the labels of the two would overlap."""
        mine, theirs = self._label(), other._label()
        return mine[0] < theirs[1] and theirs[0] < mine[1] and abs(self.label_y - other.label_y) < LABEL_HEIGHT

    def _label(self) -> tuple[float, float]:
        """From where to where the label goes, the mark of the spot included."""
        length = 18 + LETTER_WIDTH * len(self.spot.label)
        return (self.x - length, self.x + 10) if self.anchor == "end" else (self.x - 10, self.x + length)


@dataclass(frozen=True, slots=True)
class Plan:
    """A small map, north up: `scale_km` kilometres are `scale` units long."""

    width: int
    height: int
    spots: tuple[Drawn, ...]
    scale_km: int
    scale: float

    def of(self, kind: SpotKind) -> Drawn | None:
        return next((drawn for drawn in self.spots if drawn.spot.kind is kind), None)


def plan(spots: Sequence[Spot], towns: Iterable[Spot] = (), width: int = 640, height: int = 300) -> Plan:
    """`spots` to scale, with those of the `towns` that lie in the frame and hide nothing."""
    margin = 48
    lat = sum(spot.point.lat for spot in spots) / len(spots)
    km_lat, km_lon = 111.2, 111.2 * cos(radians(lat))

    def flat(point: Point) -> tuple[float, float]:
        return point.lon * km_lon, -point.lat * km_lat

    at = [flat(spot.point) for spot in spots]
    xs, ys = [x for x, _ in at], [y for _, y in at]
    wide, high = max(max(xs) - min(xs), 1.0), max(max(ys) - min(ys), 0.5)
    unit = min((width - 2 * margin) / wide, (height - 2 * margin) / high)
    left, top = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2

    def place(spot: Spot) -> Drawn:
        x, y = flat(spot.point)
        x, y = width / 2 + (x - left) * unit, height / 2 + (y - top) * unit
        return Drawn(spot, round(x, 1), round(y, 1), "end" if x > width * 0.62 else "start", round(y + 5, 1))

    drawn: list[Drawn] = []
    for spot in spots:
        one = place(spot)
        while any(one.hides(other) for other in drawn):
            one = replace(one, label_y=one.label_y + 4)
        drawn.append(one)
    for town in sorted(towns, key=lambda spot: spot.label):
        candidate = place(town)
        inside = margin / 2 < candidate.x < width - margin / 2 and margin / 2 < candidate.y < height - margin / 2
        if inside and not any(candidate.hides(other) for other in drawn):
            drawn.append(candidate)
    scale_km = next(km for km in (20, 10, 5, 2, 1) if km * unit < width * 0.4 or km == 1)
    return Plan(width, height, tuple(drawn), scale_km, round(scale_km * unit, 1))


@dataclass(frozen=True, slots=True)
class Event:
    """One day of a stage in somebody's calendar. `sequence` grows with each change."""

    uid: str
    starts: datetime
    ends: datetime
    title: str
    place: str
    words: str
    sequence: int
    changed_at: datetime
    cancelled: bool = False


def sequence(first: datetime, changed_at: datetime) -> int:
    """Seconds from the publication to the last change: grows with each change, needs no counter."""
    return max(0, int((changed_at - first).total_seconds()))


def deadline(known_at: datetime, is_closed: Callable[[date], bool]) -> datetime:
    """When 48 hours have passed, Sundays and closed days (public holidays) not counted. Wall-clock, as people count."""
    remaining, at = timedelta(hours=DECLARATION_HOURS), known_at.replace(tzinfo=None)
    while True:
        midnight = datetime.combine(at.date() + timedelta(days=1), time())
        if at.weekday() == 6 or is_closed(at.date()):
            at = midnight
            continue
        left = midnight - at
        if remaining <= left:
            return (at + remaining).replace(tzinfo=known_at.tzinfo)
        remaining -= left
        at = midnight


def working_day_before(day: date, is_closed: Callable[[date], bool]) -> date:
    """The last day before `day` on which offices are open: no weekend, no closed day (public holiday)."""
    before = day - timedelta(days=1)
    while before.weekday() >= 5 or is_closed(before):
        before -= timedelta(days=1)
    return before


@dataclass(frozen=True, slots=True)
class FollowUpDraft:
    kind: str
    user_id: int
    planned_on: date


@dataclass(frozen=True, slots=True)
class Facts:
    """The circumstances of an accident, as the declaration asks for them."""

    happened_on: date
    happened_at: time | None
    place: str
    circumstances: str
    present: str
    witnesses: str
