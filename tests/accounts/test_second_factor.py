"""The code of the telephone: compulsory for some, replayed never, recoverable always, throttled in the database."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.access.policy import Role
from app.accounts import queries, rules, sealing, second_factor, services, totp
from app.accounts.models import RecoveryCode, SecondFactor, User
from app.accounts.throttling import TooManyTries
from app.audit.models import JournalEntry
from app.kernel import clock
from app.kernel.database import db
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.messaging.models import OutboxMessage
from tests.world import Land, World

PHRASE = "Terril vert et chevalet rouge"
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890", as in RFC 6238


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """Appendix B of RFC 6238, its last six digits."""
    assert totp.code_at(RFC_SECRET, seconds // totp.STEP) == code


@given(st.text(max_size=12))
def test_no_text_but_the_code_is_a_step(typed: str) -> None:
    moment = clock.now()
    now = totp.step_at(moment)
    codes = {totp.code_at(RFC_SECRET, step) for step in (now - 1, now, now + 1)}
    assert (totp.step_of(RFC_SECRET, typed, moment) is not None) == (re.sub(r"\s", "", typed) in codes)


def test_a_code_is_good_for_its_neighbours_and_no_further() -> None:
    moment = clock.now()
    now = totp.step_at(moment)
    accepted = [d for d in range(-4, 5) if totp.step_of(RFC_SECRET, totp.code_at(RFC_SECRET, now + d), moment)]
    assert accepted == [-1, 0, 1]


def _user(world: World, role: Role = Role.COORDINATOR, land: Land | None = None) -> User:
    user = db.session.get(User, world.admin_id if role is Role.ADMIN else (land or world.here).users[role])
    assert user is not None
    return user


def _code(secret: str, ahead: int = 0) -> str:
    return totp.code_at(secret, totp.step_at(clock.now()) + ahead)


def _enrol(user: User) -> tuple[str, list[str]]:
    secret = totp.new_secret()
    return secret, second_factor.enrol(user, secret, _code(secret, -1), address="a")


def _actions() -> list[str]:
    return list(db.session.scalars(select(JournalEntry.action).order_by(JournalEntry.id)))


@pytest.mark.both_engines
def test_a_code_serves_once_and_an_older_one_no_more(context: Flask, world: World) -> None:
    user = _user(world)
    secret, _codes = _enrol(user)
    second_factor.check(user, f" {_code(secret)[:3]} {_code(secret)[3:]} ", address="a")
    for again in (0, -1):
        with pytest.raises(Invalid):
            second_factor.check(user, _code(secret, again), address="a")
    second_factor.check(user, _code(secret, 1), address="a")
    with pytest.raises(Conflict):
        second_factor.enrol(user, totp.new_secret(), "123456", address="a")


def test_the_code_of_the_enrolment_is_spent_too(context: Flask, world: World) -> None:
    user, secret = _user(world), totp.new_secret()
    second_factor.enrol(user, secret, _code(secret), address="a")
    with pytest.raises(Invalid):
        second_factor.check(user, _code(secret), address="a")


@pytest.mark.both_engines
def test_guessing_is_slowed_in_the_database(context: Flask, world: World) -> None:
    user = _user(world)
    secret, _codes = _enrol(user)
    for _ in range(rules.FREE_FAILURES):
        with pytest.raises(Invalid):
            second_factor.check(user, "000000" if _code(secret) != "000000" else "111111", address="a")
    with pytest.raises(TooManyTries):
        second_factor.check(user, _code(secret), address="b")
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
        second_factor.check(user, _code(secret), address="b")


@pytest.mark.both_engines
def test_a_recovery_code_serves_once_is_told_and_journalled(context: Flask, world: World) -> None:
    user = _user(world)
    _secret, codes = _enrol(user)
    assert len(set(codes)) == totp.RECOVERY_CODES
    second_factor.check(user, codes[0].lower().replace("-", " "), address="a")
    with pytest.raises(Invalid):
        second_factor.check(user, codes[0], address="a")
    assert queries.recovery_codes_left(user.id) == 9
    assert _actions()[-1] == "account.recovery_code"
    mail = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "recovery_code_used")).one()
    assert "9 codes de secours" in mail.text


def test_somebody_elses_recovery_code_opens_nothing(context: Flask, world: World) -> None:
    mine, theirs = _user(world), _user(world, Role.HOST)
    _enrol(mine)
    _secret, codes = _enrol(theirs)
    with pytest.raises(Invalid):
        second_factor.check(mine, codes[0], address="a")


def test_new_recovery_codes_replace_the_old_ones_against_a_code(context: Flask, world: World) -> None:
    user = _user(world)
    secret, old = _enrol(user)
    with pytest.raises(Invalid):
        second_factor.renew_codes(user, "nothing", address="a")
    new = second_factor.renew_codes(user, _code(secret), address="a")
    with pytest.raises(Invalid):
        second_factor.check(user, old[1], address="a")
    second_factor.check(user, new[1], address="a")


def test_neither_secret_nor_codes_can_be_read_in_the_database(context: Flask, world: World) -> None:
    user = _user(world)
    secret, codes = _enrol(user)
    factor = db.session.get(SecondFactor, user.id)
    assert factor is not None
    assert secret.encode() not in factor.sealed_secret
    kept = set(db.session.scalars(select(RecoveryCode.code_digest)))
    assert not kept & {*codes, *(code.replace("-", "") for code in codes)}


def test_a_sealed_secret_opens_for_its_account_and_key_alone(context: Flask) -> None:
    sealed = sealing.seal("secret", purpose="totp:1")
    assert sealing.unseal(sealed, purpose="totp:1") == "secret"
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(sealed, purpose="totp:2")
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), purpose="totp:1")
    context.config["SECRET_KEY"] = "another"
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(sealed, purpose="totp:1")


@pytest.mark.both_engines
def test_only_the_right_people_reset(context: Flask, world: World) -> None:
    """A coordinator helps schools and hosts of the territory, an administrator everybody, nobody themselves."""
    coordinator, admin = world.here.actor(Role.COORDINATOR), _actor_of_admin(world)
    for role in (Role.COORDINATOR, Role.HOST, Role.TEACHER):
        _enrol(_user(world, role))
    _enrol(_user(world, Role.HOST, world.there))
    with pytest.raises(Forbidden):
        second_factor.reset(_user(world), by=coordinator)
    with pytest.raises(Forbidden):
        second_factor.reset(_user(world, Role.HOST, world.there), by=coordinator)
    with pytest.raises(Forbidden):
        second_factor.reset(_user(world, Role.HOST), by=world.here.actor(Role.TEACHER))
    second_factor.reset(_user(world, Role.HOST), by=coordinator)
    before = _user(world).session_epoch
    second_factor.reset(_user(world), by=admin)
    assert _user(world).session_epoch == before + 1
    assert queries.second_factor(_user(world).id) is None
    assert not queries.recovery_codes(_user(world).id)
    assert _actions()[-2:] == ["account.reset_second_factor"] * 2
    told = db.session.scalars(select(OutboxMessage.to_email).where(OutboxMessage.kind == "second_factor_reset"))
    assert set(told) == {"host1@passerelle.example", "coordinator1@passerelle.example"}


def _actor_of_admin(world: World):  # type: ignore[no-untyped-def]  # short
    from app.features import actor_of

    return actor_of(_user(world, Role.ADMIN))


def test_a_role_that_must_have_one_cannot_give_it_up(context: Flask, world: World) -> None:
    secret, _codes = _enrol(_user(world))
    with pytest.raises(Forbidden):
        second_factor.give_up(_user(world), _code(secret), address="a")
    secret, _codes = _enrol(_user(world, Role.HOST))
    second_factor.give_up(_user(world, Role.HOST), _code(secret), address="a")
    assert queries.second_factor(_user(world, Role.HOST).id) is None


def _password(client: FlaskClient, email: str) -> str:
    answer = client.post("/connexion/adresse", data={"email": email, "password": PHRASE})
    assert answer.status_code == 303
    return answer.location


def _secret_on(page: str) -> str:
    found = re.search(r"data-secret>([A-Z2-7 ]+)<", page)
    assert found is not None
    return found[1].replace(" ", "")


@pytest.fixture
def known(app: Flask, world: World) -> World:
    with app.app_context():
        for role in (Role.COORDINATOR, Role.ADMIN, Role.HOST):
            services.set_password(_user(world, role), PHRASE)
    return world


@pytest.mark.parametrize("email", ["coordinator1@passerelle.example", "admin@passerelle.example"])
def test_without_a_telephone_no_session_opens(client: FlaskClient, known: World, email: str) -> None:
    """The whole way: enrolment, recovery codes seen and downloaded once, then a code at the next sign-in."""
    assert _password(client, email) == "/connexion/telephone"
    assert client.get("/mon-compte").status_code == 302
    page = client.get("/connexion/telephone").text
    secret = _secret_on(page)
    assert client.post("/connexion/telephone", data={"code": "000000"}).status_code == 422
    assert _secret_on(client.get("/connexion/telephone").text) == secret
    answer = client.post("/connexion/telephone", data={"code": _code(secret, -1)})
    assert answer.location == "/mon-compte/codes-de-secours"
    codes = re.findall(r"<code>([A-Z0-9]{5}-[A-Z0-9]{5})</code>", client.get(answer.location).text)
    assert len(codes) == 10
    file = client.get("/mon-compte/codes-de-secours.txt")
    assert all(code in file.text for code in codes)
    assert client.post("/mon-compte/codes-de-secours/ranges").location == "/"
    assert client.get("/mon-compte/codes-de-secours").status_code == 302
    client.post("/deconnexion")
    assert _password(client, email) == "/connexion/code"
    assert client.get("/mon-compte").status_code == 302
    assert client.post("/connexion/code", data={"code": _code(secret)}).location == "/"
    assert client.get("/mon-compte").status_code == 200


def test_the_mailed_link_of_a_coordinator_asks_for_the_code_too(app: Flask, client: FlaskClient, known: World) -> None:
    with app.app_context():
        secret, _codes = _enrol(_user(known))
        services.send_link("coordinator1@passerelle.example", address="a")
        mail = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "sign_in_link")).one()
        token = re.search(r"/lien/([\w-]+)", mail.text)
    assert token is not None
    assert client.post(f"/lien/{token[1]}").location == "/connexion/code"
    assert client.get("/mon-compte").status_code == 302
    assert client.post("/connexion/code", data={"code": _code(secret)}).status_code == 303
    assert client.get("/mon-compte").status_code == 200


def test_where_one_was_going_survives_the_code(app: Flask, client: FlaskClient, known: World) -> None:
    with app.app_context():
        secret, _codes = _enrol(_user(known))
    client.get("/connexion/adresse?suite=/journal")
    _password(client, "coordinator1@passerelle.example")
    assert client.post("/connexion/code", data={"code": _code(secret)}).location == "/journal"


def test_the_threshold_closes_after_a_while_or_with_a_new_password(
    app: Flask, client: FlaskClient, known: World
) -> None:
    with app.app_context():
        secret, _codes = _enrol(_user(known))
    _password(client, "coordinator1@passerelle.example")
    with time_machine.travel(clock.now() + rules.PENDING_FOR + timedelta(seconds=2), tick=True):
        assert client.post("/connexion/code", data={"code": _code(secret)}).location == "/connexion/adresse"
    _password(client, "coordinator1@passerelle.example")
    with app.app_context():
        services.set_password(_user(known), PHRASE + " 2")
    assert client.post("/connexion/code", data={"code": _code(secret)}).location == "/connexion/adresse"


def test_a_trusted_browser_is_asked_again_after_a_month_a_new_password_or_a_reset(
    app: Flask, client: FlaskClient, known: World
) -> None:
    with app.app_context():
        secret, _codes = _enrol(_user(known, Role.HOST))
    email = "host1@passerelle.example"
    _password(client, email)
    client.post("/connexion/code", data={"code": _code(secret), "trust": "y"})
    client.post("/deconnexion")
    assert _password(client, email) == "/"
    stranger = app.test_client()
    assert _password(stranger, email) == "/connexion/code"
    cookie = client.get_cookie(f"appareil-{known.here.users[Role.HOST]}")
    assert cookie is not None
    assert cookie.http_only
    with app.app_context():
        assert second_factor.trusts(_user(known, Role.HOST), cookie.value)
        assert not second_factor.trusts(_user(known, Role.HOST), cookie.value[:-1])
        assert not second_factor.trusts(_user(known), cookie.value)
        with time_machine.travel(clock.now() + timedelta(days=30, minutes=1), tick=True):
            assert not second_factor.trusts(_user(known, Role.HOST), cookie.value)
        services.set_password(_user(known, Role.HOST), PHRASE)
        assert not second_factor.trusts(_user(known, Role.HOST), cookie.value)


def test_who_lost_the_telephone_enters_with_a_recovery_code(app: Flask, client: FlaskClient, known: World) -> None:
    with app.app_context():
        _secret, codes = _enrol(_user(known))
    _password(client, "coordinator1@passerelle.example")
    assert client.post("/connexion/code-de-secours", data={"code": "AAAAA-AAAAA"}).status_code == 422
    assert client.post("/connexion/code-de-secours", data={"code": codes[3]}).location == "/"
    assert client.get("/mon-compte/second-facteur").status_code == 200


def test_a_host_may_want_one_and_other_sessions_close(app: Flask, client: FlaskClient, world: World) -> None:
    elsewhere = world.sign_in(app.test_client(), Role.HOST)
    world.sign_in(client, Role.HOST)
    secret = _secret_on(client.get("/mon-compte/telephone").text)
    assert client.post("/mon-compte/telephone", data={"code": _code(secret)}).status_code == 303
    assert "En place" in client.get("/mon-compte").text
    assert elsewhere.get("/mon-compte").status_code == 302


def test_another_telephone_replaces_the_first_against_a_code_of_it(
    app: Flask, client: FlaskClient, known: World
) -> None:
    with app.app_context():
        secret, codes = _enrol(_user(known))
    _password(client, "coordinator1@passerelle.example")
    client.post("/connexion/code", data={"code": _code(secret), "trust": "y"})
    newer = _secret_on(client.get("/mon-compte/telephone").text)
    assert newer != secret
    for data in ({"code": _code(newer), "current": "000000"}, {"code": "000000", "current": codes[0]}):
        assert client.post("/mon-compte/telephone", data=data).status_code == 422
    data = {"code": _code(newer), "current": codes[0]}
    assert client.post("/mon-compte/telephone", data=data).location == "/mon-compte/codes-de-secours"
    with app.app_context():
        assert _actions()[-1] == "account.replace_second_factor"
    client.post("/deconnexion")
    assert _password(client, "coordinator1@passerelle.example") == "/connexion/code"
    for old in (_code(secret, 1), codes[1]):
        where = "/connexion/code" if len(old) == 6 else "/connexion/code-de-secours"
        assert client.post(where, data={"code": old}).status_code == 422
    assert client.post("/connexion/code", data={"code": _code(newer, 1)}).status_code == 303


def test_a_student_has_a_card_and_no_code(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.STUDENT)
    assert client.get("/mon-compte/telephone").status_code == 403
    assert "Second facteur" not in client.get("/mon-compte").text


def test_signed_out_the_pages_of_the_threshold_lead_to_the_sign_in(client: FlaskClient, world: World) -> None:
    for path in ("/connexion/code", "/connexion/code-de-secours", "/connexion/telephone"):
        assert client.get(path).location == "/connexion/adresse"
        assert client.post(path, data={"code": "123456"}).location == "/connexion/adresse"


def test_only_a_demo_site_shows_the_code_and_only_of_its_own_secret(app: Flask, world: World) -> None:
    with app.app_context():
        user = _user(world)
        second_factor.install(user, rules.DEMO_SECRET)
        assert second_factor.shown_code(user) is None
        app.config["SETTINGS"].demo = True
        for _ in range(2):  # twice in the same half minute
            shown = second_factor.shown_code(user)
            assert shown is not None
            second_factor.check(user, shown, address="a")
        _enrol(_user(world, Role.HOST))
        assert second_factor.shown_code(_user(world, Role.HOST)) is None
