"""Urgent messages of a stage: unsigned, absence, arrival, accident. First name only: mail is not a vault."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.accounts.models import User
from app.messaging import rendering
from app.messaging.rules import Message
from app.placements.models import Placement
from app.placements.stage_models import Absence, Accident


def absence(row: Absence, person: User) -> Message:
    """To the school and the coordination: somebody has not come today."""
    return _build("incident_absence", row, person, f"{row.id}:{row.reported_at:%H%M%S%f}")


def arrival(row: Absence, person: User) -> Message:
    """To those who were told of the absence: the student is there."""
    return _build("incident_arrival", row, person, f"{row.id}:{row.arrived_at:%H%M%S%f}")


def accident(row: Accident, person: User) -> Message:
    """To the school and the coordination: call the structure, then declare."""
    return rendering.build(
        "incident_accident",
        to_email=person.email or "",
        to_name=person.display_name,
        dedupe_key=f"incident_accident:{row.id}:{person.id}",
        territory_id=row.placement.territory_id,
        placement=row.placement,
        url=rendering.page_url("placements.accident", accident_id=row.id),
    )


def unsigned(placements: Sequence[Placement], first: date, person: User) -> Message:
    """To a head or the coordination: these stages are about to begin without a signed agreement. Once a first day."""
    return rendering.build(
        "stage_unsigned",
        to_email=person.email or "",
        to_name=person.display_name,
        dedupe_key=f"stage_unsigned:{first}:{person.id}",
        territory_id=placements[0].territory_id,
        placements=placements,
        day=first,
        url=rendering.page_url("placements.visits"),
    )


def _build(name: str, row: Absence, person: User, when: str) -> Message:
    return rendering.build(
        name,
        to_email=person.email or "",
        to_name=person.display_name,
        dedupe_key=f"{name}:{when}:{person.id}",
        territory_id=row.placement.territory_id,
        placement=row.placement,
        day=row.day,
        url=rendering.page_url("placements.visits"),
    )
