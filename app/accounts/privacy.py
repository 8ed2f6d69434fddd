"""What accounts hold: a name, an address, ways to sign in. Erased, an account that others point at has no name left."""

from __future__ import annotations

import secrets

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.policy import Role
from app.accounts.models import ExternalAccount, User
from app.kernel.errors import Conflict
from app.kernel.holdings import (
    Counts,
    Holding,
    Section,
    Subject,
    SubjectKind,
    forget_dependents,
    is_referred,
    merged,
    remove,
    rows,
    section,
)

LABELS = {
    "user": {
        "display_name": _l("Nom affiché"),
        "email": _l("Adresse e-mail"),
        "last_seen_at": _l("Dernier passage"),
    },
    "external_account": {"shown_name": _l("Compte relié"), "issuer": _l("Portail")},
}
NOWHERE = "invalid"  # a domain which never receives mail (RFC 2606)
_NEEDED = {Role.ADMIN: None, Role.COORDINATOR: "territory_id"}


def export(subject: Subject) -> list[Section]:
    """The account itself; digests and hashes are of no use to anybody and stay."""
    if subject.user_id is None:
        return []
    linked = rows(ExternalAccount, ExternalAccount.user_id == subject.user_id)
    return [
        *[section(_("Compte"), row, LABELS) for row in rows(User, User.id == subject.user_id)],
        *[section(_("Compte relié"), row, LABELS) for row in linked],
    ]


def refuse(subject: Subject) -> None:
    """Raise `Conflict` for the last administrator, and the last coordinator of a territory."""
    if subject.kind is not SubjectKind.ACCOUNT:
        return
    for row in rows(User, User.id == subject.user_id, User.role.in_(list(_NEEDED))):
        others = [User.role == row.role, User.id != row.id, User.is_active]
        if row.role is Role.COORDINATOR:
            others.append(User.territory_id == row.territory_id)
        if not rows(User, *others):
            raise Conflict(_("Ce compte est le dernier à pouvoir faire ce travail. Invitez d’abord quelqu’un d’autre."))


def erase(subject: Subject) -> Counts:
    """Delete the account, or take away everything that says whose it was when a decision still points at it."""
    if subject.user_id is None:
        return {}
    gone = forget_dependents(User, subject.user_id)
    if not is_referred(User, subject.user_id):
        return merged(gone, remove(User, User.id == subject.user_id))
    for row in rows(User, User.id == subject.user_id):
        student = row.role is Role.STUDENT
        row.display_name = _("Élève effacé") if student else _("Compte effacé")
        row.email = None if student else f"{secrets.token_hex(12)}@efface.{NOWHERE}"
        row.password_hash = row.code_digest = row.last_seen_at = None
        row.is_active = False
        row.session_epoch += 1
    return merged(gone, {"user": 1})


HOLDING = Holding("accounts", _l("Comptes"), export, erase, refuse=refuse, labels=LABELS)
