"""Passwords, links and throttling: the rules alone. CNIL, délibération 2022-100 of 21 July 2022."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from flask_babel import gettext as _

from app.access.policy import Role

MIN_LENGTH, MAX_LENGTH = 12, 200
_LONG_ENOUGH_WITHOUT_VARIETY = 20  # a sentence of several words carries its own entropy


class LinkPurpose(StrEnum):
    SIGN_IN = "sign_in"
    INVITATION = "invitation"


LINK_LIFETIME = {LinkPurpose.SIGN_IN: timedelta(minutes=30), LinkPurpose.INVITATION: timedelta(days=7)}

SECOND_FACTOR_FOR = frozenset({Role.COORDINATOR, Role.ADMIN})
TRUST_FOR = timedelta(days=30)  # a browser that its owner said to be theirs
PENDING_FOR = timedelta(minutes=15)  # between the password and the code; an enrolment fits in it
PROOF_FOR = timedelta(minutes=15)  # after which a session no longer proves who sits there
DEMO_SECRET = "PASSERELLEDEMONSTRATIONHENINCARV"  # noqa: S105  # shown to everybody, guards invented data only

FREE_FAILURES = 5
FORGET_AFTER = timedelta(hours=24)


def must_have_second_factor(role: Role) -> bool:
    return role in SECOND_FACTOR_FOR


def password_problem(password: str, *, about: tuple[str, ...] = ()) -> str | None:
    """Why this password is refused, in a sentence, or None.

    80 bits by the CNIL's own equivalences: 12 signs of four classes, 14 of three, or a sentence of 20 signs and more.
    `about` are words too easy to guess (the e-mail address, the name of the structure).
    """
    if len(password) < MIN_LENGTH:
        return _("Choisissez au moins %(n)s caractères. Une phrase de quelques mots convient bien.", n=MIN_LENGTH)
    if len(password) > MAX_LENGTH:
        return _("Choisissez au plus %(n)s caractères.", n=MAX_LENGTH)
    if len(set(password)) < 5:
        return _("Ce mot de passe répète toujours les mêmes signes. Choisissez-en un plus varié.")
    lowered = password.casefold()
    if any(len(word) >= 4 and word.casefold() in lowered for word in about):
        return _("Ce mot de passe contient votre nom ou votre adresse. Choisissez autre chose.")
    if len(password) >= _LONG_ENOUGH_WITHOUT_VARIETY:
        return None
    classes = sum(
        (
            any(c.islower() for c in password),
            any(c.isupper() for c in password),
            any(c.isdigit() for c in password),
            any(not c.isalnum() for c in password),
        )
    )
    if classes == 4 or (classes == 3 and len(password) >= 14):
        return None
    return _(
        "Mélangez minuscules, majuscules, chiffres et signes, ou écrivez une phrase d’au moins %(n)s caractères.",
        n=_LONG_ENOUGH_WITHOUT_VARIETY,
    )


def lock_after(failures: int) -> timedelta:
    """How long a key is locked after so many failures in a row: nothing at first, then doubling up to an hour."""
    if failures < FREE_FAILURES:
        return timedelta(0)
    return timedelta(minutes=min(60, 1 << min(failures - FREE_FAILURES, 6)))
