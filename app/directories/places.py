"""Which commune of the territory a line speaks of, and whether its point can be there. Pure.

The post's code and INSEE's are two codes: 62119 is Dourges for the one and Béthune for the other. What is contradictory
is mended when two of the three (INSEE code, name, postcode) agree, and refused otherwise.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from flask_babel import gettext as _

from app.directories import values
from app.directories.lambert import to_degrees
from app.kernel.geography import Point, straight_km
from app.kernel.tabular import Cell
from app.schools.rosters.columns import plain

MAX_KM = 12.0
_CEDEX = re.compile(r"\bcedex\b.*")
_ABBREVIATED = ((re.compile(r"\bste\b"), "sainte"), (re.compile(r"\bst\b"), "saint"))
_NEAR = re.compile(r"\b(?:lez|les)\b")


@dataclass(frozen=True, slots=True)
class Town:
    """A commune of the territory."""

    insee: str
    name: str
    postcode: str
    lat: float
    lon: float

    @property
    def point(self) -> Point:
        return Point(self.lat, self.lon)


@dataclass(frozen=True, slots=True)
class Located:
    """Exactly one of: a commune (`town`, `postcode`), a reason to leave the line alone, a reason to refuse it."""

    town: Town | None = None
    postcode: str = ""
    outside: str = ""
    refused: str = ""
    mended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    lat: float
    lon: float
    exact: bool
    mended: str = ""


def town_key(name: str) -> str:
    """« ÉVIN MALMAISON », « Evin-Malmaison »; « lès », « les », « lez »; « St » and « Saint »: one key. No CEDEX."""
    key = _CEDEX.sub("", plain(name)).strip()
    key = re.sub(r"^\d{5} | \d+$", "", key).strip()  # « 62110 HENIN BEAUMONT », « CARVIN (62) »
    for short, long in _ABBREVIATED:
        key = short.sub(long, key)
    return _NEAR.sub("les", key)


class Land:
    """The communes of a territory, found by what files write of them."""

    def __init__(self, towns: Iterable[Town]) -> None:
        self.towns = tuple(towns)
        self.by_insee = {town.insee: town for town in self.towns}
        self.by_name = {town_key(town.name): town for town in self.towns}
        self.by_postcode: dict[str, list[Town]] = defaultdict(list)
        for town in self.towns:
            self.by_postcode[town.postcode].append(town)

    def locate(self, insee: Cell, name: Cell, postcode: Cell) -> Located:
        """The commune of a line, from what it says. The three cells may be empty."""
        written = values.text_of(name, 120)
        if re.fullmatch(r"[0-9][0-9AB][0-9]{3}", written) and not values.text_of(insee):
            insee, written = written, ""  # APIs write the INSEE code under « commune »
        code, post = values.insee_of(insee), values.postcode_of(postcode)
        named = self.by_name.get(town_key(written)) if written else None
        unread = _("le code postal ne se lit pas : celui de la commune est pris") if post.refused else ""
        mended = tuple(note for note in (code.mended, post.mended, unread) if note)
        if code.value in self.by_insee:
            return self._by_code(self.by_insee[code.value], written, named, post.value, mended)
        if code.value:
            return self._foreign_code(code.value, written, named, post.value, mended)
        if named is not None:
            return self._by_name(named, written, post.value, mended)
        return self._by_postcode(written, post, mended)

    def _by_code(self, town: Town, written: str, named: Town | None, post: str, mended: tuple[str, ...]) -> Located:
        if written and named is not town:
            if not _alike(written, town.name):
                reason = _(
                    "le code INSEE est celui de %(town)s, le nom écrit est « %(name)s »", town=town.name, name=written
                )
                return Located(refused=reason)
            mended = (*mended, _("« %(name)s » lu comme %(town)s", name=written, town=town.name))
        return self._posted(town, post, written, sure=bool(written), mended=mended)

    def _foreign_code(self, code: str, written: str, named: Town | None, post: str, mended: tuple[str, ...]) -> Located:
        if named is not None and code == named.postcode and post in ("", code):
            note = _(
                "%(code)s est le code postal de %(town)s : son code INSEE est %(insee)s",
                code=code,
                town=named.name,
                insee=named.insee,
            )
            return self._posted(named, code, written, sure=True, mended=(*mended, note))
        if named is not None and code[:2] == named.insee[:2]:
            reason = _("le nom est celui de %(town)s, le code INSEE %(code)s ne l’est pas", town=named.name, code=code)
            return Located(refused=reason)
        towns = self.by_postcode.get(code)
        if towns and not written:
            names = ", ".join(town.name for town in towns)
            return Located(
                refused=_(
                    "%(code)s est le code postal de %(towns)s, et le code INSEE d’une autre commune",
                    code=code,
                    towns=names,
                )
            )
        return Located(outside=_("hors du territoire"))

    def _by_name(self, town: Town, written: str, post: str, mended: tuple[str, ...]) -> Located:
        others = [other.name for other in self.by_postcode.get(post, ()) if other.postcode != town.postcode]
        if others:
            reason = _(
                "le nom est celui de %(town)s, le code postal %(code)s est celui de %(others)s",
                town=town.name,
                code=post,
                others=", ".join(others),
            )
            return Located(refused=reason)
        if post and post[:2] != town.postcode[:2]:
            return Located(outside=_("hors du territoire"))  # a namesake in another department
        return self._posted(town, post, written, sure=False, mended=mended)

    def _by_postcode(self, written: str, post: values.Read, mended: tuple[str, ...]) -> Located:
        towns = self.by_postcode.get(post.value, [])
        if not written:
            if len(towns) == 1:
                note = _("commune lue dans le code postal : %(town)s", town=towns[0].name)
                return Located(towns[0], post.value, mended=(*mended, note))
            if towns:
                return Located(refused=_("le code postal ne suffit pas à dire la commune : il manque son nom"))
            if post.value in self.by_insee:
                return Located(
                    refused=_("%(code)s est un code INSEE, pas un code postal : il manque le nom", code=post.value)
                )
            return (
                Located(outside=_("hors du territoire")) if post.value else Located(refused=_("il manque la commune"))
            )
        close = [town for town in towns if _alike(written, town.name)]
        if len(close) == 1:
            note = _("« %(name)s » lu comme %(town)s", name=written, town=close[0].name)
            return Located(close[0], post.value, mended=(*mended, note))
        if len(towns) == 1:
            return Located(
                outside=_(
                    "hors du territoire, bien que %(code)s soit aussi le code postal de %(town)s : à vérifier",
                    code=post.value,
                    town=towns[0].name,
                )
            )
        return Located(outside=_("hors du territoire"))

    def _posted(self, town: Town, post: str, written: str, *, sure: bool, mended: tuple[str, ...]) -> Located:
        """The postcode to keep: the file's, unless it cannot be one of this commune."""
        if not post:
            return Located(town, town.postcode, mended=mended)
        if post == town.postcode:
            return Located(town, post, mended=mended)
        if post == town.insee:
            note = _(
                "%(insee)s est le code INSEE de %(town)s : son code postal est %(code)s",
                insee=post,
                town=town.name,
                code=town.postcode,
            )
            return Located(town, town.postcode, mended=(*mended, note))
        if "cedex" in plain(written):
            note = _("CEDEX remplacé par le code postal de la commune, %(code)s", code=town.postcode)
            return Located(town, town.postcode, mended=(*mended, note))
        if post in self.by_postcode or post in self.by_insee or post[:2] != town.postcode[:2]:
            if not sure:
                return Located(
                    refused=_("le code postal %(code)s n’est pas celui de %(town)s", code=post, town=town.name)
                )
            note = _("code postal %(old)s remplacé par %(code)s", old=post, code=town.postcode)
            return Located(town, town.postcode, mended=(*mended, note))
        return Located(town, post, mended=mended)  # a code of the same department for one big customer of the post


