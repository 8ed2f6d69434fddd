"""The verbs of single sign-on: whom an identity opens, linking it, undoing the link, announcing identifiers."""

from __future__ import annotations

import structlog
from flask import current_app
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Role
from app.accounts import arrivals, emails, gateway, queries, throttling
from app.accounts.gateway import Handshake, Identity
from app.accounts.models import AnnouncedIdentifier, ExternalAccount, User
from app.accounts.services import close_sessions, digest
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import db, release, transaction, writing
from app.kernel.errors import Conflict, DomainError, Hidden
from app.messaging import services as messaging
from app.settings import IdentityProvider, Settings

log = structlog.get_logger("federation")

# What a provider may open: a school's portal speaks for the school's people, never for a coordinator.
OPENS = {
    "school": frozenset({Role.STUDENT, Role.TEACHER, Role.HEAD}),
    "professional": frozenset({Role.TEACHER, Role.HEAD, Role.HOST, Role.COORDINATOR, Role.OBSERVER, Role.ADMIN}),
}


_SCHOOL_STAFF = frozenset({Role.TEACHER, Role.HEAD})


class ProviderSilent(DomainError):
    """The provider cannot be reached now."""

    status = 503


class ProviderRefused(DomainError):
    """The provider sent somebody back without an identity that can be believed."""

    status = 422


class NobodyHere(DomainError):
    """A believable identity which opens no account here."""

    status = 422


def providers() -> list[IdentityProvider]:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.sso


def provider_called(name: str) -> IdentityProvider:
    """The configured provider, or `Hidden`."""
    found = next((provider for provider in providers() if provider.id == name), None)
    if found is None:
        raise Hidden(_("Ce portail n’est pas proposé ici. Revenez à la page de connexion."))
    return found


def providers_for(role: Role) -> list[IdentityProvider]:
    return [provider for provider in providers() if role in OPENS[provider.audience]]


def begin(provider: IdentityProvider, redirect_uri: str) -> tuple[str, Handshake]:
    """Where to send the visitor and what to keep meanwhile; `ProviderSilent` when it does not answer."""
    release()
    try:
        return gateway.begin(provider, redirect_uri)
    except (gateway.Unreachable, gateway.Untrusted) as error:
        raise _silent(provider, error) from error


def _silent(provider: IdentityProvider, error: Exception) -> ProviderSilent:
    log.warning("provider_silent", provider=provider.id, why=type(error).__name__, detail=str(error)[:200])
    return ProviderSilent(
        _("« %(label)s » ne répond pas en ce moment. Réessayez dans quelques minutes, ou entrez autrement.",
          label=provider.label)
    )  # fmt: skip


def identify(
    provider: IdentityProvider,
    handshake: Handshake | None,
    redirect_uri: str,
    answer: dict[str, str],
    *,
    address: str,
) -> Identity:
    """Who comes back from the provider with `answer` (the query of the return address).

    Raises `ProviderRefused` (cancelled, forged, too old), `ProviderSilent`, `TooManyTries`.
    """
    throttling.demand_open(f"address:{address}")
    try:
        return _identified(provider, handshake, redirect_uri, answer)
    except ProviderRefused:
        with writing():
            throttling.count_failure(f"address:{address}")
        raise


def _identified(
    provider: IdentityProvider, handshake: Handshake | None, redirect_uri: str, answer: dict[str, str]
) -> Identity:
    if handshake is None:
        raise ProviderRefused(
            _(
                "Ce retour ne correspond à aucune demande de votre navigateur, "
                "ou la demande est trop ancienne. Recommencez."
            )
        )
    if answer.get("error") == "access_denied":
        raise ProviderRefused(_("Vous n’avez pas donné votre accord sur « %(label)s ».", label=provider.label))
    if answer.get("error") or not answer.get("code"):
        log.warning("provider_error", provider=provider.id, error=str(answer.get("error"))[:60])
        raise ProviderRefused(_("« %(label)s » n’a pas pu vous reconnaître. Recommencez.", label=provider.label))
    release()
    try:
        return gateway.finish(provider, handshake, redirect_uri, answer["code"], answer.get("iss"))
    except gateway.Unreachable as error:
        raise _silent(provider, error) from error
    except gateway.Untrusted as error:
        log.warning("provider_untrusted", provider=provider.id, detail=str(error)[:200])
        sentence = _(
            "La réponse de « %(label)s » n’est pas sûre : elle est écartée. Recommencez.", label=provider.label
        )
        raise ProviderRefused(sentence) from error


