"""`flask class-lists import FILE…`: a school's list as the teacher's page reads it, with a summary in JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app.access.actor import Actor
from app.access.policy import Role
from app.campaigns import queries as campaigns
from app.campaigns.models import Campaign
from app.cli import refusals
from app.schools import queries
from app.schools.models import School
from app.schools.rosters.planning import Plan
from app.schools.rosters.roster import Roster
from app.schools.services import importing

group = AppGroup("class-lists", help="Listes de classes : SIECLE, Pronote, École Directe, FREGATA, ONDE, notre modèle.")


@group.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--school", "uai", required=True, help="Le collège, par son UAI.")
@click.option("--campaign", "campaign_id", type=int, help="La campagne, par son numéro ; celle du moment sans cela.")
@click.option("--class", "into", default="", help="La classe, quand le fichier n’en nomme aucune.")
@click.option("--dry-run", is_flag=True, help="Lire et comparer, sans rien écrire.")
def import_(files: tuple[Path, ...], uai: str, campaign_id: int | None, into: str, dry_run: bool) -> None:
    """Importe FILES, une liste et ce qui va avec (responsables). Personne n’est retiré.

    Résumé en JSON sur la sortie ; code 1 seulement si rien n’a pu être lu.
    """
    school = _school(uai)
    by = Actor(Role.COORDINATOR, "flask class-lists", territory_id=school.territory_id)
    campaign = _campaign(by, campaign_id)
    with refusals.spoken():
        contents = [(file.name, file.read_bytes()) for file in files]
        roster, plan = importing.import_files(school, campaign, contents, into=into, dry_run=dry_run, by=by)
    click.echo(json.dumps(summary(roster, plan, dry_run=dry_run), ensure_ascii=False, indent=2))


def summary(roster: Roster, plan: Plan, *, dry_run: bool) -> dict[str, Any]:
    """Every line read is counted once: created, updated, unchanged, refused, left alone or told again."""
    refused = [*roster.refused, *plan.refused]
    return {
        "kind": roster.kind,
        "dry_run": dry_run,
        "read": roster.read,
        "created": len(plan.additions),
        "updated": len(plan.updates),
        "unchanged": plan.unchanged,
        "refused_count": len(refused),
        "refused": [asdict(remark) for remark in refused],
        "repaired": [asdict(remark) for remark in roster.mended],
        "told_again": len(roster.same),
        "left_alone": [asdict(remark) for remark in roster.left],
        "other_levels": dict(plan.elsewhere),
        "classes_created": [name for name, _level in plan.classes],
        "leavers": len(plan.leavers),
        "columns_not_read": {column.heading: column.why for column in roster.columns if column.field is None},
        "warnings": list(roster.warnings),
    }


def _school(uai: str) -> School:
    for territory in campaigns.territories():
        if found := queries.school_of_uai(territory.id, uai.strip().upper()):
            return found
    raise click.UsageError(f"Aucun collège n’a l’UAI {uai}.")


def _campaign(by: Actor, campaign_id: int | None) -> Campaign:
    campaign = campaigns.current(by, chosen=campaign_id)
    if campaign is None or campaign_id not in (None, campaign.id):
        raise click.UsageError("Il n’y a pas de telle campagne sur ce territoire.")
    return campaign
