"""The verbs of the second factor: enrol a telephone, check a code, keep recovery codes, lift it for who lost it all."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import update

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.accounts import emails, queries, sealing, throttling, totp
from app.accounts.models import RecoveryCode, SecondFactor, User
from app.accounts.rules import DEMO_SECRET, TRUST_FOR, must_have_second_factor
from app.accounts.services import digest
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import affected, db, locked, transaction
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.messaging import services as messaging
from app.settings import Settings

_MAY_RESET = {
    Role.ADMIN: frozenset(Role),
    Role.COORDINATOR: frozenset({Role.TEACHER, Role.HEAD, Role.HOST, Role.OBSERVER}),
}


def _purpose(user: User) -> str:
    return f"totp:{user.id}"


def _secret(user: User, factor: SecondFactor) -> str:
    try:
        return sealing.unseal(factor.sealed_secret, purpose=_purpose(user))
    except sealing.Unreadable as error:
        sentence = _(
            "Votre second facteur ne peut plus être lu. Demandez à l’administration du site de le remettre à zéro."
        )
        raise Conflict(sentence) from error


def _keys(user: User, address: str) -> tuple[str, str]:
    return f"second:{user.id}", f"address:{address}"


def _wrong(typed: str) -> Invalid:
    if totp.recovery_code(typed) is not None:
        sentence = _("Ce code de secours n’est pas le bon, ou il a déjà servi. Prenez-en un autre de votre liste.")
    else:
        sentence = _(
            "Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant, puis recopiez ses six chiffres."
        )
    return Invalid(sentence, {"code": sentence})


def enrol(user: User, secret: str, code: str, *, address: str) -> list[str]:
    """Ask for this secret's codes from now on. Returns the recovery codes, which are shown this once.

    Every other session of the account is closed. `Invalid` on field `code` when the telephone does not show the right
    one; `Conflict` when the account already has a second factor.
    """
    throttling.demand_open(*_keys(user, address))
    with transaction():
        if locked(SecondFactor, user.id) is not None:
            raise Conflict(_("Ce compte a déjà un second facteur. Entrez le code que montre votre téléphone."))
        step = totp.step_of(secret, code, clock.now())
        if step is not None:
            db.session.add(
                SecondFactor(
                    user_id=user.id, sealed_secret=sealing.seal(secret, purpose=_purpose(user)), last_step=step
                )
            )
            user.session_epoch += 1
            audit.record("account.protect", user, by=None)
            return _new_codes(user)
    throttling.count_failure(*_keys(user, address))
    raise _wrong(code)


def replace(user: User, secret: str, code: str, current: str, *, address: str) -> list[str]:
    """Another telephone for who still has the former one, or a recovery code: `current`. Returns new recovery codes.

    Every other session and every trusted browser ends. `Invalid` on field `code` or `current`.
    """
    throttling.demand_open(*_keys(user, address))
    step = totp.step_of(secret, code, clock.now())
    if step is None:
        throttling.count_failure(*_keys(user, address))
        raise _wrong(code)
    try:
        check(user, current, address=address)
    except Invalid as error:
        raise Invalid(error.message, {"current": error.message}) from error
    with transaction():
        factor = locked(SecondFactor, user.id)
        if factor is None:
            raise Conflict(_("Ce compte n’a plus de second facteur : reliez un téléphone depuis « Mon compte »."))
        factor.sealed_secret, factor.last_step = sealing.seal(secret, purpose=_purpose(user)), step
        factor.created_at = clock.now()
        user.session_epoch += 1
        audit.record("account.replace_second_factor", user, by=None)
        return _new_codes(user)


def _new_codes(user: User) -> list[str]:
    codes = totp.new_recovery_codes()
    for old in queries.recovery_codes(user.id):
        db.session.delete(old)
    db.session.flush()
    db.session.add_all(RecoveryCode(user_id=user.id, code_digest=_code_digest(user, code)) for code in codes)
    return codes


def _code_digest(user: User, code: str) -> str:
    return digest(f"{user.id}:{totp.recovery_code(code)}", purpose="recovery-code")


def check(user: User, typed: str, *, address: str) -> None:
    """Accept the telephone's code, or a recovery code, each once; `Invalid` on field `code` otherwise."""
    throttling.demand_open(*_keys(user, address))
    with transaction():
        if _accepts(user, typed):
            throttling.forget(*_keys(user, address))
            return
    throttling.count_failure(*_keys(user, address))
    raise _wrong(typed)