def enter(provider: IdentityProvider, identity: Identity) -> User:
    """The account that this identity opens, linked on the way when that is allowed.

    In this order: an account already linked; somebody announced with this identifier; an adult invited or registered
    with this verified address; an account made for a mapped role. Raises `NobodyHere` otherwise.
    """
    with writing(), transaction():
        user = _linked(identity) or _announced(provider, identity) or _same_address(provider, identity)
        user = user or _created(provider, identity)
        if user is None or user.role not in OPENS[provider.audience]:
            raise NobodyHere(
                _(
                    "« %(label)s » vous a reconnu, mais ce compte n’est encore relié à personne ici.",
                    label=provider.label,
                )
            )
        user.last_seen_at = clock.now()
        return user


def _linked(identity: Identity) -> User | None:
    external = queries.external_account(identity.issuer, identity.subject)
    if external is None:
        return None
    user = queries.active_user(external.user_id)
    if user is None:
        raise NobodyHere(_("Ce compte est fermé. Écrivez à la coordination."))
    external.last_used_at = clock.now()
    return user


def _announced(provider: IdentityProvider, identity: Identity) -> User | None:
    if not identity.identifier:
        return None
    found = queries.announced(identity.issuer, _identifier_digest(provider, identity.identifier))
    user = queries.active_user(found.user_id) if found else None
    return _attached(provider, identity, user, "identifier") if user else None


def _same_address(provider: IdentityProvider, identity: Identity) -> User | None:
    if not provider.link_by_email or identity.email is None:
        return None
    user = queries.by_email(identity.email)
    return _attached(provider, identity, user, "email") if user and user.is_active else None


def _created(provider: IdentityProvider, identity: Identity) -> User | None:
    mapped = {provider.roles[role] for role in identity.roles if role in provider.roles}
    if len(mapped) != 1 or identity.email is None or queries.by_email(identity.email) is not None:
        return None
    territory_id = queries.territory_called(provider.territory)
    if territory_id is None:
        log.error("unknown_territory", provider=provider.id, territory=provider.territory)
        return None
    user = User(
        role=Role(mapped.pop()),
        territory_id=territory_id,
        email=identity.email,
        display_name=identity.name or identity.email.partition("@")[0],
    )
    if user.role not in OPENS[provider.audience]:
        return None
    db.session.add(user)
    db.session.flush()
    if provider.school_claim and user.role in _SCHOOL_STAFF and not arrivals.seat(user, identity.schools):
        raise NobodyHere(
            _(
                "« %(label)s » vous a reconnu, mais ne nous donne aucun collège connu ici. Écrivez à la coordination.",
                label=provider.label,
            )
        )
    audit.record("account.create_from_portal", user, by=None, to_state=user.role, provider=provider.id)
    return _attached(provider, identity, user, "role")


def _attached(provider: IdentityProvider, identity: Identity, user: User, way: str) -> User:
    if user.role not in OPENS[provider.audience]:
        return user  # refused by the caller, and not linked
    if any(one.issuer == identity.issuer for one in queries.external_accounts(user.id)):
        raise NobodyHere(
            _(
                "Un autre compte de « %(label)s » ouvre déjà le vôtre. "
                "Entrez autrement, puis défaites ce lien dans « Mon compte ».",
                label=provider.label,
            )
        )
    db.session.add(
        ExternalAccount(user_id=user.id, issuer=identity.issuer, subject=identity.subject, shown_name=identity.name)
    )
    audit.record("account.link", user, by=None, provider=provider.id, way=way)
    if user.email:
        messaging.post(emails.account_linked(user, provider.label, clock.now()))
    return user


