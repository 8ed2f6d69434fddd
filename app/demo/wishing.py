"""What each student has done so far on the site: nothing, interests, a list in progress, or wishes sent."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from app.campaigns.models import Commune
from app.demo import people, sources, tastes
from app.kernel.database import db
from app.kernel.geography import Point, TravelMode, straight_km
from app.occupations import reference
from app.offers.models import PlacementOffer
from app.schools.models import School, SchoolClass, Student
from app.wishes.models import InterestProfile, Wish, WishList, WishListState

_NOTHING, _INTERESTS, _DRAFT, _SENT = "nothing", "interests", "draft", "sent"
_SHARES = {_NOTHING: 5, _INTERESTS: 9, _DRAFT: 5, _SENT: 81}
_TYPED_BY_STAFF = 0.04
_TRAVEL = {
    TravelMode.WALK: (22, (3, 3, 5)),
    TravelMode.BIKE: (18, (5, 5, 10)),
    TravelMode.BUS: (38, (5, 10, 15)),
    TravelMode.CAR: (22, (10, 15, 30)),
}


def shelf(offers: Iterable[PlacementOffer]) -> tastes.Shelf:
    """The public offers as students see them. A few are talked about everywhere: too many will want them."""
    return tastes.Shelf(
        [
            tastes.Shown(
                id=offer.id,
                sector=offer.sector,
                stems=tastes.stems(f"{offer.title} {offer.description}"),
                trade=tastes.stems(" ".join(word for code in offer.occupations for word in _trade(code))),
                conditions=frozenset(offer.conditions),
                levels=frozenset(offer.level_list),
                weeks=frozenset(slot.monday for slot in offer.slots),
                point=offer.site.point,
                appeal=min(1.4, 0.4 * (people.stream("appeal", offer.title).paretovariate(2) - 1)),
            )
            for offer in offers
            if offer.is_public
        ]
    )


def _trade(code: str) -> tuple[str, ...]:
    known = reference.occupations().get(code)
    return (code,) if known is None else (known.label, *known.keywords)


class Homes:
    """Students mostly live in their school's commune, else in a near one; large communes count more."""

    def __init__(self, communes: Mapping[str, Commune]) -> None:
        self._communes = communes
        self._inhabitants = {c.insee: c.inhabitants for c in sources.communes()}

    def draw(self, school: School, rng: random.Random) -> Commune:
        own = next(c for c in self._communes.values() if c.id == school.commune_id)
        if rng.random() < 0.65:
            return own
        near = sorted(self._communes.values(), key=lambda c: straight_km(c.point, school.point))[:6]
        weights = [self._inhabitants[c.insee] / (1 + straight_km(c.point, school.point)) ** 2 for c in near]
        return rng.choices(near, weights)[0]


def add_wishes(
    classes: Sequence[tuple[SchoolClass, list[Student]]],
    offers: tastes.Shelf,
    homes: Homes,
    weeks: Mapping[int, tuple[date, ...]],
    *,
    max_wishes: int,
    opened_on: date,
    now: datetime,
    everybody: bool = False,
) -> None:
    """Profiles and wish lists of these classes; `everybody` has sent theirs."""
    words = sources.words()
    elapsed = max(1, (now.date() - opened_on).days)
    for school_class, students in classes:
        rng = people.stream("wishes", school_class.code)
        sayings = rng.sample(range(len(words)), len(students))
        for student, saying in zip(students, sayings, strict=True):
            done = _SENT if everybody else rng.choices(list(_SHARES), list(_SHARES.values()))[0]
            if done == _NOTHING:
                continue
            said = words[saying]
            typed = rng.random() < _TYPED_BY_STAFF
            when = now - timedelta(days=rng.random() * elapsed, hours=1)
            home = homes.draw(school_class.school, rng)
            mode = rng.choices(list(_TRAVEL), [share for share, _ in _TRAVEL.values()])[0]
            far = rng.choice(_TRAVEL[mode][1]) if rng.random() < 0.85 else None
            db.session.add(
                InterestProfile(
                    student_id=student.id,
                    interests=list(said.interests),
                    text=said.text,
                    avoid_text=said.avoid_text,
                    likes=list(said.likes),
                    avoids=list(said.avoids),
                    commune_id=home.id,
                    travel_mode=mode,
                    max_km=far,
                    typed_by_staff=typed,
                    updated_at=when,
                )
            )
            if done == _INTERESTS:
                continue
            chosen = offers.choose(
                said,
                home=Point(home.lat, home.lon),
                max_km=far,
                level=school_class.level,
                weeks=weeks[school_class.school_id],
                number=min(max_wishes, rng.choices((3, 4, 5, 6), (25, 30, 25, 20))[0]),
                rng=rng,
            )
            if not chosen:
                continue
            sent = done == _SENT
            db.session.add(
                WishList(
                    student_id=student.id,
                    state=WishListState.SUBMITTED if sent else WishListState.DRAFT,
                    submitted_at=when if sent else None,
                    typed_by_staff=typed,
                    wishes=[Wish(offer_id=offer_id, rank=rank) for rank, offer_id in enumerate(chosen, start=1)],
                )
            )
    db.session.flush()
