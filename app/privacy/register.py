"""The register: what every mapped column declares, with the legal basis of its category. Nothing is written twice."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel import clock
from app.kernel.database import Base, db
from app.kernel.holdings import all_holdings
from app.kernel.personal import Category
from app.privacy.plain import day
from app.privacy.queries import requests
from app.settings import Settings
from app.web import printing

DOCUMENTS = Path(__file__).resolve().parent / "documents"
UNSAID = _l("Pas encore dit : l’exploitant du site l’écrit dans ses réglages.")
SOURCE = _l(
    "Le collège (liste de classe), les personnes elles-mêmes, et les annuaires publics des collèges et des structures."
)
DECISION = _l(
    "Aucune : un programme propose et dit ses raisons, une personne décide. Qui s’y oppose est placé à la main."
)

_MISSION = _l(
    "Mission d’intérêt public d’information et d’orientation (RGPD, art. 6.1 e ; code de l’éducation, L. 331-7)"
)
_SAFETY = _l("Sécurité des données (RGPD, art. 6.1 c et 32)")
_PROOF = _l("Responsabilité de qui décide (RGPD, art. 6.1 e et 5.2)")
_AGREEMENT = _l("Convention de stage obligatoire (RGPD, art. 6.1 c ; code de l’éducation, D. 331-3)")

BASES: dict[Category, str] = {
    "identity": _MISSION,
    "contact": _MISSION,
    "school": _MISSION,
    "preferences": _MISSION,
    "evaluation": _MISSION,
    "security": _SAFETY,
    "trace": _PROOF,
}
# Where the law asks for the document itself, whatever the category of what is in it.
ROOM_BASES: dict[str, str] = {"agreements": _AGREEMENT}

CATEGORIES: dict[Category, str] = {
    "identity": _l("Identité"),
    "contact": _l("Coordonnées"),
    "school": _l("Scolarité et stage"),
    "preferences": _l("Goûts et choix"),
    "evaluation": _l("Propositions et avis"),
    "security": _l("Codes et empreintes d’accès"),
    "trace": _l("Traces des actes"),
}

# Whose data a room holds, for the register of treatments.
PEOPLE: dict[str, str] = {
    "accounts": _l("Élèves, personnels des collèges, structures, coordination"),
    "agreements": _l("Élèves, responsables légaux, direction, professeurs, structures"),
    "allocation": _l("Élèves"),
    "audit": _l("Toute personne qui agit sur la plateforme"),
    "feedback": _l("Élèves, tuteurs"),
    "hosts": _l("Personnes des structures"),
    "messaging": _l("Toute personne à qui la plateforme écrit"),
    "offers": _l("Tuteurs"),
    "placements": _l("Élèves, responsables légaux, tuteurs"),
    "privacy": _l("Toute personne qui exerce un droit, ou qui consulte un dossier"),
    "schools": _l("Élèves, responsables légaux"),
    "wishes": _l("Élèves"),
}

SECURITY: tuple[str, ...] = (
    _l("Chacun ne voit que ce que son rôle demande : une seule table des droits, testée page par page."),
    _l("Mots de passe hachés (argon2id), codes et liens conservés en empreinte seulement, essais ralentis."),
    _l("Second facteur pour la coordination et l’administration."),
    _l("Chiffrement du transport ; carnet de l’élève chiffré, lisible par lui seul."),
    _l("Journal des actes et des consultations de dossiers d’élèves."),
    _l("Effacement vérifié dans chaque table, fichier et journal ; rien n’est partagé hors de l’Union européenne."),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one column holds: the same words for the person, the coordinator and the authority."""

    room: str
    table: str
    column: str
    label: str
    category: Category
    purpose: str
    basis: str
    seen_by: str
    keep: str


@dataclass(frozen=True, slots=True)
class Treatment:
    """One activity of the article 30 register: a room, with what its columns declare."""

    room: str
    title: str
    people: str
    purposes: tuple[str, ...]
    categories: tuple[Category, ...]
    bases: tuple[str, ...]
    recipients: tuple[str, ...]
    durations: tuple[str, ...]
    entries: tuple[Entry, ...]


def rooms_of_tables() -> dict[str, str]:
    """Table → the room whose `models` map it."""
    return {str(mapper.local_table): mapper.class_.__module__.split(".")[1] for mapper in Base.registry.mappers}


def entries() -> list[Entry]:
    """Every personal column, in the order of the rooms, tables and columns."""
    rooms = rooms_of_tables()
    labels = {table: known for holding in all_holdings() for table, known in holding.labels.items()}
    found = []
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            told = column.info.get("privacy")
            if told:
                room = rooms.get(table.name, "")
                category: Category = told["category"]
                basis = told.get("basis") or ROOM_BASES.get(room) or BASES[category]
                label = str(labels.get(table.name, {}).get(column.name, "")) or str(CATEGORIES[category])
                found.append(
                    Entry(
                        room,
                        table.name,
                        column.name,
                        label,
                        category,
                        told["purpose"],
                        str(basis),
                        told["seen_by"],
                        told["keep"],
                    )
                )
    return sorted(found, key=lambda entry: (entry.room, entry.table))


