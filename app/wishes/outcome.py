"""Published placements, as the rooms below `placements` may show them: a student's home, the page of a class.

The room above knows them; the roof (app/features.py) hands its query down here, once, at start-up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from app.offers.models import Slot

# Student ids → the slot where each was placed; offer, site, commune and organisation loaded.
Source = Callable[[Collection[int]], Mapping[int, Slot]]


def _nobody(_student_ids: Collection[int]) -> Mapping[int, Slot]:
    return {}


_source: Source = _nobody


# Campaign id → the students whose own find stands: they need no place, and no run looks for one.
Found = Callable[[int], Collection[int]]


def _none(_campaign_id: int) -> Collection[int]:
    return ()


_found: Found = _none


def provide(source: Source, found: Found = _none) -> None:
    global _source, _found
    _source, _found = source, found


def found_by_themselves(campaign_id: int) -> Collection[int]:
    """The students who found their stage themselves; their wishes are kept, and unused."""
    return _found(campaign_id)


def of(student_ids: Collection[int]) -> Mapping[int, Slot]:
    """The published placements among these students; empty before publication."""
    return _source(student_ids) if student_ids else {}
