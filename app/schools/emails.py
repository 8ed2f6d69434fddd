"""Messages about schools."""

from __future__ import annotations

from app.messaging import rendering
from app.messaging.rules import Message
from app.schools.models import School, SchoolStaff


def staff_added(school: School, member: SchoolStaff) -> Message:
    """To somebody who had an account already: one more school."""
    return rendering.build(
        "staff_added",
        to_email=member.user.email or "",
        to_name=member.user.display_name,
        dedupe_key=f"staff_added:{member.id}",
        territory_id=school.territory_id,
        school=school,
        url=rendering.page_url("wishes.classes"),
    )
