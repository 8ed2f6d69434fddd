"""Reading placements."""

from app.placements.queries.reading import (
    COLUMNS,
    arrivals,
    guardian,
    of_class,
    of_student,
    page,
    slots_of,
    students_reached_by_mail,
    students_waiting,
    territory,
    unpublished,
    visible_to,
)

__all__ = [
    "COLUMNS",
    "arrivals",
    "guardian",
    "of_class",
    "of_student",
    "page",
    "slots_of",
    "students_reached_by_mail",
    "students_waiting",
    "territory",
    "unpublished",
    "visible_to",
]
