"""Who is told of a repair: those whose stage changes, their classes, the structures that lose or gain somebody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from app.messaging import services as messaging
from app.messaging.rules import Message
from app.offers.models import PlacementOffer
from app.placements import emails, repair_emails
from app.placements.models import Placement
from app.placements.queries import repair as queries
from app.placements.repair_emails import Change
from app.placements.services.telling import contacts
from app.schools.models import SchoolClass


@dataclass(slots=True)
class _OfOffer:
    gone: list[Placement] = field(default_factory=list)
    come: list[Placement] = field(default_factory=list)


def tell(made: Collection[Placement], undone: Iterable[Placement]) -> int:
    """`made`: the new placements; `undone`: those undone for the repair. How many messages.

    At once: a stage that changes cannot wait for the mail of the day.
    """
    former: dict[int, list[Placement]] = defaultdict(list)
    for row in sorted(undone, key=lambda row: (row.student_id, row.stop)):
        former[row.student_id].append(row)
    changes = [Change(next(iter(former.get(row.student_id, ())), None), row) for row in made]
    told = {change.before.id for change in changes if change.before is not None}
    changes += [Change(row, None) for rows in former.values() for row in rows if row.id not in told]
    queries.students({change.student.id for change in changes})
    offers = {row.slot.offer for change in changes for row in (change.before, change.after) if row is not None}
    queries.load_members({offer.organization_id for offer in offers})
    return messaging.post_all(_messages(changes), urgent=True)


def _messages(changes: Collection[Change]) -> Iterator[Message]:
    by_class: dict[SchoolClass, list[Change]] = defaultdict(list)
    by_offer: dict[PlacementOffer, _OfOffer] = defaultdict(_OfOffer)
    for change in changes:
        by_class[change.student.school_class].append(change)
        if change.before is not None:
            by_offer[change.before.slot.offer].gone.append(change.before)
        if change.after is not None:
            by_offer[change.after.slot.offer].come.append(change.after)
        for guardian in change.student.guardians:
            if not guardian.email:
                continue
            if change.after is None and change.before is not None:
                yield emails.undone_family(change.before, guardian)
            elif change.before is None and change.after is not None:
                yield emails.family(change.after, guardian, change.after.slot.offer.campaign.territory)
            else:
                yield repair_emails.family(change, guardian)
    for school_class, of_class in by_class.items():
        for teacher in school_class.teachers:
            if teacher.user.is_active and teacher.user.email:
                yield repair_emails.school_class(school_class, of_class, teacher.user)
    for offer, rows in by_offer.items():
        for contact in contacts(offer):
            yield repair_emails.host(offer, rows.gone, rows.come, contact)
