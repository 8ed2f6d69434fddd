"""Values of a JSON document, checked one by one: each refusal names the path of the faulty value."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

from matching.problem import MarketError, Path

T = TypeVar("T")
LARGEST = 2**53  # above, a number is no count of anything and would leave 64 bits


def refuse(value: Any, wanted: str, path: Path) -> NoReturn:
    """Raise :class:`MarketError`: what was wanted at ``path``, and what is there."""
    shown = json.dumps(value, ensure_ascii=False, default=str)
    raise MarketError(f"{wanted} is expected (got {shown if len(shown) < 60 else shown[:57] + '...'})", path)


def mapping(value: Any, path: Path, fields: Mapping[str, bool] | None) -> dict[str, Any]:
    """``value`` as an object; with ``fields`` (name → required), unknown and missing fields are refused."""
    if not isinstance(value, dict):
        refuse(value, "an object", path)
    if fields is not None:
        for key in value:
            if key not in fields:
                raise MarketError(f"unknown field (known: {', '.join(fields)})", (*path, key))
        for key, required in fields.items():
            if required and key not in value:
                raise MarketError("this field is missing", (*path, key))
    return value


def listing(value: Any, path: Path) -> list[Any]:
    """``value`` as a list."""
    if not isinstance(value, list):
        refuse(value, "a list", path)
    return value


def rows(top: Mapping[str, Any], field: str, read: Callable[[Any, Path], T]) -> tuple[T, ...]:
    """The rows of a list field, each read by ``read``; none when the field is absent."""
    value = top.get(field)
    if value is None:
        return ()
    return tuple(read(row, (field, i)) for i, row in enumerate(listing(value, (field,))))


def name(value: Any, path: Path, empty: bool = False) -> str:
    """An identifier: a text, or a whole number read as its digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        refuse(value, "a text", path)
    if not value.strip() and not empty:
        raise MarketError("an empty text says nothing here", path)
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise MarketError("this text holds half a character", path)
    return value


def whole(value: Any, path: Path) -> int:
    """A whole number (a flag is none)."""
    if isinstance(value, bool) or not isinstance(value, int):
        refuse(value, "a whole number", path)
    if abs(value) > LARGEST:
        raise MarketError("this number is too large", path)
    return value


def number(value: Any, path: Path) -> int | float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        refuse(value, "a number", path)
    return value


def flag(value: Any, path: Path) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        refuse(value, "true or false", path)
    return value
