"""`flask demo`: the demo territory, one matching run, and who can sign in."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import flask_migrate
from flask import Flask, current_app
from flask.cli import AppGroup
from tqdm import tqdm

from app.allocation import queries as allocation_queries
from app.allocation import services as allocation
from app.allocation.rules import Parameters
from app.allocation.states import RunState
from app.cli import refusals
from app.demo import guests, loading, story
from app.kernel.database import db

_STAGES = {
    "affinity": "lecture des envies",
    "candidates": "offres possibles",
    "allocation": "répartition",
    "check": "vérification",
    "shortage": "places qui manquent",
    "explanation": "raisons",
    "done": "enregistrement",
}

group = AppGroup("demo", help="Territoire de démonstration.")


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr, told of (stage, done, total); a stage without total only changes the caption."""
    with tqdm(file=sys.stderr, unit="", leave=True, bar_format="{desc:<28}{percentage:3.0f} % |{bar:30}|") as bar:

        def tell(stage: str, done: int, total: int) -> None:
            bar.set_description_str(stage, refresh=False)
            bar.total = total or 100
            bar.n = done
            bar.refresh()

        yield tell


@group.command("load")
@click.option("--full", is_flag=True, help="Les 1 722 élèves de 3e, au lieu d’environ 420.")
@click.option("--territory-only", is_flag=True, help="Les communes et les collèges seulement, sans personne.")
def load(full: bool, territory_only: bool) -> None:
    """Charge le territoire de démonstration ; ne change rien s’il y est déjà."""
    with refusals.spoken(), _bar() as tell:
        loaded = loading.load(full=full, territory_only=territory_only, progress=tell)
        tell("territoire chargé" if loaded.created else "territoire déjà là", 1, 1)
    click.echo(f"Hénin-Carvin : {loaded.students} élèves.", err=True)


@group.command("run")
@click.option("--again", is_flag=True, help="Même s’il y a déjà eu un calcul.")
def run(again: bool) -> None:
    """Lance un calcul d’affectation et le montre avancer."""
    with refusals.spoken():
        _run(again)


def _run(again: bool) -> None:
    coordinator, campaign = guests.coordinator(), guests.campaign()
    known = allocation_queries.runs(coordinator, campaign.id)
    if not again and any(run.state is RunState.DONE for run in known):
        click.echo("Un calcul a déjà eu lieu.", err=True)
        return
    # A run left half-way is taken up again, a failed one is not: the key counts those that are over.
    over = sum(run.state in {RunState.DONE, RunState.FAILED} for run in known)
    key = f"demo-{campaign.id}-{over}"
    run_id = allocation.start_run(campaign, Parameters(), key, by=coordinator).id
    with _bar() as tell, _watched(run_id, tell):
        allocation.execute(run_id)
    db.session.expire_all()
    run = allocation_queries.visible_run(coordinator, run_id)
    if run.state is RunState.FAILED:
        raise click.ClickException(run.error or "Le calcul n’a pas abouti.")
    if run.state is not RunState.DONE:
        click.echo("Le calcul est entre les mains du traitement de fond.", err=True)
        return
    click.echo(f"{len(run.proposals)} propositions, {len(run.unplaced)} élèves sans place.", err=True)


@contextmanager
def _watched(run_id: int, tell: Callable[[str, int, int], None]) -> Iterator[None]:
    """Read the run's own progress from another thread, as its page does."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's documented way out
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            with app.app_context():
                stage, percent = guests.run_progress(run_id)
            tell(_STAGES.get(stage, stage), percent, 100)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join(2)
        tell("calcul", 100, 100)


@group.command("story")
def tell() -> None:
    """Raconte une seconde campagne : réponses, conventions, signatures, stages. Une seule fois."""
    with refusals.spoken(), _bar() as bar:
        told = story.tell()
        bar("stages de 4e", 1, 1)
    click.echo("Stages de 4e : racontés." if told else "Stages de 4e : déjà là.", err=True)


@group.command("accounts")
def accounts() -> None:
    """Montre les comptes de démonstration."""
    with refusals.spoken():
        click.echo(guests.table())


@group.command("prepare")
@click.option("--full", is_flag=True, help="Les 1 722 élèves de 3e.")
@click.pass_context
def prepare(context: click.Context, full: bool) -> None:
    """Base à jour, territoire, calcul, comptes : tout ce qui précède `flask serve`. Ne détruit rien."""
    flask_migrate.upgrade()
    context.invoke(load, full=full, territory_only=False)
    context.invoke(tell)
    context.invoke(run, again=False)
    context.invoke(accounts)
