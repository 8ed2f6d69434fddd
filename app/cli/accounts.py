"""`flask accounts`: the only account made outside the interface."""

from __future__ import annotations

import click
from email_validator import EmailNotValidError, validate_email
from flask.cli import AppGroup

from app.accounts import services
from app.cli import refusals

group = AppGroup("accounts", help="Comptes.")


def _email(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    try:
        return validate_email(value, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise click.BadParameter("cette adresse n’est pas une adresse e-mail.") from error


@group.command("create-admin")
@click.option("--email", prompt="Adresse e-mail", callback=_email)
@click.option("--name", prompt="Prénom et nom")
@click.option(
    "--password",
    prompt="Mot de passe (12 caractères au moins, ou une phrase)",
    hide_input=True,
    confirmation_prompt="Le même, encore une fois",
    help="Visible dans l’historique du terminal ; mieux vaut répondre à la question.",
)
def create_admin(email: str, name: str, password: str) -> None:
    """Crée un compte d’administration."""
    if not name.strip():
        raise click.BadParameter("écrivez un nom.", param_hint="--name")
    with refusals.spoken():
        user = services.create_admin(email, name.strip(), password)
    click.echo(f"Compte d’administration créé : {user.email}")
