"""`flask agreements`: are the stored documents and the signed agreements still what they were?"""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.agreements import checking
from app.agreements.services import watching

group = AppGroup("agreements", help="Conventions et documents conservés.")


@group.command("verify")
def verify() -> None:
    """Relit chaque fichier et chaque convention ; nomme ce qui ne tient plus, et finit alors par le code 1."""
    report = checking.everything()
    for fault in report.faults:
        click.echo(fault, err=True)
    click.echo(f"{report.documents} documents et {report.agreements} conventions relus, {len(report.faults)} défauts.")
    if report.faults:
        raise SystemExit(1)


@group.command("archive")
def archive() -> None:
    """Fabrique maintenant le document final des conventions signées par tous."""
    watching.archive_signed()
    click.echo("Documents finaux à jour.")