def _alike(one: str, other: str) -> bool:
    """Whether a name is a slip of the pen for another (trusted only beside a code that says the same)."""
    return SequenceMatcher(None, town_key(one)[:80], town_key(other)).ratio() >= 0.85


def point_of(lat: Cell, lon: Cell, town: Town) -> Placed:
    """The point of a line when it lies near its commune; else the commune's centre, and why."""
    if _says_nothing(lat) and _says_nothing(lon):
        return Placed(town.lat, town.lon, exact=False)
    north, east = values.number_of(lat), values.number_of(lon)
    if north is None or east is None:
        return _centre(town, _("coordonnées illisibles"))
    for first, second, note in ((north, east, ""), (east, north, _("latitude et longitude étaient inversées"))):
        if abs(first) <= 90 and abs(second) <= 180 and straight_km(Point(first, second), town.point) <= MAX_KM:
            return Placed(first, second, exact=True, mended=note)
    for x, y in ((north, east), (east, north)):
        point = to_degrees(x, y)
        if point is not None and straight_km(point, town.point) <= MAX_KM:
            return Placed(point.lat, point.lon, exact=True, mended=_("mètres Lambert 93 convertis en degrés"))
    if abs(north) > 90 or abs(east) > 180:
        return _centre(town, _("ce ne sont pas des degrés"))
    far = round(straight_km(Point(north, east), town.point))
    return _centre(town, _("ce point est à %(km)s km de %(town)s", km=far, town=town.name))


def _says_nothing(cell: Cell) -> bool:
    return values.text_of(cell) in {"", "[ND]"}  # SIRENE's own word for what it may not tell


def _centre(town: Town, why: str) -> Placed:
    note = _("%(why)s : placé au centre de %(town)s", why=why, town=town.name)
    return Placed(town.lat, town.lon, exact=False, mended=note)
