"""Who is told what: the messages that a change of a placement causes, inside its transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from app.accounts.models import User
from app.hosts import queries as host_queries
from app.messaging import services as messaging
from app.messaging.rules import Message
from app.offers.models import PlacementOffer
from app.placements import emails, hours
from app.placements.emails import Contact
from app.placements.models import Placement
from app.placements.states import PlacementState
from app.schools.models import SchoolClass


def contacts(offer: PlacementOffer) -> list[Contact]:
    """Who answers for the structure there: the place's tutors and the owners, else the tutor named in the offer."""
    people = [
        Contact(member.user.display_name, member.user.email or "")
        for member in offer.organization.answering_at(offer.site_id)
    ]
    if not people and offer.tutor_email:
        people = [Contact(offer.tutor_name or offer.organization.name, offer.tutor_email)]
    return people


def teachers(placement: Placement) -> list[User]:
    return [
        teacher.user
        for teacher in placement.student.school_class.teachers
        if teacher.user.is_active and teacher.user.email
    ]


def tell_published(placements: Sequence[Placement]) -> int:
    """Families, classes and structures of newly published placements; how many messages."""
    return messaging.post_all(_published(placements))


def _published(placements: Sequence[Placement]) -> Iterator[Message]:
    by_class: dict[SchoolClass, list[Placement]] = defaultdict(list)
    by_offer: dict[PlacementOffer, list[Placement]] = defaultdict(list)
    for placement in placements:
        by_class[placement.student.school_class].append(placement)
        by_offer[placement.slot.offer].append(placement)
        territory = placement.slot.offer.campaign.territory
        for guardian in placement.student.guardians:
            if guardian.email:
                yield emails.family(placement, guardian, territory)
    for school_class, of_class in by_class.items():
        for teacher in school_class.teachers:
            if teacher.user.is_active and teacher.user.email:
                yield emails.school_class(school_class, of_class, teacher.user)
    for offer, of_offer in by_offer.items():
        of_offer.sort(key=lambda p: (p.slot.monday, p.student.first_name, p.id))
        for contact in contacts(offer):
            yield emails.host(offer, of_offer, contact)


def tell_arranged(week: Sequence[Placement], changed: Sequence[Placement], made: Placement | None) -> None:
    """The days of a week have been given out anew: the family and the teachers, the structures whose days change, and
    the one that joins, which is asked.
    """
    week = hours.in_order(week)
    messages = [emails.week_family(week, guardian) for guardian in week[0].student.guardians if guardian.email]
    messages += [emails.week_staff(week, person) for person in teachers(week[0])]
    for row in changed:
        messages += [emails.week_host(row, contact) for contact in contacts(row.slot.offer)]
    if made is not None:
        messages += [emails.host(made.slot.offer, [made], contact) for contact in contacts(made.slot.offer)]
    messaging.post_all(messages)


def tell_undone(placement: Placement) -> None:
    """A stage that was told will not take place: everybody but the side that said no hears of it."""
    said_by_family = placement.state is PlacementState.REFUSED
    said_by_host = placement.state is PlacementState.DECLINED
    staff = [*teachers(placement), *host_queries.coordinators(placement.territory_id)]
    messages: list[Message] = [emails.undone_staff(placement, person) for person in staff]
    if not said_by_family:
        messages += [emails.undone_family(placement, g) for g in placement.student.guardians if g.email]
    if not said_by_host:
        messages += [emails.undone_host(placement, contact) for contact in contacts(placement.slot.offer)]
    messaging.post_all(messages)


def tell_disputed(placement: Placement) -> None:
    people = host_queries.coordinators(placement.territory_id)
    messaging.post_all(emails.disputed(placement, person) for person in people)


def tell_found(placement: Placement) -> None:
    people = host_queries.coordinators(placement.territory_id)
    messaging.post_all(emails.find_to_verify(placement, person) for person in people)


def tell_rejected(placement: Placement) -> None:
    messaging.post_all(emails.find_rejected(placement, teacher) for teacher in teachers(placement))
