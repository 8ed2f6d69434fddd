"""The only door to identity providers: OpenID Connect, authorization code with PKCE (Authlib and joserfc).

Network only: the database is neither read nor held here. Every call has a deadline, and what comes back is believed
only after issuer, audience, nonce, dates and signature agree.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]  # ships no types
from authlib.common.urls import add_params_to_uri  # type: ignore[import-untyped]  # ships no types
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]  # ships no types
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # ships no types
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from app.kernel import clock
from app.settings import IdentityProvider

_SECONDS = 8
_KEEP_METADATA = timedelta(hours=1)
_LEEWAY = 60  # seconds between two clocks
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]  # no secret
_ENDED = "http://schemas.openid.net/event/backchannel-logout"
_KEEP_LOGOUT = 300  # seconds; a logout token serves at once
_STRONG = {"mfa", "otp", "hwk", "swk", "sc", "fpt", "face"}  # RFC 8176: more than something known


class Unreachable(Exception):
    """The provider does not answer, or not as a provider does."""


class Untrusted(Exception):
    """The provider answered, and what it says must not be believed."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """What is kept in the visitor's session between leaving for the provider and coming back."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says came back. `email` only when it is verified; `strong`: a second factor was used there."""

    provider: str
    issuer: str
    subject: str
    name: str
    email: str | None
    identifier: str | None
    roles: frozenset[str]
    schools: frozenset[str]
    strong: bool
    id_token: str


_known: dict[str, tuple[datetime, dict[str, Any]]] = {}
_keys: dict[str, dict[str, Any]] = {}


def _get(url: str) -> dict[str, Any]:
    try:
        answer = requests.get(url, timeout=_SECONDS, headers={"Accept": "application/json"})
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise Unreachable(f"{url}: {error}") from error
    if not isinstance(found, dict):
        raise Unreachable(f"{url}: no object")
    return found


