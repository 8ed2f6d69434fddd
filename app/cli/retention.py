"""`flask retention`: what is forgotten on time, by hand."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date, datetime

import click
from flask.cli import AppGroup

from app.kernel import clock
from app.privacy.queries import retention as queries
from app.privacy.retention_rules import in_force
from app.privacy.services import retaining, verifying

group = AppGroup("retention", help="Durées de conservation.")


@group.command("run")
@click.option("--batch", default=retaining.BATCH, show_default=True, help="Lignes effacées dans une transaction.")
def run(batch: int) -> None:
    """Fait maintenant le passage du jour : finit, oublie, annonce. Repris, il fait ce qui reste."""
    done = retaining.retain(clock.today(), batch=max(1, batch))
    for each in done:
        click.echo(json.dumps({"rule": each.rule, "place": each.place, "counts": each.counts, "digest": each.digest}))
    click.echo(f"{len(done)} règles appliquées.", err=True)


@group.command("verify")
def verify() -> None:
    """Relit les preuves : chaque passage contre le journal, et ce qui serait revenu (une sauvegarde). 1 si un doute."""
    checked = verifying.verify()
    for doubt in checked.doubts:
        click.echo(json.dumps(asdict(doubt), ensure_ascii=False))
    click.echo(f"{checked.runs} preuves relues, {len(checked.doubts)} doutes.", err=True)
    if checked.doubts:
        sys.exit(1)


@group.command("forecast")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Le jour ; aujourd’hui si rien n’est dit.")
def forecast(day: datetime | None) -> None:
    """Dit ce que chaque règle oublierait ce jour-là, sans rien effacer."""
    on: date = day.date() if day else clock.today()
    for rule in in_force(on):
        if rule.by:
            continue
        for place in queries.territory_ids() if rule.announced else [None]:
            counts = retaining.foreseen(rule, place, on)
            if counts:
                click.echo(json.dumps({"rule": rule.id, "territory": place, "counts": counts}, ensure_ascii=False))
