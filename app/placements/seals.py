"""Whether a placement is sealed by a signed agreement: the room above knows, and hands its query down at start-up."""

from __future__ import annotations

from collections.abc import Callable, Collection

# Placement ids → those of them for which everybody has signed an agreement.
Source = Callable[[Collection[int]], frozenset[int]]


def _never(_placement_ids: Collection[int]) -> frozenset[int]:
    return frozenset()


_source: Source = _never


def provide(source: Source) -> None:
    """`source(placement_ids)` says for which of them everybody has signed an agreement, in one statement."""
    global _source
    _source = source


def is_sealed(placement_id: int) -> bool:
    return bool(_source([placement_id]))


def among(placement_ids: Collection[int]) -> frozenset[int]:
    """Those of the placements that are sealed."""
    return _source(placement_ids) if placement_ids else frozenset()
