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


def provide(source: Source) -> None:
    global _source
    _source = source


def of(student_ids: Collection[int]) -> Mapping[int, Slot]:
    """The published placements among these students; empty before publication."""
    return _source(student_ids) if student_ids else {}
