"""The few entries of each role's menu. An entry shows only to who holds its permission."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import request, url_for
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Role


@dataclass(frozen=True, slots=True)
class Entry:
    label: str
    url: str
    current: bool
    picto: str


def navigation_for(actor: Actor | None) -> list[Entry]:
    """At most six entries, the home of the role first."""
    if actor is None:
        return []
    entries = {
        Role.STUDENT: [
            (_("Accueil"), "wishes.home", "accueil"),
            (_("Mes envies"), "wishes.interests", "envies"),
            (_("Les offres"), "wishes.offers", "offres"),
            (_("Mes vœux"), "wishes.wish_list", "voeux"),
            (_("Mon stage"), "placements.student_sheet", "stage"),
        ],
        Role.TEACHER: [
            (_("Mes classes"), "wishes.classes", "classe"),
            (_("Les offres"), "offers.browse", "offres"),
            (_("Conventions"), "agreements.index", "document"),
            (_("Suivi"), "placements.visits", "chemin"),
        ],
        Role.HEAD: [
            (_("Mon collège"), "wishes.classes", "classe"),
            (_("Les offres"), "offers.browse", "offres"),
            (_("Conventions"), "agreements.index", "document"),
            (_("Suivi"), "placements.visits", "chemin"),
        ],
        Role.HOST: [
            (_("Mes offres"), "offers.index", "offres"),
            (_("Qui vient"), "placements.host_arrivals", "groupe"),
            (_("Conventions"), "agreements.index", "document"),
            (_("Ma structure"), "hosts.mine", "structure"),
        ],
        Role.COORDINATOR: [
            (_("Tableau de bord"), "allocation.cockpit", "accueil"),
            (_("Structures"), "hosts.index", "structure"),
            (_("Offres"), "offers.index", "offres"),
            (_("Collèges"), "schools.index", "classe"),
            (_("Affectations"), "allocation.index", "affectation"),
            (_("Stages"), "placements.index", "stage"),
        ],
        Role.OBSERVER: [(_("Chiffres"), "statistics.index", "chiffres")],
        Role.ADMIN: [(_("Territoires"), "campaigns.territories", "territoire")],
    }.get(actor.role, [])
    found = [Entry(label, url_for(endpoint), False, picto) for label, endpoint, picto in entries]
    for path in (request.path, *(home for start, home in _UNDER.items() if _within(request.path, start))):
        current = [_within(path, entry.url) for entry in found]
        if any(current):
            return [replace(entry, current=is_here) for entry, is_here in zip(found, current, strict=True)]
    return found


# Where a page without an entry of its own belongs.
_UNDER = {"/conventions": "/stages", "/suivi": "/stages", "/reparation": "/stages", "/feuilles": "/stages"}


def _within(path: str, start: str) -> bool:
    return path == start or path.startswith(f"{start}/")
