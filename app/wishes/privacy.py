"""What a student said: tastes, words, ranked wishes."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.holdings import (
    Counts,
    Holding,
    Line,
    Section,
    Subject,
    SubjectKind,
    merged,
    redact_rows,
    remove,
    rows,
    section,
)
from app.wishes.models import InterestProfile, WishList

LABELS = {
    "interest_profile": {
        "interests": _l("Envies cochées"),
        "text": _l("Avec mes mots"),
        "avoid_text": _l("Ce que je préfère éviter"),
        "likes": _l("Ce que j’aime"),
        "avoids": _l("Ce que je veux éviter"),
        "commune_id": _l("Commune de départ"),
        "travel_mode": _l("Façon de se déplacer"),
        "max_km": _l("Distance la plus longue, en km"),
    },
    "wish": {"rank": _l("Rang"), "offer_id": _l("Offre")},
}


def export(subject: Subject) -> list[Section]:
    """The profile in its own words, and the wishes in their order."""
    if subject.kind is not SubjectKind.STUDENT:
        return []
    found = [
        section(_("Mes envies"), row, LABELS, **({_("Commune"): row.commune.name} if row.commune else {}))
        for row in rows(InterestProfile, InterestProfile.student_id == subject.id)
    ]
    for wish_list in rows(WishList, WishList.student_id == subject.id):
        lines = tuple(Line(_("Vœu %(n)s", n=wish.rank), wish.offer.title, "wish", "rank") for wish in wish_list.wishes)
        if lines:
            found.append(Section(_("Mes vœux"), lines))
    return found


def erase(subject: Subject) -> Counts:
    texts = redact_rows(InterestProfile, ("text", "avoid_text"), subject)
    if subject.kind is not SubjectKind.STUDENT:
        return merged({"interest_profile": texts})
    return merged(
        {"interest_profile": texts},
        remove(InterestProfile, InterestProfile.student_id == subject.id),
        remove(WishList, WishList.student_id == subject.id),
    )


HOLDING = Holding("wishes", _l("Envies et vœux"), export, erase, labels=LABELS)
