"""Messages of a repair: before and after to the family, the changes of a class, who comes and who no longer does."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.accounts.models import User
from app.messaging.rules import Message
from app.offers.models import PlacementOffer
from app.placements import emails, links
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
    return emails.to_family("repair_family", guardian, f"{change.after.id}", change=change)


def school_class(school_class: SchoolClass, changes: Sequence[Change], teacher: User) -> Message:
    """To a teacher: what changes in the class, and nothing else."""
    return emails.to_teacher("repair_class", school_class, teacher, _batch(changes), changes=changes)


def host(offer: PlacementOffer, gone: Sequence[Placement], come: Sequence[Placement], contact: Contact) -> Message:
    """To a structure: who no longer comes, who comes now; first names, never why."""
    changes = [Change(row, None) for row in gone] + [Change(None, row) for row in come]
    key = f"{offer.id}:{links.mailbox(contact.email)}:{_batch(changes)}"
    return emails.to_host("repair_host", offer, contact, key, gone=gone, come=come)


def _batch(changes: Iterable[Change]) -> str:
    """What tells one repair from another: the placements it undoes and makes."""
    ids = [f"{change.before.id if change.before else 0}-{change.after.id if change.after else 0}" for change in changes]
    return hashlib.sha256(" ".join(sorted(ids)).encode()).hexdigest()[:16]
