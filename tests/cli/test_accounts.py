"""`flask accounts`: the last way back in, and identifiers of a portal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.policy import Role
from app.accounts import queries, second_factor, totp
from app.accounts.models import AnnouncedIdentifier, User
from app.kernel.database import db
from app.settings import IdentityProvider
from tests.cli.test_commands import call
from tests.world import World


@pytest.fixture
def portal(app: Flask) -> IdentityProvider:
    provider = IdentityProvider(
        id="ent",
        label="ENT",
        issuer="https://ent.example",
        client_id="x",
        audience="school",
        identifier_claim="uid",
    )
    app.config["SETTINGS"].sso = [provider]
    return provider


def test_the_operator_lifts_a_lost_second_factor(app: Flask, world: World) -> None:
    with app.app_context():
        user = db.session.get(User, world.admin_id)
        assert user is not None
        second_factor.install(user, totp.new_secret())
    result = call(app, "accounts", "reset-second-factor", "ADMIN@passerelle.example")
    assert result.exit_code == 0, result.output
    with app.app_context():
        assert queries.second_factor(world.admin_id) is None
    assert "rien à faire" in call(app, "accounts", "reset-second-factor", "admin@passerelle.example").output
    unknown = call(app, "accounts", "reset-second-factor", "personne@passerelle.example")
    assert unknown.exit_code == 1
    assert "Aucun compte" in unknown.output


def _announce(app: Flask, file: Path, *more: str) -> dict[str, Any]:
    result = call(app, "accounts", "announce", "ent", str(file), *more)
    assert result.exit_code == 0, result.output
    summary: dict[str, Any] = json.loads(result.output)
    return summary


def _rows(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(AnnouncedIdentifier.id))) or 0


def test_a_file_announces_who_comes_and_says_what_it_refuses(
    app: Flask, world: World, portal: IdentityProvider, tmp_path: Path
) -> None:
    file = tmp_path / "ent.csv"
    file.write_text(
        "Identifiant;Code de la classe;Nom;Prénom;E-mail;INE\n"
        "PU-1;classe1;WOJCIK;lina;;\n"
        "PU-2;CLASSE1;Benali;Ines;;\n"
        "PR-1;;;;teacher1@passerelle.example;\n"
        "PU-3;CLASSE1;Inconnu;Jean;;\n"
        "PU-1;CLASSE1;Delattre;Enzo;;\n"
        ";CLASSE1;Delattre;Enzo;;\n"
        "CO-1;;;;coordinator1@passerelle.example;\n"
        "PU-4;;Delattre;Enzo;;\n",
        encoding="utf-8-sig",
    )
    assert _announce(app, file, "--dry-run")["announced"] == 4  # a dry run sees no clash within the file
    assert _rows(app) == 0
    summary = _announce(app, file)
    assert (summary["read"], summary["announced"], summary["unchanged"]) == (8, 3, 0)
    assert [(one["line"], one["column"]) for one in summary["refused"]] == [
        (5, "nom"),
        (6, "identifiant"),
        (7, "identifiant"),
        (8, "identifiant"),
        (9, "code de la classe"),
    ]
    again = _announce(app, file)
    assert (again["announced"], again["unchanged"]) == (0, 3)
    assert _rows(app) == 3
    with app.app_context():
        assert queries.announced_for(world.here.users[Role.STUDENT], portal.issuer) is not None


def test_what_cannot_be_read_ends_with_a_sentence(
    app: Flask, world: World, portal: IdentityProvider, tmp_path: Path
) -> None:
    file = tmp_path / "x.csv"
    file.write_text("nom;prénom\nA;B\n")
    result = call(app, "accounts", "announce", "ent", str(file))
    assert result.exit_code == 1
    assert "identifiant" in result.output
    assert call(app, "accounts", "announce", "autre", str(file)).exit_code == 1
