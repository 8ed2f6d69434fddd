"""The learnt weights of the matcher, so that a student's list and the runs of their territory think alike.

A room above puts weights in service; the roof (app/features.py) hands its query down here, once, at start-up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

# Territory id → channel → weight; empty: the weights written by hand.
Source = Callable[[int], Mapping[str, float]]


def _by_hand(_territory_id: int) -> Mapping[str, float]:
    return {}


_source: Source = _by_hand


def provide(source: Source) -> None:
    global _source
    _source = source


def weights(territory_id: int) -> Mapping[str, float]:
    """The weights in service in the territory, by channel; those it does not name are written by hand."""
    return _source(territory_id)