def _accepts(user: User, typed: str) -> bool:
    factor = locked(SecondFactor, user.id)
    if factor is None:
        return False
    if totp.recovery_code(typed) is not None:
        return _spend(user, typed)
    step = totp.step_of(_secret(user, factor), typed, clock.now(), after=factor.last_step)
    if step is None:
        return False
    factor.last_step = step
    return True


def _spend(user: User, typed: str) -> bool:
    spent = affected(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_digest == _code_digest(user, typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    if spent != 1:
        return False
    left = queries.recovery_codes_left(user.id)
    audit.record("account.recovery_code", user, by=None, left=left)
    if user.email:
        messaging.post(emails.recovery_code_used(user, left, clock.now()))
    return True


def renew_codes(user: User, typed: str, *, address: str) -> list[str]:
    """Ten new recovery codes against a code; the former ones serve no more."""
    check(user, typed, address=address)
    with transaction():
        audit.record("account.renew_recovery_codes", user, by=None)
        return _new_codes(user)


def give_up(user: User, typed: str, *, address: str) -> None:
    """Ask for no code any more, against a last one. `Forbidden` for the roles that must have one."""
    if must_have_second_factor(user.role):
        raise Forbidden(_("Votre rôle demande un second facteur : il ne peut pas être retiré."))
    check(user, typed, address=address)
    with transaction():
        _remove(user)
        audit.record("account.unprotect", user, by=None)


def _remove(user: User) -> None:
    for code in queries.recovery_codes(user.id):
        db.session.delete(code)
    factor = locked(SecondFactor, user.id)
    if factor is not None:
        db.session.delete(factor)


def may_reset(user: User, by: Actor) -> bool:
    """Coordinators help hosts and schools; only administrators help coordinators, and nobody helps themselves."""
    return (
        by.user_id != user.id and by.can(Permission.ACCOUNT_INVITE, user) and user.role in _MAY_RESET.get(by.role, ())
    )


def reset(user: User, *, by: Actor | None) -> None:
    """Forget telephone and recovery codes of somebody who lost both; they enrol anew at their next sign-in.

    Sessions and trusted devices end, the person is told by mail. `by` None: the operator, from the command line.
    """
    if by is not None and not may_reset(user, by):
        raise Forbidden(_("Vous ne pouvez pas remettre à zéro le second facteur de ce compte."))
    with transaction():
        if queries.second_factor(user.id) is None:
            return
        _remove(user)
        user.session_epoch += 1
        audit.record("account.reset_second_factor", user, by=by)
        if user.email:
            messaging.post(emails.second_factor_reset(user, clock.now()))


def install(user: User, secret: str) -> None:
    """Give an account a secret known beforehand, and no recovery codes (the demo); nothing when it has one."""
    with transaction():
        if queries.second_factor(user.id) is None:
            sealed = sealing.seal(secret, purpose=_purpose(user))
            db.session.add(SecondFactor(user_id=user.id, sealed_secret=sealed))


def shown_code(user: User) -> str | None:
    """On a demonstration site, the next code of an account whose secret everybody knows; None for any other."""
    settings: Settings = current_app.config["SETTINGS"]
    factor = queries.second_factor(user.id)
    if not settings.demo or factor is None or _secret(user, factor) != DEMO_SECRET:
        return None
    now = totp.step_at(clock.now())
    return totp.code_at(DEMO_SECRET, min(max(now, factor.last_step + 1), now + 1))


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="trusted device")


def _trust(user: User) -> list[object] | None:
    factor = queries.second_factor(user.id)
    return [user.id, user.session_epoch, factor.created_at.isoformat()] if factor else None


def trust_token(user: User) -> str:
    """What a trusted browser keeps. It dies with the password, with the second factor, and of age."""
    token = _serializer().dumps(_trust(user))
    return token.decode() if isinstance(token, bytes) else token


def trusts(user: User, token: str) -> bool:
    """Whether this browser was trusted by this person, for this second factor, less than thirty days ago."""
    try:
        kept = _serializer().loads(token, max_age=int(TRUST_FOR.total_seconds()))
    except BadData:
        return False
    return bool(kept) and kept == _trust(user)
