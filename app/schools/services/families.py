"""What a family sets for itself, from a personal link: the language in which it reads and is written to."""

from __future__ import annotations

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Role
from app.audit import services as audit
from app.kernel.database import locked, transaction
from app.kernel.errors import Forbidden, Invalid
from app.schools.models import FamilyCode, LegalGuardian
from app.web.languages import LANGUAGES


def choose_language(guardian: LegalGuardian, code: str, *, by: Actor) -> None:
    """Pages and mails of this guardian are in this language from now on; the other guardian keeps theirs.

    Raises `Forbidden` for anybody but a guardian of the same student, `Invalid` for a language we do not write.
    """
    if by.role is not Role.GUARDIAN or by.student_id != guardian.student_id:
        raise Forbidden(_("Cette page n’est pas pour vous"))
    if code not in LANGUAGES:
        raise Invalid(_("Choisissez une langue de la liste."))
    with transaction():
        row = locked(LegalGuardian, guardian.id)
        if row is not None and row.language != code:
            row.language = code
            audit.record("guardian.language", row, by=by, language=code)


def choose_family_language(code: FamilyCode, language: str, *, by: Actor) -> None:
    """As `choose_language`, from a slip: kept for its guardian, else with the slip itself."""
    if code.guardian is not None:
        choose_language(code.guardian, language, by=by)
        return
    if by.role is not Role.GUARDIAN or by.student_id != code.student_id:
        raise Forbidden(_("Cette page n’est pas pour vous"))
    if language not in LANGUAGES:
        raise Invalid(_("Choisissez une langue de la liste."))
    with transaction():
        row = locked(FamilyCode, code.id)
        if row is not None and row.language != language:
            row.language = language
            audit.record("family.language", row.student, by=by, language=language)