def link(user: User, provider: IdentityProvider, identity: Identity) -> None:
    """Let this identity open the account of somebody who is signed in and said yes. Twice changes nothing.

    Raises `Conflict` when it opens somebody else's, or when another one of the same provider opens this account.
    """
    if user.role not in OPENS[provider.audience]:
        raise Conflict(_("« %(label)s » n’est pas fait pour votre rôle.", label=provider.label))
    with transaction():
        present = queries.external_account(identity.issuer, identity.subject)
        if present is not None and present.user_id == user.id:
            return
        if present is not None:
            raise Conflict(
                _("Ce compte « %(label)s » ouvre déjà le compte d’une autre personne.", label=provider.label)
            )
        try:
            _attached(provider, identity, user, "session")
        except NobodyHere as error:
            raise Conflict(error.message) from error


def unlink(user: User, provider: IdentityProvider, *, by: Actor) -> None:
    """The provider opens this account no more. Nothing happens when it did not."""
    with transaction():
        for external in queries.external_accounts(user.id):
            if external.issuer == provider.issuer:
                db.session.delete(external)
                audit.record("account.unlink", user, by=by, provider=provider.id)


def end_sessions(provider: IdentityProvider, token: str, *, address: str) -> None:
    """The provider says that somebody has left it: every session of the account that it opens ends here too.

    Somebody unknown changes nothing. Raises `ProviderRefused` when the token is not to be believed, `ProviderSilent`,
    `TooManyTries`.
    """
    throttling.demand_open(f"address:{address}")
    release()
    try:
        subject = gateway.ended_subject(provider, token)
    except gateway.Unreachable as error:
        raise _silent(provider, error) from error
    except gateway.Untrusted as error:
        log.warning("logout_untrusted", provider=provider.id, detail=str(error)[:200])
        with writing():
            throttling.count_failure(f"address:{address}")
        raise ProviderRefused("invalid_request") from error
    with transaction():
        external = queries.external_account(provider.issuer, subject)
        if external is not None:
            user = db.session.get_one(User, external.user_id)
            close_sessions(user.id)
            audit.record("account.end_from_portal", user, by=None, provider=provider.id)


def leaving_url(provider: IdentityProvider, back: str, id_token: str | None) -> str | None:
    """Where to leave the provider too; None when it has no such page. Raises `ProviderSilent`."""
    release()
    try:
        return gateway.end_session(provider, back, id_token)
    except (gateway.Unreachable, gateway.Untrusted) as error:
        raise _silent(provider, error) from error


def _identifier_digest(provider: IdentityProvider, identifier: str) -> str:
    return digest(f"{provider.issuer}:{identifier.strip()}", purpose="portal-identifier")


def announce(user: User, provider: IdentityProvider, identifier: str, *, dry_run: bool = False) -> bool:
    """Say who will come with this identifier. Returns whether anything changed (`dry_run`: would change).

    Raises `Conflict` when the identifier is announced for somebody else, or the role is not one the provider opens.
    """
    if user.role not in OPENS[provider.audience]:
        raise Conflict(_("« %(label)s » n’ouvre pas de compte de ce rôle.", label=provider.label))
    stored = _identifier_digest(provider, identifier)
    with transaction():
        taken = queries.announced(provider.issuer, stored)
        if taken is not None and taken.user_id != user.id:
            raise Conflict(_("Cet identifiant est déjà celui d’une autre personne."))
        if taken is not None or dry_run:
            return taken is None
        mine = queries.announced_for(user.id, provider.issuer)
        if mine is None:
            db.session.add(AnnouncedIdentifier(user_id=user.id, issuer=provider.issuer, identifier_digest=stored))
        else:
            mine.identifier_digest = stored
        audit.record("account.announce", user, by=None, provider=provider.id)
        return True
