"""`flask messages`: the outbox, by hand."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.messaging import delivery

group = AppGroup("messages", help="Boîte d’envoi.")


@group.command("drain")
def drain() -> None:
    """Envoie maintenant tout ce qui doit partir."""
    delivery.drain()
    click.echo("Boîte d’envoi vidée de ce qui pouvait partir.")
