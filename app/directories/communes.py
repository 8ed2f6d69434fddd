"""Lists of communes: La Poste, INSEE, geo.api.gouv.fr, or of one territory."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from flask_babel import gettext as _

from app.directories import values
from app.directories.headings import Field
from app.directories.lines import Line, coordinates
from app.directories.places import Land, town_key
from app.directories.records import CommuneRecord, Pile
from app.kernel.geography import Point, straight_km
from app.kernel.tabular import Remark
from app.schools.rosters.columns import plain

MAX_KM = 60.0  # from one commune of a territory to another
MOST_WITHOUT_GROUP = 150
# Metropolitan France: enough to see that latitude and longitude were exchanged.
_NORTH, _EAST = (41.0, 51.6), (-5.6, 9.8)


class CommuneReader:
    """`group`: the intermunicipal body wanted, by SIREN or name; else that of most communes already known."""

    def __init__(self, land: Land, group: str = "") -> None:
        self.land, self.group, self.pile = land, group, Pile()
        self.found: dict[str, CommuneRecord] = {}

    def take(self, line: Line) -> None:
        if line.text(Field.TYPE) not in {"", "COM"}:  # INSEE's own list
            self.pile.leave(_("commune associée ou déléguée, ou arrondissement"), line.number)
            return
        code, name = values.insee_of(line.cell(Field.INSEE)), line.text(Field.NAME, 80)
        if not code.value:
            self.pile.refuse(line.remark(Field.INSEE, code.refused or _("il manque le code INSEE")))
            return
        if not name:
            self.pile.refuse(line.remark(Field.NAME, _("il manque le nom")))
            return
        known = self.land.by_name.get(town_key(name))
        if known is not None and known.insee != code.value and known.insee[:2] == code.value[:2]:
            reason = _("%(name)s a le code INSEE %(insee)s", name=known.name, insee=known.insee)
            if code.value == known.postcode:
                reason = _(
                    "%(code)s est le code postal de %(name)s : son code INSEE est %(insee)s",
                    code=code.value,
                    name=known.name,
                    insee=known.insee,
                )
            self.pile.refuse(line.remark(Field.INSEE, reason))
            return
        if code.mended:
            self.pile.repair(line.remark(Field.INSEE, code.mended))
        record = CommuneRecord(
            line.number,
            code.value,
            name,
            tuple(re.findall(r"\b\d{5}\b", line.text(Field.POSTCODE), re.ASCII)),
            *self._point(line),
            group="|".join((plain(line.text(Field.GROUP_CODE)), plain(line.text(Field.GROUP_NAME)))).strip("|"),
        )
        former = self.found.get(code.value)
        if former is not None:
            merged = tuple(dict.fromkeys(former.postcodes + record.postcodes))
            self.found[code.value] = replace(former, postcodes=merged)
            self.pile.leave(_("autre ligne d’une même commune"), line.number)
        else:
            self.found[code.value] = record

    def _point(self, line: Line) -> tuple[float | None, float | None]:
        lat, lon = (values.number_of(cell) for cell in coordinates(line.cell))
        if lat is None or lon is None:
            return None, None
        inside = _NORTH[0] <= lat <= _NORTH[1] and _EAST[0] <= lon <= _EAST[1]
        if not inside and _NORTH[0] <= lon <= _NORTH[1] and _EAST[0] <= lat <= _EAST[1]:
            self.pile.repair(line.remark(Field.LAT, _("latitude et longitude étaient inversées")))
            return lon, lat
        return lat, lon

    def finish(self) -> None:
        """Keep the communes of the territory's intermunicipal body, and those already known."""
        records, wanted = [*self.found.values()], self._wanted()
        grouped = any(record.group for record in records)
        reason = _("hors de l’intercommunalité du territoire")
        if not wanted and grouped and len({record.group for record in records}) > 1:
            wanted, reason = "?", _("l’intercommunalité du territoire n’est pas connue : précisez-la")
            self.pile.warnings.append(_("Ce fichier a plusieurs intercommunalités : dites laquelle est la vôtre."))
        elif not grouped and len(records) > MOST_WITHOUT_GROUP:
            wanted, reason = "?", _("rien ne dit que cette commune est du territoire")
        kept = [r for r in records if r.insee in self.land.by_insee or not wanted or _is_of(r.group, wanted)]
        near = self._centre(kept)
        for record in records:
            if record not in kept:
                self.pile.leave(reason, record.line)
            elif record.lat is not None and record.lon is not None and near is not None:
                far = straight_km(Point(record.lat, record.lon), near)
                if far <= MAX_KM:
                    self.pile.records.append(record)
                else:
                    why = _("ce point est à %(km)s km du territoire", km=round(far))
                    self.pile.refuse(_remark(record, why))
            elif record.insee in self.land.by_insee:
                self.pile.records.append(record)
            else:
                self.pile.refuse(_remark(record, _("il manque les coordonnées")))

    def _wanted(self) -> str:
        if self.group:
            return plain(self.group)
        groups = Counter(r.group for r in self.found.values() if r.group and r.insee in self.land.by_insee)
        return groups.most_common(1)[0][0] if groups else ""

    def _centre(self, kept: list[CommuneRecord]) -> Point | None:
        """The middle of the communes known, else of those in the file (medians: one wrong point moves nothing)."""
        points = [town.point for town in self.land.towns]
        points = points or [Point(r.lat, r.lon) for r in kept if r.lat is not None and r.lon is not None]
        if not points:
            return None
        middle = len(points) // 2
        return Point(sorted(p.lat for p in points)[middle], sorted(p.lon for p in points)[middle])


def _is_of(group: str, wanted: str) -> bool:
    return bool(group) and (group == wanted or wanted in group.split("|"))


def _remark(record: CommuneRecord, reason: str) -> Remark:
    return Remark(record.line, "", record.name, reason)
