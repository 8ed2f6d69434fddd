"""What offers hold of people: the tutor that a structure named."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_

from app.kernel.holdings import Counts, Holding, Section, Subject, merged, redact_rows, rows, section
from app.offers.models import PlacementOffer

LABELS = {
    "placement_offer": {
        "tutor_name": _l("Nom du tuteur"),
        "tutor_role": _l("Fonction"),
        "tutor_email": _l("Adresse e-mail"),
        "tutor_phone": _l("Téléphone"),
    }
}
_TEXTS = ("title", "description", "lunch", "dress", "state_reason")


def export(subject: Subject) -> list[Section]:
    return [
        section(_("Tuteur de l’offre « %(title)s »", title=row.title), row, LABELS)
        for row in rows(PlacementOffer, *_tutored(subject))
    ]


def erase(subject: Subject) -> Counts:
    """The offer stays without its tutor; its structure names another."""
    found = rows(PlacementOffer, *_tutored(subject))
    for row in found:
        row.tutor_name = row.tutor_role = row.tutor_email = row.tutor_phone = ""
    return merged({"placement_offer": len(found) + redact_rows(PlacementOffer, _TEXTS, subject)})


def _tutored(subject: Subject) -> tuple[object, ...]:
    """By their address anywhere in the territory, by their name in their own structures only."""
    return (
        PlacementOffer.territory_id == subject.territory_id,
        or_(
            func.lower(PlacementOffer.tutor_email).in_([email.lower() for email in subject.emails]),
            PlacementOffer.tutor_name.in_(subject.full_names)
            & PlacementOffer.organization_id.in_(subject.organization_ids),
        ),
    )


HOLDING = Holding("offers", _l("Offres de stage"), export, erase, labels=LABELS)
