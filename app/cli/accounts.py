"""`flask accounts`: the only account made outside the interface, the last way back in, identifiers of portals."""

from __future__ import annotations

import click
from email_validator import EmailNotValidError, validate_email
from flask.cli import AppGroup

from app.accounts import opening, queries, second_factor, services
from app.cli import refusals
from app.messaging import rendering

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


@group.command("open")
@click.argument("email", metavar="E-MAIL", callback=_email)
def open_account(email: str) -> None:
    """Affiche un lien qui ouvre un compte une fois, quand son mot de passe et sa boîte aux lettres sont perdus."""
    user = queries.by_email(email)
    if user is None or not user.is_active:
        raise click.ClickException("Aucun compte ouvert n’a cette adresse.")
    with refusals.spoken():
        token = opening.hand_over(user, by=None)
    click.echo(rendering.page_url("accounts.link", token=token))


@group.command("reset-second-factor")
@click.argument("email", metavar="E-MAIL", callback=_email)
def reset_second_factor(email: str) -> None:
    """Oublie le téléphone et les codes de secours d’un compte. Un mail en prévient la personne."""
    user = queries.by_email(email)
    if user is None:
        raise click.ClickException("Aucun compte n’a cette adresse.")
    if queries.second_factor(user.id) is None:
        click.echo("Ce compte n’a pas de second facteur : rien à faire.")
        return
    with refusals.spoken():
        second_factor.reset(user, by=None)
    click.echo(f"Second facteur remis à zéro : {user.email}")