def treatments() -> list[Treatment]:
    """The article 30 register, one activity a room, in the order of the road."""
    by_room: dict[str, list[Entry]] = {}
    for entry in entries():
        by_room.setdefault(entry.room, []).append(entry)
    titles = {holding.room: holding.title for holding in reversed(all_holdings())}
    return [
        Treatment(
            room,
            str(titles[room]),
            str(PEOPLE.get(room, "")),
            _unique(entry.purpose for entry in by_room[room]),
            tuple(dict.fromkeys(entry.category for entry in by_room[room])),
            _unique(entry.basis for entry in by_room[room]),
            _unique(entry.seen_by for entry in by_room[room]),
            _unique(entry.keep for entry in by_room[room]),
            tuple(by_room[room]),
        )
        for room in titles
        if room in by_room
    ]


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who answers for the treatments (article 30, 1 a and 2): empty where the operator of the site has said nothing."""

    controllers: tuple[str, ...]
    operator: str
    officer: str
    processors: tuple[str, ...]

    def facts(self) -> list[tuple[str, str]]:
        """(what, who) as the page, the PDF and the spreadsheet say it."""
        return [
            (_("Responsables du traitement"), " ; ".join(self.controllers)),
            (_("Sous-traitant, pour les collèges"), self.operator),
            (_("Délégué à la protection des données"), self.officer or UNSAID),
            (_("Sous-traitants du site"), " ; ".join(self.processors) or UNSAID),
            (_("Responsables conjoints"), _("Aucun : chaque collège répond de ses élèves.")),
            (_("Source des données"), str(SOURCE)),
            (_("Hors de l’Union européenne"), _("Aucun transfert.")),
            (_("Décision automatisée"), str(DECISION)),
        ]


def of_territory(territory_id: int | None) -> Responsible:
    """Who answers for the data of a territory; of every one, for the administration."""
    settings: Settings = current_app.config["SETTINGS"]
    schools = [
        f"{one.name} ({', '.join(filter(None, (one.uai, one.address, one.commune.name, one.email)))})"
        for one in requests.schools(territory_id)
    ]
    operator = ", ".join(filter(None, (requests.operator(territory_id), requests.contacts(territory_id))))
    return Responsible(tuple(schools), operator, settings.data_officer, tuple(settings.processors))


def as_pdf(responsible: Responsible) -> bytes:
    """The register to be printed, dated."""
    today = day(clock.today().isoformat())
    parts = [
        {
            "title": treatment.title,
            "sections": [
                {
                    "title": "",
                    "lines": [
                        {"label": label, "value": value}
                        for label, value in (
                            (_("Personnes"), treatment.people),
                            (_("Finalités"), "\n".join(treatment.purposes)),
                            (_("Données"), ", ".join(dict.fromkeys(entry.label for entry in treatment.entries))),
                            (_("Catégories"), ", ".join(str(CATEGORIES[each]) for each in treatment.categories)),
                            (_("Base légale"), "\n".join(treatment.bases)),
                            (_("Destinataires"), "\n".join(treatment.recipients)),
                            (_("Durées"), "\n".join(treatment.durations)),
                        )
                    ],
                }
            ],
        }
        for treatment in treatments()
    ]
    first = [{"label": label, "value": value} for label, value in responsible.facts()]
    values = {
        "title": _("Registre des traitements"),
        "made": _("Lu dans la base de données le %(day)s.", day=today),
        "intro": _("Article 30 du RGPD. État au %(day)s.", day=today),
        "page": _("page"),
        "parts": [{"title": _("Qui en répond"), "sections": [{"title": "", "lines": first}]}, *parts],
        "kept_title": _("Mesures de sécurité"),
        "kept": [str(each) for each in SECURITY],
    }
    return printing.draw(DOCUMENTS / "data.typ", values, root=DOCUMENTS, moment=clock.now())


def as_csv(responsible: Responsible) -> str:
    """The register for a spreadsheet: semicolons, one line a column; a cell never starts a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(
        (
            *[what for what, _who in responsible.facts()],
            "Traitement",
            "Personnes",
            "Donnée",
            "Catégorie",
            "Finalité",
            "Base légale",
            "Destinataires",
            "Durée",
            "Table",
            "Colonne",
            "Sécurité",
        )
    )
    safety = " ".join(str(each) for each in SECURITY)
    for treatment in treatments():
        for entry in treatment.entries:
            writer.writerow(
                _plain(value)
                for value in (
                    *[who for _what, who in responsible.facts()],
                    treatment.title,
                    treatment.people,
                    entry.label,
                    str(CATEGORIES[entry.category]),
                    entry.purpose,
                    entry.basis,
                    entry.seen_by,
                    entry.keep,
                    entry.table,
                    entry.column,
                    safety,
                )
            )
    return out.getvalue()


def _plain(value: str) -> str:
    return f"'{value}" if value[:1] in {"=", "+", "-", "@"} else value


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
