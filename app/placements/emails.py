"""Messages of placements: told, reminded, undone, in dispute, found. One action each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    return rendering.build(
        "placement_family",
        to_email=guardian.email or "",
        to_name=guardian.name,
        language=guardian.language,
        dedupe_key=f"placement_family:{placement.id}:{guardian.id}",
        territory_id=placement.territory_id,
        placement=placement,
        territory=territory,
        url=_family_page(guardian),
    )


def school_class(school_class: SchoolClass, placements: Sequence[Placement], teacher: User) -> Message:
    """To a teacher: where each newly placed student of the class goes."""
    return rendering.build(
        "placement_class",
        to_email=teacher.email or "",
        to_name=teacher.display_name,
        dedupe_key=f"placement_class:{school_class.id}:{teacher.id}:{_batch(placements)}",
        territory_id=school_class.territory_id,
        school_class=school_class,
        placements=placements,
        url=rendering.page_url("placements.letters", class_id=school_class.id),
    )


def host(offer: PlacementOffer, placements: Sequence[Placement], contact: Contact) -> Message:
    """To a structure: first names only, week and level, and the page on which it answers in one tap."""
    return rendering.build(
        "placement_host",
        to_email=contact.email,
        to_name=contact.name,
        dedupe_key=f"placement_host:{offer.id}:{links.mailbox(contact.email)}:{_batch(placements)}",
        territory_id=offer.territory_id,
        offer=offer,
        placements=placements,
        url=_host_page(offer, contact.email),
    )


def remind_family(placement: Placement, guardian: LegalGuardian, number: int) -> Message:
    return rendering.build(
        "placement_reminder_family",
        to_email=guardian.email or "",
        to_name=guardian.name,
        language=guardian.language,
        dedupe_key=f"placement_reminder_family:{placement.id}:{guardian.id}:{number}",
        territory_id=placement.territory_id,
        placement=placement,
        url=_family_page(guardian),
    )


def remind_host(offer: PlacementOffer, placements: Sequence[Placement], contact: Contact, number: int) -> Message:
    """One message an offer, whatever the number of students still waiting for an answer."""
    return rendering.build(
        "placement_reminder_host",
        to_email=contact.email,
        to_name=contact.name,
        dedupe_key=f"placement_reminder_host:{_batch(placements)}:{links.mailbox(contact.email)}:{number}",
        territory_id=offer.territory_id,
        offer=offer,
        placements=placements,
        url=_host_page(offer, contact.email),
    )


def undone_family(placement: Placement, guardian: LegalGuardian) -> Message:
    """To a guardian: the stage will not take place as it was told."""
    return rendering.build(
        "placement_undone_family",
        to_email=guardian.email or "",
        to_name=guardian.name,
        language=guardian.language,
        dedupe_key=f"placement_undone_family:{_last_word(placement)}:{guardian.id}",
        territory_id=placement.territory_id,
        placement=placement,
        url=_family_page(guardian),
    )


def undone_host(placement: Placement, contact: Contact) -> Message:
    """To a structure: this student does not come. Never why."""
    offer = placement.slot.offer
    return rendering.build(
        "placement_undone_host",
        to_email=contact.email,
        to_name=contact.name,
        dedupe_key=f"placement_undone_host:{_last_word(placement)}:{links.mailbox(contact.email)}",
        territory_id=placement.territory_id,
        placement=placement,
        url=_host_page(offer, contact.email),
    )


def undone_staff(placement: Placement, person: User) -> Message:
    """To a teacher or a coordinator: who is to be placed again, and why."""
    return rendering.build(
        "placement_undone_staff",
        to_email=person.email or "",
        to_name=person.display_name,
        dedupe_key=f"placement_undone_staff:{_last_word(placement)}:{person.id}",
        territory_id=placement.territory_id,
        placement=placement,
        url=rendering.page_url("placements.show", placement_id=placement.id),
    )


def disputed(placement: Placement, coordinator: User) -> Message:
    """To a coordinator: two guardians disagree."""
    return rendering.build(
        "placement_disputed",
        to_email=coordinator.email or "",
        to_name=coordinator.display_name,
        dedupe_key=f"placement_disputed:{_last_word(placement)}:{coordinator.id}",
        territory_id=placement.territory_id,
        placement=placement,
        url=rendering.page_url("placements.show", placement_id=placement.id),
    )


def find_to_verify(placement: Placement, coordinator: User) -> Message:
    """To a coordinator: a student has found a stage."""
    return rendering.build(
        "placement_find_to_verify",
        to_email=coordinator.email or "",
        to_name=coordinator.display_name,
        dedupe_key=f"placement_find_to_verify:{placement.id}:{coordinator.id}",
        territory_id=placement.territory_id,
        placement=placement,
        url=rendering.page_url("placements.show", placement_id=placement.id),
    )


def find_rejected(placement: Placement, teacher: User) -> Message:
    """To a teacher: a student's find cannot be a stage, and why."""
    return rendering.build(
        "placement_find_rejected",
        to_email=teacher.email or "",
        to_name=teacher.display_name,
        dedupe_key=f"placement_find_rejected:{placement.id}:{teacher.id}",
        territory_id=placement.territory_id,
        placement=placement,
        url=rendering.page_url("wishes.student", student_id=placement.student_id),
    )


def renewed_host(offer: PlacementOffer, contact: Contact) -> Message:
    """To a structure whose link had expired: a new one. One a minute at most."""
    return rendering.build(
        "placement_link_host",
        to_email=contact.email,
        to_name=contact.name,
        dedupe_key=f"placement_link_host:{offer.id}:{links.mailbox(contact.email)}:{_this_minute()}",
        territory_id=offer.territory_id,
        offer=offer,
        url=_host_page(offer, contact.email),
    )


def renewed_family(guardian: LegalGuardian) -> Message:
    """To a guardian whose link had been replaced: the present one. One a minute at most."""
    return rendering.build(
        "placement_link_family",
        to_email=guardian.email or "",
        to_name=guardian.name,
        language=guardian.language,
        dedupe_key=f"placement_link_family:{guardian.id}:{_this_minute()}",
        territory_id=guardian.student.territory_id,
        student=guardian.student,
        url=_family_page(guardian),
    )


def _family_page(guardian: LegalGuardian) -> str:
    return rendering.page_url("placements.family", token=links.token_for(guardian))


def _host_page(offer: PlacementOffer, email: str) -> str:
    return rendering.page_url("placements.host_answers", token=links.host_token(offer, email))


def _batch(placements: Sequence[Placement]) -> int:
    """What tells one publication from the next: each placement is published once."""
    return min(placement.id for placement in placements)


def _last_word(placement: Placement) -> str:
    """A placement may be undone, reconsidered and undone again: the number of answers tells the times apart."""
    sides = "".join(answer.value[0] for answer in placement.answers)
    return f"{placement.id}:{placement.state}:{len(placement.answers)}{sides[-1:]}"


def _this_minute() -> str:
    return f"{clock.now():%Y%m%d%H%M}"