def metadata(provider: IdentityProvider) -> dict[str, Any]:
    """The provider's own description, asked for at most once an hour. Raises `Unreachable`, `Untrusted`."""
    at, found = _known.get(provider.issuer, (None, None))
    if at is not None and found is not None and clock.now() - _KEEP_METADATA < at <= clock.now():
        return found
    found = _get(provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise Untrusted(f"{provider.issuer} calls itself {found.get('issuer')!r}")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(found.get(name), str):
            raise Unreachable(f"{provider.issuer} names no {name}")
    _known[provider.issuer] = (clock.now(), found)
    _keys.pop(provider.issuer, None)
    return found


def _client(provider: IdentityProvider, redirect_uri: str | None = None) -> OAuth2Session:
    accepted = metadata(provider).get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    secret = provider.client_secret.get_secret_value() if provider.client_secret else None
    method = "client_secret_basic" if "client_secret_basic" in accepted else "client_secret_post"
    return OAuth2Session(
        provider.client_id,
        secret,
        scope=provider.scope,
        redirect_uri=redirect_uri,
        token_endpoint_auth_method=method if secret else "none",
        code_challenge_method="S256",
        default_timeout=_SECONDS,
    )


def begin(provider: IdentityProvider, redirect_uri: str) -> tuple[str, Handshake]:
    """Where to send the visitor, and what to keep until they come back. Raises `Unreachable`, `Untrusted`."""
    handshake = Handshake(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
    url, _state = _client(provider, redirect_uri).create_authorization_url(
        metadata(provider)["authorization_endpoint"],
        state=handshake.state,
        nonce=handshake.nonce,
        code_verifier=handshake.verifier,
    )
    return url, handshake


def finish(provider: IdentityProvider, handshake: Handshake, redirect_uri: str, code: str, iss: str | None) -> Identity:
    """Who came back with this code. Raises `Unreachable`, `Untrusted`.

    `iss` is the issuer named by the address of the return (RFC 9207), when it names one.
    """
    if iss is not None and iss != provider.issuer:
        raise Untrusted(f"the answer of {iss} came to the address of {provider.issuer}")
    described = metadata(provider)
    with _client(provider, redirect_uri) as client:
        try:
            token = client.fetch_token(
                described["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=handshake.verifier,
            )
        except AuthlibBaseError as error:
            raise Untrusted(f"no token: {error}") from error
        except (requests.RequestException, ValueError) as error:
            raise Unreachable(f"no token: {error}") from error
        claims = _claims(provider, handshake, token)
        told = _told(described, client, claims["sub"])
    if provider.email_claim in claims:
        told.pop("email_verified", None)  # said of the other address
    claims = told | claims
    return _identity(provider, claims, str(token["id_token"]))


def _claims(provider: IdentityProvider, handshake: Handshake, token: Mapping[str, Any]) -> dict[str, Any]:
    """The claims of a signed ID token, all checked."""
    written = token.get("id_token")
    if not isinstance(written, str):
        raise Untrusted("no ID token")
    try:
        decoded = _decoded(provider, written)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
            },
            params={
                "nonce": handshake.nonce,
                "client_id": provider.client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(now=int(clock.now().timestamp()), leeway=_LEEWAY)
    except (JoseError, AuthlibBaseError, ValueError, TypeError) as error:
        raise Untrusted(f"ID token refused: {error}") from error
    return dict(claims)


def _decoded(provider: IdentityProvider, written: str) -> jwt.Token:
    try:
        return jwt.decode(written, _key_set(provider), algorithms=_ALGORITHMS)
    except (InvalidKeyIdError, ValueError):  # the provider has new keys since
        _keys.pop(provider.issuer, None)
        return jwt.decode(written, _key_set(provider), algorithms=_ALGORITHMS)


def _key_set(provider: IdentityProvider) -> KeySet:
    if provider.issuer not in _keys:
        _keys[provider.issuer] = _get(metadata(provider)["jwks_uri"])
    return KeySet.import_key_set(_keys[provider.issuer])  # type: ignore[arg-type]  # checked by the import itself


def _told(described: Mapping[str, Any], client: OAuth2Session, subject: object) -> dict[str, Any]:
    """What the userinfo page says of the same subject; nothing when there is no such page."""
    url = described.get("userinfo_endpoint")
    if not isinstance(url, str):
        return {}
    try:
        answer = client.get(url)
        answer.raise_for_status()
        told = answer.json()
    except (requests.RequestException, AuthlibBaseError, ValueError) as error:
        raise Unreachable(f"{url}: {error}") from error
    if not isinstance(told, dict) or told.get("sub") != subject:
        raise Untrusted("the userinfo page speaks of somebody else")
    return told


def _identity(provider: IdentityProvider, claims: Mapping[str, Any], id_token: str) -> Identity:
    verified = claims.get("email_verified") is True
    email = _text(claims, provider.email_claim).lower() if verified else ""
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise Untrusted("no usable subject")
    amr = claims.get("amr")
    return Identity(
        provider=provider.id,
        issuer=provider.issuer,
        subject=subject,
        name=_text(claims, provider.name_claim)[:160],
        email=email or None,
        identifier=(_text(claims, provider.identifier_claim) or None) if provider.identifier_claim else None,
        roles=_several(claims, provider.role_claim),
        schools=_several(claims, provider.school_claim),
        strong=provider.trust_second_factor and isinstance(amr, list) and not _STRONG.isdisjoint(map(str, amr)),
        id_token=id_token,
    )


def _several(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    """A claim that is one value or a list of them."""
    found = claims.get(name) if name else None
    return frozenset(str(one) for one in (found if isinstance(found, list) else [found] if found else []))


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return " ".join(str(value).split()) if isinstance(value, str | int) else ""


def ended_subject(provider: IdentityProvider, token: str) -> str:
    """Whose sessions a logout token ends (OpenID Connect Back-Channel Logout 1.0, § 2.6).

    Raises `Unreachable`, and `Untrusted` unless signature, issuer, audience, dates, event and subject are those of one.
    """
    try:
        decoded = _decoded(provider, token)
        claims = decoded.claims
        jwt.JWTClaimsRegistry(
            now=int(clock.now().timestamp()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": provider.client_id},
            iat={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
            sub={"essential": True},
        ).validate(claims)
    except (JoseError, ValueError, TypeError) as error:
        raise Untrusted(f"logout token refused: {error}") from error
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(_ENDED), dict) or "nonce" in claims:
        raise Untrusted("no logout token")
    if clock.now().timestamp() - claims["iat"] > _KEEP_LOGOUT:
        raise Untrusted("a logout token of another day")
    return str(claims["sub"])


def end_session(provider: IdentityProvider, back: str, id_token: str | None) -> str | None:
    """Where the visitor leaves the provider too, or None when it has no such page. Raises `Unreachable`."""
    url = metadata(provider).get("end_session_endpoint")
    if not isinstance(url, str):
        return None
    given = {"client_id": provider.client_id, "post_logout_redirect_uri": back}
    return str(add_params_to_uri(url, given | ({"id_token_hint": id_token} if id_token else {})))
