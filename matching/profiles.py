"""What the engine knows of a pupil and of an offer, and the JSONL readers of `rank`.

Readers refuse what they do not know: an unknown field, a wrong type, a repeated identifier. Messages name the line
and the field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from matching.thesaurus import CONDITIONS, INTERESTS
from matching.values import Offer, Pupil

_ROME_CODE = re.compile(r"[A-N]\d{4}")


class ProfileError(ValueError):
    """A line of a JSONL file that cannot be read; says which line and which field."""

    def __init__(self, path: Path | str, line: int, field: str, reason: str) -> None:
        self.path, self.line, self.field = str(path), line, field
        super().__init__(f"{path}: line {line}: " + (f"field {field!r}: " if field else "") + reason)


class PupilLike(Protocol):
    """What `affinity` reads of a pupil."""

    @property
    def id(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def avoid_text(self) -> str: ...
    @property
    def interests(self) -> tuple[str, ...]: ...
    @property
    def likes(self) -> tuple[str, ...]: ...
    @property
    def avoids(self) -> tuple[str, ...]: ...


class OfferLike(Protocol):
    """What `affinity` reads of an offer."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def structure(self) -> str: ...
    @property
    def structure_type(self) -> str: ...
    @property
    def sector(self) -> str: ...
    @property
    def occupations(self) -> tuple[str, ...]: ...
    @property
    def description(self) -> str: ...
    @property
    def work_conditions(self) -> tuple[str, ...]: ...


def is_rome_code(label: str) -> bool:
    """Whether an occupation is given by its ROME code."""
    return _ROME_CODE.fullmatch(label.strip().upper()) is not None


def read_pupils(path: Path) -> list[Pupil]:
    """Pupils of a JSONL file: `id`, `text`, optional `avoid_text`, `interests`, `likes`, `avoids`.

    Raises ProfileError.
    """
    listed = {"interests": INTERESTS, "likes": CONDITIONS, "avoids": CONDITIONS}
    rows = _rows(path, texts=("text", "avoid_text"), lists=tuple(listed), needed=("id", "text"), allowed=listed)
    return [Pupil(**row) for row in rows]


def read_offers(path: Path) -> list[Offer]:
    """Offers of a JSONL file: `id`, `title`, and the optional fields of `Offer`.

    Raises ProfileError.
    """
    texts = ("title", "structure", "structure_type", "sector", "description")
    lists = ("occupations", "work_conditions")
    rows = _rows(path, texts=texts, lists=lists, needed=("id", "title"), allowed={"work_conditions": CONDITIONS})
    return [Offer(**row) for row in rows]


def _rows(
    path: Path,
    *,
    texts: Sequence[str],
    lists: Sequence[str],
    needed: Sequence[str],
    allowed: Mapping[str, Sequence[str]],
) -> Iterator[dict[str, Any]]:
    seen: dict[str, int] = {}
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise ProfileError(path, 1, "", f"not UTF-8 (byte {error.start})") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
        except json.JSONDecodeError as error:
            raise ProfileError(path, number, "", f"not JSON: {error.msg} at column {error.colno}") from error
        except (RecursionError, ValueError):
            raise ProfileError(path, number, "", "not JSON: nested too deeply, or a number too long") from None
        if not isinstance(raw, dict):
            raise ProfileError(path, number, "", "an object is expected")
        for field in needed:
            if field not in raw:
                raise ProfileError(path, number, field, "missing")
        row: dict[str, Any] = {}
        for field, value in raw.items():
            if field == "id" or field in texts:
                if not isinstance(value, str):
                    raise ProfileError(path, number, field, "text is expected")
                row[field] = value
            elif field in lists:
                if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                    raise ProfileError(path, number, field, "a list of texts is expected")
                for item in value:
                    if field in allowed and item not in allowed[field]:
                        raise ProfileError(path, number, field, f"{item!r} is not one of {' '.join(allowed[field])}")
                row[field] = tuple(value)
            else:
                known = ", ".join(("id", *texts, *lists))
                raise ProfileError(path, number, field, f"unknown field; known fields are {known}")
        if not row["id"]:
            raise ProfileError(path, number, "id", "empty")
        if row["id"] in seen:
            raise ProfileError(path, number, "id", f"{row['id']!r} is already on line {seen[row['id']]}")
        seen[row["id"]] = number
        yield row
