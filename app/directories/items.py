"""JSON as a table: whatever wraps them, the objects of a file become lines, and the names of their leaves headings."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _

from app.directories.sources import Source
from app.kernel.tabular import MAX_CELL, Cell, Row, Unreadable

MAX_JSON = 20 * 1024 * 1024
_DEEP = 8


def documents(source: Source) -> list[Any]:
    """The JSON values of a file, in a row: one page, several pages put together, or one object a line.

    Raises `Unreadable`.
    """
    with source.open() as file:
        data = file.read(MAX_JSON + 1)
    if len(data) > MAX_JSON:
        most = MAX_JSON // 1024**2
        raise Unreadable(_("Ce fichier JSON dépasse %(most)s Mo. Prenez le CSV, ou coupez-le en pages.", most=most))
    found: list[Any] = []
    decoder, at = json.JSONDecoder(), 0
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode(json.detect_encoding(data.removeprefix(codecs.BOM_UTF8)))
        del data
        while at < len(text):
            if text[at].isspace() or (text[at] == "," and found):
                at += 1
                continue
            value, at = decoder.raw_decode(text, at)
            found.append(value)
    except (ValueError, RecursionError) as error:  # undecodable bytes and numbers without end are ValueErrors too
        raise Unreadable(_("Ce fichier JSON est coupé ou abîmé. Téléchargez-le à nouveau.")) from error
    return found


def tables(found: list[Any]) -> list[list[Mapping[str, Any]]]:
    """The lists of objects that a file may be about, likeliest first: each is a table."""
    pages: dict[str, list[Mapping[str, Any]]] = {}
    bare: list[Mapping[str, Any]] = []
    for value in found:
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, dict):
                continue
            bare.append(item)
            for name, inside in item.items():
                if isinstance(inside, list):
                    pages.setdefault(name, []).extend(one for one in inside if isinstance(one, dict))
    lists = sorted((items for items in pages.values() if items), key=len, reverse=True)
    return [*lists, bare] if len(found) == 1 and isinstance(found[0], dict) else [bare, *lists]


def headings(items: Iterable[Mapping[str, Any]]) -> Row:
    """The names of every leaf, in the order in which they are first met, as the heading line of a table."""
    names = dict.fromkeys(name for item in items for name in flat(item))
    return Row(0, dict(enumerate(names)))


def cells(item: Mapping[str, Any], names: Mapping[str, int]) -> dict[int, Cell]:
    return {names[name]: cell for name, cell in flat(item).items() if cell not in (None, "")}


def flat(item: Mapping[str, Any]) -> dict[str, Cell]:
    """An object as one line: what is nested loses its path, lists of words become one, points become two numbers."""
    found: dict[str, Cell] = {}
    _gather(item, found, _DEEP)
    return found


def _gather(item: Mapping[str, Any], found: dict[str, Cell], deep: int) -> None:
    nested: list[Mapping[str, Any]] = []
    for name, value in item.items():
        if name == "type" and value in ("Feature", "Point"):  # GeoJSON's own
            continue
        if isinstance(value, dict):
            nested.append(value)
        elif isinstance(value, list):
            if name == "coordinates" and item.get("type") == "Point":  # GeoJSON: longitude first
                found.setdefault("longitude", _leaf(value[0] if value else None))
                found.setdefault("latitude", _leaf(value[1] if len(value) > 1 else None))
            elif name.startswith("periodes"):  # SIRENE: the present one comes first
                nested.extend(one for one in value[:1] if isinstance(one, dict))
            elif not any(isinstance(one, dict | list) for one in value):
                found.setdefault(name, "|".join(str(one) for one in value if one is not None)[:MAX_CELL])
        else:
            found.setdefault(name, _leaf(value))
    for inside in nested if deep else ():
        _gather(inside, found, deep - 1)


def _leaf(value: Any) -> Cell:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return value if isinstance(value, str | int | float) else None
