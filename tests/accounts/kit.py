"""What the tests of accounts share: people, telephones, visits to a provider."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.access.policy import Role
from app.accounts import second_factor, totp
from app.accounts.models import User
from app.audit.models import JournalEntry
from app.kernel import clock
from app.kernel.database import db
from tests.accounts.providers import Somebody
from tests.world import Land, World

PHRASE = "Terril vert et chevalet rouge"
SITE = "http://127.0.0.1:5000"


def user_of(world: World, role: Role = Role.COORDINATOR, land: Land | None = None) -> User:
    user = db.session.get(User, world.admin_id if role is Role.ADMIN else (land or world.here).users[role])
    assert user is not None
    return user


def code_of(secret: str, ahead: int = 0) -> str:
    return totp.code_at(secret, totp.step_at(clock.now()) + ahead)


def enrol(user: User) -> tuple[str, list[str]]:
    secret = totp.new_secret()
    return secret, second_factor.enrol(user, secret, code_of(secret, -1), address="a")


def actions() -> list[str]:
    return list(db.session.scalars(select(JournalEntry.action).order_by(JournalEntry.id)))


def returning(client: FlaskClient, start: str, provider: str, login: str, *, agree: bool = True) -> str:
    """The path of the return address, once this person has signed in at the provider."""
    answer = client.get(start)
    assert answer.status_code == 303, answer.text
    url = Somebody(login).come_back(answer.location, f"{SITE}/connexion/retour/{provider}", agree=agree)
    return url.removeprefix(SITE)


def enter(client: FlaskClient, provider: str, login: str) -> TestResponse:
    return client.get(returning(client, f"/connexion/portail/{provider}", provider, login))


def signed_in(client: FlaskClient) -> str | None:
    with client.session_transaction() as session:
        return session.get("_user_id")
