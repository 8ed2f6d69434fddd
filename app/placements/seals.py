"""Whether an answer is sealed by a signed agreement: the room above knows, and hands its query down at start-up."""

from __future__ import annotations

from collections.abc import Callable, Collection

Source = Callable[[int], bool]


def _never(_placement_id: int) -> bool:
    return False


_source: Source = _never


def provide(source: Source) -> None:
    """`source(placement_id)` says whether everybody has signed an agreement for this placement."""
    global _source
    _source = source


def is_sealed(placement_id: int) -> bool:
    return _source(placement_id)


def among(placement_ids: Collection[int]) -> frozenset[int]:
    """Those of the placements that are sealed."""
    return frozenset(placement_id for placement_id in placement_ids if _source(placement_id))
