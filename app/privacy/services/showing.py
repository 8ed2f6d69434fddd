"""Everything we know of somebody, room by room: JSON for a machine, PDF for a reader."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.holdings import Holding, Kept, Section, Subject, all_holdings
from app.privacy.plain import day, day_in, said
from app.privacy.services.erasing import kept_of
from app.web import printing

_DOCUMENTS = Path(__file__).resolve().parents[1] / "documents"
FORMAT = "passerelle-ess/donnees-personnelles/1"


@dataclass(frozen=True, slots=True)
class Part:
    """What one room knows."""

    room: str
    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """What every room knows of one person, the rooms nearest to the person first."""

    subject: Subject
    parts: tuple[Part, ...]
    kept: tuple[Kept, ...]


def gather(subject: Subject) -> Dossier:
    """Ask every room; a room which knows nothing says nothing."""
    return Dossier(subject, tuple(_parts(subject, reversed(all_holdings()))), kept_of(subject))


def _parts(subject: Subject, holdings: Iterable[Holding]) -> Iterable[Part]:
    for holding in holdings:
        sections = tuple(holding.export(subject))
        if sections:
            yield Part(holding.room, str(holding.title), sections)


def as_json(dossier: Dossier) -> bytes:
    """Structured, commonly used, machine-readable (GDPR, article 20): UTF-8 JSON, dates in ISO 8601."""
    return json.dumps(
        {
            "format": FORMAT,
            "made_at": clock.now().isoformat(timespec="seconds"),
            "person": {"kind": dossier.subject.kind.value, "name": dossier.subject.label},
            "rooms": [
                {
                    "room": part.room,
                    "title": part.title,
                    "sections": [
                        {
                            "title": str(section.title),
                            "values": [
                                {
                                    "label": str(line.label),
                                    "value": line.value,
                                    "field": _field(line.table, line.column),
                                }
                                for line in section.lines
                            ],
                        }
                        for section in part.sections
                    ],
                }
                for part in dossier.parts
            ],
            "kept_by_law": [
                {"what": each.what, "basis": each.basis, "until": each.until.isoformat() if each.until else None}
                for each in dossier.kept
            ],
        },
        ensure_ascii=False,
        indent=2,
        default=str,
    ).encode()


def as_pdf(dossier: Dossier) -> bytes:
    """The same, to be read."""
    values = {
        "title": _("Données personnelles de %(name)s", name=dossier.subject.label),
        "made": _("Fait le %(day)s par Passerelle ESS.", day=day(clock.today().isoformat())),
        "intro": _(
            "Voici tout ce que la plateforme garde, avec les mots de ses pages. Ce qui est vide n’est pas écrit."
        ),
        "page": _("page"),
        "parts": [
            {
                "title": part.title,
                "sections": [
                    {
                        "title": day_in(section.title),
                        "lines": [
                            {"label": day(str(line.label)), "value": words}
                            for line in section.lines
                            if (words := said(line))
                        ],
                    }
                    for section in part.sections
                ],
            }
            for part in dossier.parts
        ],
        "kept_title": _("Ce que la loi demande de garder, même après un effacement"),
        "kept": [
            f"{each.what} — {each.basis}"
            + (_(", jusqu’au %(day)s", day=day(each.until.isoformat())) if each.until else "")
            for each in dossier.kept
        ],
    }
    return printing.draw(_DOCUMENTS / "data.typ", values, root=_DOCUMENTS, moment=clock.now())


def _field(table: str, column: str) -> str:
    return f"{table}.{column}" if table else ""
