"""How a column says that it holds personal data: `mapped_column(..., info=personal(...))`."""

from __future__ import annotations

from typing import Any, Literal

Category = Literal["identity", "contact", "school", "preferences", "evaluation", "security", "trace"]


def personal(category: Category, purpose: str, *, seen_by: str, keep: str, basis: str = "") -> dict[str, Any]:
    """Column `info` read by the privacy register.

    `purpose`: why we hold it; `seen_by`: which roles; `keep`: until when (all three in French, shown to people).
    `basis`: what allows it, where it is not that of the category (`privacy/register.py`).
    """
    return {"privacy": {"category": category, "purpose": purpose, "seen_by": seen_by, "keep": keep, "basis": basis}}


def impersonal() -> dict[str, Any]:
    """Says aloud that a column which looks personal is not (a structure's public telephone, a school's address)."""
    return {"privacy": None}
