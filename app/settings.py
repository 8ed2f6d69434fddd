"""Typed settings, read from the environment (prefix PASSERELLE_, and DATABASE_URL as hosts provide it)."""

from __future__ import annotations

import secrets
import tomllib
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class MissingSecret(RuntimeError):
    """Outside development the site does not start without PASSERELLE_SECRET_KEY."""


class IdentityProvider(BaseModel):
    """One OpenID Connect provider; docs/sso.md says how to write it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")  # in the address registered at the provider
    label: str = Field(min_length=1, max_length=60)  # on the button
    issuer: str
    client_id: str
    client_secret: SecretStr | None = None  # without: a public client, PKCE alone
    audience: Literal["school", "professional"]
    scope: str = "openid profile email"
    name_claim: str = "name"
    email_claim: str = "email"
    identifier_claim: str = ""  # links to who was announced with this identifier; never a national student number
    link_by_email: bool = True  # only ever an address which the provider says it verified
    role_claim: str = ""
    roles: dict[str, Literal["teacher", "head", "observer", "coordinator"]] = Field(default_factory=dict)
    territory: str = ""  # slug; accounts made by a mapped role enter this territory
    school_claim: str = ""  # the UAI numbers of where a teacher or a head works; such accounts need a school known here
    trust_second_factor: bool = False  # believe its `amr` when it says that a second factor was used
    logout: bool = True  # offer to leave the provider too

    @field_validator("issuer")
    @classmethod
    def _protected(cls, issuer: str) -> str:
        parts = urlsplit(issuer)
        if parts.scheme != "https" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
            raise ValueError("an issuer is reached by https")
        return issuer

    @model_validator(mode="after")
    def _mapped_whole(self) -> IdentityProvider:
        if bool(self.roles) != bool(self.role_claim) or bool(self.roles) != bool(self.territory):
            raise ValueError("role_claim, roles and territory go together")
        if self.school_claim and not self.roles:
            raise ValueError("school_claim is for accounts made by a mapped role")
        return self


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="PASSERELLE_", env_file=None, extra="ignore")

    environment: Literal["development", "production", "test"] = "development"
    instance: Path = ROOT / "instance"
    secret_key: SecretStr | None = None
    diary_key: SecretStr | None = None  # seals students' diaries; drawn once in the instance folder when absent
    database_url: str | None = Field(
        default=None, validation_alias=AliasChoices("PASSERELLE_DATABASE_URL", "DATABASE_URL")
    )
    public_url: str = "http://127.0.0.1:5000"
    demo: bool = False
    jobs: Literal["queue", "inline", "off"] = "queue"
    mail: Literal["folder", "smtp"] = "folder"
    group_mails: bool = True  # one mail a day and address; False: every message leaves at once
    mail_from: str = "Passerelle ESS <ne-pas-repondre@passerelle.example>"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_starttls: bool = False
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    # Text messages (codes of signatures). {to}, {text} and {secret} are filled in url, body and headers.
    sms: Literal["log", "http"] = "log"
    sms_url: str = ""
    sms_method: Literal["POST", "PUT", "GET"] = "POST"
    sms_body: str = '{"to": "{to}", "text": "{text}"}'
    sms_headers: dict[str, str] = Field(default_factory=lambda: {"Content-Type": "application/json"})
    sms_secret: SecretStr | None = None
    tiles_url: str = (
        "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2"
        "&STYLE=normal&FORMAT=image/png&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
    )
    tiles_attribution: str = "© IGN, Géoplateforme"
    documents: Path | None = None  # agreements, scans, certificates; by default a folder of the instance
    document_models: Path | None = None  # a folder like app/agreements/documents, to use instead of it
    seal_certificate: Path | None = None  # PKCS#12; with it, signed agreements are sealed (PAdES)
    seal_password: SecretStr | None = None
    # The region's own planner; may hold {lat}, {lon} and {place} of the destination, never anything about the student.
    journey_planner_url: str = "https://www.passpass.fr/"
    # Who watches over the data (name and address), and who works for the site (hosting, mail…): register and pages.
    data_officer: str = ""
    processors: list[str] = Field(default_factory=list)
    sso: list[IdentityProvider] = Field(default_factory=list)  # JSON; or a TOML file of [[provider]] tables:
    sso_file: Path | None = None
    trusted_proxies: int = 0
    session_minutes: int = 240

    @model_validator(mode="after")
    def _complete(self) -> Settings:
        if self.database_url is None:
            self.database_url = f"sqlite:///{self.instance / 'passerelle.db'}"
        for plain in ("postgres://", "postgresql://"):
            if self.database_url.startswith(plain):
                self.database_url = "postgresql+psycopg://" + self.database_url.removeprefix(plain)
        if self.sso_file is not None:
            written = tomllib.loads(self.sso_file.read_text(encoding="utf-8")).get("provider", [])
            self.sso = [*self.sso, *(IdentityProvider.model_validate(one) for one in written)]
        for name in ("id", "issuer"):
            if len({getattr(provider, name) for provider in self.sso}) < len(self.sso):
                raise ValueError(f"two identity providers have the same {name}")
        return self

    def secret(self) -> str:
        """The signing key. In development one is drawn once and kept in the instance folder."""
        if self.secret_key is not None and len(self.secret_key.get_secret_value()) >= 32:
            return self.secret_key.get_secret_value()
        if self.environment == "production":
            raise MissingSecret(
                "PASSERELLE_SECRET_KEY is missing or shorter than 32 characters. "
                "Draw one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        path = self.instance / "secret_key"
        if not path.exists():
            self.instance.mkdir(parents=True, exist_ok=True)
            path.write_text(secrets.token_urlsafe(48))
            path.chmod(0o600)
        return path.read_text().strip()
