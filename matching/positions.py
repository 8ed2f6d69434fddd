"""Strict JSON decoding, and the line of a value found again once a message needs it."""

from __future__ import annotations

import json
from json.decoder import scanstring  # type: ignore[attr-defined]  # not in its stubs
from typing import Any

from matching.problem import MarketError, Path

_BLANK = " \t\n\r"


def decode(text: str) -> Any:
    """``json.loads`` that refuses a repeated field (NaN and infinities are left to the checks of each field).

    Raises :class:`MarketError` with the line of a syntax error.
    """
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise MarketError(f"this is not JSON: {error.msg} (column {error.colno})", line=error.lineno) from None
    except RecursionError:
        raise MarketError("this JSON is nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits
        raise MarketError(f"this is not JSON: {error}") from None
    except _Repeated as error:
        line = _line_of_repeated(text, error.name)
        raise MarketError(f"the field {error.name!r} is given twice in one object", line=line) from None


class _Repeated(Exception):
    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _Repeated(name)
            seen.add(name)
    return value


def line_of(text: str, path: Path) -> int | None:
    """Line (from 1) where the value at ``path`` starts, or the deepest step of the path that exists."""
    if not path:
        return None
    at = _skip(text, 0)
    for step in path:
        found = _descend(text, at, step)
        if found is None:
            break
        at = found
    return text.count("\n", 0, at) + 1


def _line_of_repeated(text: str, name: str) -> int | None:
    """Line of the second ``name`` of the first object that repeats it."""
    stack: list[set[str]] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "{":
            stack.append(set())
        elif char == "}":
            stack.pop()
        elif char == '"':
            start = at
            value, at = scanstring(text, at + 1, True)
            if text[_skip(text, at) : _skip(text, at) + 1] == ":":
                if value == name and value in stack[-1]:
                    return text.count("\n", 0, start) + 1
                stack[-1].add(value)
            continue
        at += 1
    return None


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _descend(text: str, at: int, step: str | int) -> int | None:
    """Start of the member ``step`` of the array or object that starts at ``at``."""
    opening = text[at] if at < len(text) else ""
    if opening not in ("{" if isinstance(step, str) else "["):
        return None
    at = _skip(text, at + 1)
    index = 0
    while text[at] not in "]}":
        key: str | int = index
        start = at
        if isinstance(step, str):
            key, at = scanstring(text, at + 1, True)
            at = _skip(text, _skip(text, at) + 1)
        if key == step:
            return at if isinstance(step, int) else start if text[at] not in "{[" else at
        at = _skip(text, _end(text, at))
        if text[at] == ",":
            at = _skip(text, at + 1)
        index += 1
    return None


def _end(text: str, at: int) -> int:
    """Position after the value that starts at ``at``."""
    depth = 0
    while True:
        char = text[at]
        if char == '"':
            _, at = scanstring(text, at + 1, True)
            if depth == 0:
                return int(at)
            continue
        if char in "{[":
            depth += 1
        elif char in "]}":
            depth -= 1
            if depth < 0:
                return at
            if depth == 0:
                return at + 1
        elif char == "," and depth == 0:
            return at
        at += 1
