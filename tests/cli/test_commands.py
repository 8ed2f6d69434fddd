"""The commands: what they say, what they leave in the database, their exit codes."""

from __future__ import annotations

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from app.access.policy import Role
from app.accounts import services as accounts
from app.accounts.models import User
from app.allocation.models import MatchingRun, PlacementProposal
from app.allocation.states import RunState
from app.demo import loading
from app.kernel.database import db
from app.messaging import services as messaging
from app.messaging.models import OutboxMessage
from app.messaging.rules import Message
from app.messaging.states import DeliveryState
from tests.world import World

SENTENCE = "un terril vert au petit matin"


def call(app: Flask, *words: str, typed: str | None = None) -> Result:
    return app.test_cli_runner().invoke(args=list(words), input=typed)


def admin(*more: str) -> list[str]:
    return ["accounts", "create-admin", "--email", "claire@asso.example", "--name", "Claire Morel", *more]


def test_create_admin_opens_the_door(app: Flask) -> None:
    result = call(app, *admin("--password", SENTENCE))
    assert result.exit_code == 0, result.output
    with app.app_context():
        user = accounts.sign_in_with_password("claire@asso.example", SENTENCE, address="127.0.0.1")
        assert user.role is Role.ADMIN


def test_create_admin_asks_for_what_is_missing(app: Flask) -> None:
    typed = f"claire@asso.example\nClaire Morel\n{SENTENCE}\n{SENTENCE}\n"
    result = call(app, "accounts", "create-admin", typed=typed)
    assert result.exit_code == 0, result.output
    assert SENTENCE not in result.output, "a password is never shown"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (admin("--password", "court"), "au moins 12"),
        (admin("--password", "aaaaaaaaaaaaaaaaaaaaaaaa"), "répète"),
        (["accounts", "create-admin", "--email", "pas une adresse", "--name", "X", "--password", SENTENCE], "adresse"),
        (["accounts", "create-admin", "--email", "c@asso.example", "--name", " ", "--password", SENTENCE], "nom"),
    ],
)
def test_create_admin_refuses_with_a_sentence(app: Flask, words: list[str], sentence: str) -> None:
    result = call(app, *words)
    assert result.exit_code != 0
    assert sentence in result.output
    assert "Traceback" not in result.output
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(User)) == 0


def test_create_admin_twice_makes_one_account(app: Flask) -> None:
    call(app, *admin("--password", SENTENCE))
    again = call(app, *admin("--password", SENTENCE))
    assert again.exit_code == 1
    assert "existe déjà" in again.output
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(User)) == 1


def test_demo_commands_before_the_demo_say_what_to_do(app: Flask) -> None:
    for command in ("accounts", "run"):
        result = call(app, "demo", command)
        assert result.exit_code == 1
        assert "flask demo load" in result.output


def test_demo_load_refuses_a_real_territory_in_a_sentence(app: Flask, world: World) -> None:
    result = call(app, "demo", "load")
    assert result.exit_code == 1
    assert "territoire réel" in result.output


def test_demo_territory_only(app: Flask) -> None:
    result = call(app, "demo", "load", "--territory-only")
    assert result.exit_code == 0, result.output
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(User)) == 0


@pytest.fixture
def small_demo(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The demo with sixty students: the commands do not care how many there are."""
    monkeypatch.setattr("app.demo.classes.DEFAULT_STUDENTS", 60)
    result = call(app, "demo", "load")
    assert result.exit_code == 0, result.output
    assert "60 élèves" in result.output
    return app


def runs(app: Flask) -> list[MatchingRun]:
    with app.app_context():
        return list(db.session.scalars(select(MatchingRun)))


def test_demo_run_once_then_again(small_demo: Flask) -> None:
    first = call(small_demo, "demo", "run")
    assert first.exit_code == 0, first.output
    assert "100 %" in first.output
    assert "propositions" in first.output
    (run,) = runs(small_demo)
    assert run.state is RunState.DONE
    with small_demo.app_context():
        assert db.session.scalar(select(func.count()).select_from(PlacementProposal)) or 0 > 40

    second = call(small_demo, "demo", "run")
    assert "déjà" in second.output
    assert len(runs(small_demo)) == 1

    call(small_demo, "demo", "run", "--again")
    assert [run.state for run in runs(small_demo)] == [RunState.DONE, RunState.DONE]


def test_demo_run_takes_up_a_run_left_in_the_queue(small_demo: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as dead:
        dead.setattr("app.allocation.services.execute", lambda run_id: None)
        assert "traitement de fond" in call(small_demo, "demo", "run").output
    assert [run.state for run in runs(small_demo)] == [RunState.QUEUED]
    call(small_demo, "demo", "run")
    assert [run.state for run in runs(small_demo)] == [RunState.DONE]


def test_demo_run_tells_a_failure_and_starts_afresh(small_demo: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as failing:
        failing.setattr("app.allocation.gateway.propose", broken)
        assert call(small_demo, "demo", "run").exit_code == 1
    assert call(small_demo, "demo", "run").exit_code == 0
    assert [run.state for run in runs(small_demo)] == [RunState.FAILED, RunState.DONE]


def test_demo_accounts_shows_every_role(small_demo: Flask) -> None:
    output = call(small_demo, "demo", "accounts").output
    for identifier in (
        loading.ADMIN,
        *loading.COORDINATORS[:1],
        loading.OBSERVER,
        "direction@",
        "http://127.0.0.1:5000",
    ):
        assert identifier in output


def test_messages_drain_sends_what_waits(app: Flask) -> None:
    with app.app_context():
        messaging.post(
            Message(
                kind="essai",
                to_email="claire@asso.example",
                to_name="Claire",
                subject="Bonjour",
                text="Bonjour Claire",
                html="<p>Bonjour Claire</p>",
                territory_id=None,
                dedupe_key="essai-1",
            )
        )
    assert call(app, "messages", "drain").exit_code == 0
    with app.app_context():
        assert [m.state for m in db.session.scalars(select(OutboxMessage))] == [DeliveryState.SENT]
