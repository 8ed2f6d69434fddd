"""Messages of placements: told, reminded, undone, in dispute, found. One action each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.accounts.models import User
from app.campaigns.models import Territory
from app.kernel import clock
from app.messaging import rendering
from app.messaging.rules import Message
from app.offers.models import PlacementOffer
from app.placements import links
from app.placements.models import Placement
from app.schools.models import LegalGuardian, SchoolClass


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody of a structure who receives its messages: a member, or the person whom a student named."""

    name: str
    email: str


def family(placement: Placement, guardian: LegalGuardian, territory: Territory) -> Message:
    """To a guardian: where, when, with whom, and the page on which the family answers."""
    return to_family("placement_family", guardian, f"{placement.id}", placement=placement, territory=territory)


def school_class(school_class: SchoolClass, placements: Sequence[Placement], teacher: User) -> Message:
    """To a teacher: where each newly placed student of the class goes."""
    return to_teacher("placement_class", school_class, teacher, _batch(placements), placements=placements)


def host(offer: PlacementOffer, placements: Sequence[Placement], contact: Contact) -> Message:
    """To a structure: first names only, week and level, and the page on which it answers in one tap."""
    key = f"{offer.id}:{links.mailbox(contact.email)}:{_batch(placements)}"
    return to_host("placement_host", offer, contact, key, placements=placements)


def remind_family(placement: Placement, guardian: LegalGuardian, number: int) -> Message:
    name = "placement_reminder_family"
    return to_family(name, guardian, f"{placement.id}", f"{number}", placement=placement)


def remind_host(offer: PlacementOffer, placements: Sequence[Placement], contact: Contact, number: int) -> Message:
    """One message an offer, whatever the number of students still waiting for an answer."""
    key = f"{_batch(placements)}:{links.mailbox(contact.email)}:{number}"
    return to_host("placement_reminder_host", offer, contact, key, placements=placements)


def week_family(week: Sequence[Placement], guardian: LegalGuardian) -> Message:
    """To a guardian: where the student is on each day of the week, and the page on which the family answers."""
    return to_family("placement_week_family", guardian, _arrangement(week), week=week, student=guardian.student)


def week_host(placement: Placement, contact: Contact) -> Message:
    """To a structure: the days on which this student comes have changed. Never where else the student goes."""
    key = f"{_arrangement([placement])}:{links.mailbox(contact.email)}"
    return to_host("placement_week_host", placement.slot.offer, contact, key, placement=placement)


def week_staff(week: Sequence[Placement], person: User) -> Message:
    """To a teacher: where the student is on each day of the week."""
    return _to_staff("placement_week_staff", week[0], person, _arrangement(week), week=week)


def undone_family(placement: Placement, guardian: LegalGuardian) -> Message:
    """To a guardian: the stage will not take place as it was told."""
    return to_family("placement_undone_family", guardian, _last_word(placement), placement=placement)


def undone_host(placement: Placement, contact: Contact) -> Message:
    """To a structure: this student does not come. Never why."""
    key = f"{_last_word(placement)}:{links.mailbox(contact.email)}"
    return to_host("placement_undone_host", placement.slot.offer, contact, key, placement=placement)


def undone_staff(placement: Placement, person: User) -> Message:
    """To a teacher or a coordinator: who is to be placed again, and why."""
    return _to_staff("placement_undone_staff", placement, person, _last_word(placement))


def disputed(placement: Placement, coordinator: User) -> Message:
    """To a coordinator: two guardians disagree."""
    return _to_staff("placement_disputed", placement, coordinator, _last_word(placement))


def find_to_verify(placement: Placement, coordinator: User) -> Message:
    """To a coordinator: a student has found a stage."""
    return _to_staff("placement_find_to_verify", placement, coordinator, f"{placement.id}")


def find_rejected(placement: Placement, teacher: User) -> Message:
    """To a teacher: a student's find cannot be a stage, and why."""
    url = rendering.page_url("wishes.student", student_id=placement.student_id)
    return _to_staff("placement_find_rejected", placement, teacher, f"{placement.id}", url)


def renewed_host(offer: PlacementOffer, contact: Contact) -> Message:
    """To a structure whose link had expired: a new one. One a minute at most."""
    key = f"{offer.id}:{links.mailbox(contact.email)}:{_this_minute()}"
    return to_host("placement_link_host", offer, contact, key)


def renewed_family(guardian: LegalGuardian) -> Message:
    """To a guardian whose link had been replaced: the present one. One a minute at most."""
    return to_family("placement_link_family", guardian, "", f"{_this_minute()}", student=guardian.student)


def to_family(name: str, guardian: LegalGuardian, about: str, more: str = "", **values: Any) -> Message:
    """Mail `name` to a guardian, in their language, with the family's page. `about` and `more` tell it from others."""
    return rendering.build(
        name,
        to_email=guardian.email or "",
        to_name=guardian.name,
        language=guardian.language,
        dedupe_key=":".join(part for part in (name, about, str(guardian.id), more) if part),
        territory_id=guardian.student.territory_id,
        url=rendering.page_url("placements.family", token=links.token_for(guardian)),
        **values,
    )


def to_teacher(name: str, school_class: SchoolClass, teacher: User, about: object, **values: Any) -> Message:
    """Mail `name` to a teacher, with the letters of the class. `about` tells it from others."""
    return rendering.build(
        name,
        to_email=teacher.email or "",
        to_name=teacher.display_name,
        dedupe_key=f"{name}:{school_class.id}:{teacher.id}:{about}",
        territory_id=school_class.territory_id,
        school_class=school_class,
        url=rendering.page_url("placements.letters", class_id=school_class.id),
        **values,
    )


def to_host(name: str, offer: PlacementOffer, contact: Contact, about: str, **values: Any) -> Message:
    """Mail `name` to somebody of a structure, with the page of its offer. `about` tells it from others."""
    return rendering.build(
        name,
        to_email=contact.email,
        to_name=contact.name,
        dedupe_key=f"{name}:{about}",
        territory_id=offer.territory_id,
        offer=offer,
        url=rendering.page_url("placements.host_answers", token=links.host_token(offer, contact.email)),
        **values,
    )


def _to_staff(name: str, placement: Placement, person: User, about: str, url: str = "", **values: Any) -> Message:
    return rendering.build(
        name,
        to_email=person.email or "",
        to_name=person.display_name,
        dedupe_key=f"{name}:{about}:{person.id}",
        territory_id=placement.territory_id,
        placement=placement,
        url=url or rendering.page_url("placements.show", placement_id=placement.id),
        **values,
    )


def _batch(placements: Sequence[Placement]) -> int:
    """What tells one publication from the next: each placement is published once."""
    return min(placement.id for placement in placements)


def _arrangement(week: Sequence[Placement]) -> str:
    """Days may go to another structure and come back: the moment tells the times apart."""
    return f"{'-'.join(str(row.id) for row in week)}:{clock.now():%Y%m%d%H%M%S%f}"


def _last_word(placement: Placement) -> str:
    """A placement may be undone, reconsidered and undone again: the number of answers tells the times apart."""
    sides = "".join(answer.value[0] for answer in placement.answers)
    return f"{placement.id}:{placement.state}:{len(placement.answers)}{sides[-1:]}"


def _this_minute() -> str:
    return f"{clock.now():%Y%m%d%H%M}"
