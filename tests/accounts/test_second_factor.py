"""The code of the telephone: compulsory for some, replayed never, recoverable always, throttled in the database."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.access.policy import Role
from app.accounts import queries, rules, sealing, second_factor, totp
from app.accounts.models import RecoveryCode, SecondFactor
from app.accounts.throttling import TooManyTries
from app.kernel import clock
from app.kernel.database import db
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.messaging.models import OutboxMessage
from tests.accounts.kit import actions, code_of, enrol, user_of
from tests.world import World

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


@pytest.mark.both_engines
def test_a_code_serves_once_and_an_older_one_no_more(context: Flask, world: World) -> None:
    user = user_of(world)
    secret, _codes = enrol(user)
    second_factor.check(user, f" {code_of(secret)[:3]} {code_of(secret)[3:]} ", address="a")
    for again in (0, -1):
        with pytest.raises(Invalid):
            second_factor.check(user, code_of(secret, again), address="a")
    second_factor.check(user, code_of(secret, 1), address="a")
    with pytest.raises(Conflict):
        second_factor.enrol(user, totp.new_secret(), "123456", address="a")


def test_the_code_of_the_enrolment_is_spent_too(context: Flask, world: World) -> None:
    user, secret = user_of(world), totp.new_secret()
    second_factor.enrol(user, secret, code_of(secret), address="a")
    with pytest.raises(Invalid):
        second_factor.check(user, code_of(secret), address="a")


@pytest.mark.both_engines
def test_guessing_is_slowed_in_the_database(context: Flask, world: World) -> None:
    user = user_of(world)
    secret, _codes = enrol(user)
    for _ in range(rules.FREE_FAILURES):
        with pytest.raises(Invalid):
            second_factor.check(user, "000000" if code_of(secret) != "000000" else "111111", address="a")
    with pytest.raises(TooManyTries):
        second_factor.check(user, code_of(secret), address="b")
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
        second_factor.check(user, code_of(secret), address="b")


@pytest.mark.both_engines
def test_a_recovery_code_serves_once_is_told_and_journalled(context: Flask, world: World) -> None:
    user = user_of(world)
    _secret, codes = enrol(user)
    assert len(set(codes)) == totp.RECOVERY_CODES
    second_factor.check(user, codes[0].lower().replace("-", " "), address="a")
    with pytest.raises(Invalid):
        second_factor.check(user, codes[0], address="a")
    assert queries.recovery_codes_left(user.id) == 9
    assert actions()[-1] == "account.recovery_code"
    mail = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "recovery_code_used")).one()
    assert "9 codes de secours" in mail.text


def test_somebody_elses_recovery_code_opens_nothing(context: Flask, world: World) -> None:
    mine, theirs = user_of(world), user_of(world, Role.HOST)
    enrol(mine)
    _secret, codes = enrol(theirs)
    with pytest.raises(Invalid):
        second_factor.check(mine, codes[0], address="a")


def test_new_recovery_codes_replace_the_old_ones_against_a_code(context: Flask, world: World) -> None:
    user = user_of(world)
    secret, old = enrol(user)
    with pytest.raises(Invalid):
        second_factor.renew_codes(user, "nothing", address="a")
    new = second_factor.renew_codes(user, code_of(secret), address="a")
    with pytest.raises(Invalid):
        second_factor.check(user, old[1], address="a")
    second_factor.check(user, new[1], address="a")


def test_neither_secret_nor_codes_can_be_read_in_the_database(context: Flask, world: World) -> None:
    user = user_of(world)
    secret, codes = enrol(user)
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
        enrol(user_of(world, role))
    enrol(user_of(world, Role.HOST, world.there))
    with pytest.raises(Forbidden):
        second_factor.reset(user_of(world), by=coordinator)
    with pytest.raises(Forbidden):
        second_factor.reset(user_of(world, Role.HOST, world.there), by=coordinator)
    with pytest.raises(Forbidden):
        second_factor.reset(user_of(world, Role.HOST), by=world.here.actor(Role.TEACHER))
    second_factor.reset(user_of(world, Role.HOST), by=coordinator)
    before = user_of(world).session_epoch
    second_factor.reset(user_of(world), by=admin)
    assert user_of(world).session_epoch == before + 1
    assert queries.second_factor(user_of(world).id) is None
    assert not queries.recovery_codes(user_of(world).id)
    assert actions()[-2:] == ["account.reset_second_factor"] * 2
    told = db.session.scalars(select(OutboxMessage.to_email).where(OutboxMessage.kind == "second_factor_reset"))
    assert set(told) == {"host1@passerelle.example", "coordinator1@passerelle.example"}


def _actor_of_admin(world: World):  # type: ignore[no-untyped-def]  # short
    from app.features import actor_of

    return actor_of(user_of(world, Role.ADMIN))


def test_a_role_that_must_have_one_cannot_give_it_up(context: Flask, world: World) -> None:
    secret, _codes = enrol(user_of(world))
    with pytest.raises(Forbidden):
        second_factor.give_up(user_of(world), code_of(secret), address="a")
    secret, _codes = enrol(user_of(world, Role.HOST))
    second_factor.give_up(user_of(world, Role.HOST), code_of(secret), address="a")
    assert queries.second_factor(user_of(world, Role.HOST).id) is None
