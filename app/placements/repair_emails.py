"""Messages of a repair: before and after to the family, the changes of a class, who comes and who no longer does."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.accounts.models import User
from app.messaging import rendering
from app.messaging.rules import Message
from app.offers.models import PlacementOffer
from app.placements import links
from app.placements.emails import Contact
from app.placements.models import Placement
from app.schools.models import LegalGuardian, SchoolClass, Student


@dataclass(frozen=True, slots=True)
class Change:
    """A student's placement before and after; at least one of them."""

    before: Placement | None
    after: Placement | None

    @property
    def student(self) -> Student:
        placement = self.after or self.before
        assert placement is not None
        return placement.student


def family(change: Change, guardian: LegalGuardian) -> Message:
    """To a guardian: the stage changes, and the new one waits for an answer."""
    assert change.after is not None
    return rendering.build(
        "repair_family",
        to_email=guardian.email or "",
        to_name=guardian.name,
        language=guardian.language,
        dedupe_key=f"repair_family:{change.after.id}:{guardian.id}",
        territory_id=change.after.territory_id,
        change=change,
        url=rendering.page_url("placements.family", token=links.token_for(guardian)),
    )


def school_class(school_class: SchoolClass, changes: Sequence[Change], teacher: User) -> Message:
    """To a teacher: what changes in the class, and nothing else."""
    return rendering.build(
        "repair_class",
        to_email=teacher.email or "",
        to_name=teacher.display_name,
        dedupe_key=f"repair_class:{school_class.id}:{teacher.id}:{_batch(changes)}",
        territory_id=school_class.territory_id,
        school_class=school_class,
        changes=changes,
        url=rendering.page_url("placements.letters", class_id=school_class.id),
    )


def host(offer: PlacementOffer, gone: Sequence[Placement], come: Sequence[Placement], contact: Contact) -> Message:
    """To a structure: who no longer comes, who comes now; first names, never why."""
    changes = [Change(row, None) for row in gone] + [Change(None, row) for row in come]
    return rendering.build(
        "repair_host",
        to_email=contact.email,
        to_name=contact.name,
        dedupe_key=f"repair_host:{offer.id}:{links.mailbox(contact.email)}:{_batch(changes)}",
        territory_id=offer.territory_id,
        offer=offer,
        gone=gone,
        come=come,
        url=rendering.page_url("placements.host_answers", token=links.host_token(offer, contact.email)),
    )


def _batch(changes: Iterable[Change]) -> str:
    """What tells one repair from another: the placements it undoes and makes."""
    ids = [f"{change.before.id if change.before else 0}-{change.after.id if change.after else 0}" for change in changes]
    return hashlib.sha256(" ".join(sorted(ids)).encode()).hexdigest()[:16]
