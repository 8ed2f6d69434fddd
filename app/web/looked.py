"""What a view behind a personal link says of whom it showed; the room `privacy` writes it down afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import g

from app.access.actor import Actor


@dataclass(frozen=True, slots=True)
class Look:
    student_ids: tuple[int, ...]
    territory_id: int
    page: str
    by: Actor


def at(student_ids: Iterable[int], territory_id: int, page: str, *, by: Actor) -> None:
    """This request shows these students to somebody who holds a link; `page` is a value of `looks_rules.Page`."""
    noted().append(Look(tuple(student_ids), territory_id, page, by))


def noted() -> list[Look]:
    """What this request has shown so far."""
    found: list[Look] = g.setdefault("looked", [])
    return found
