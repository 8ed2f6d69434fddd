"""`flask privacy`: the register, somebody's data, an erasure, and the erasures to do again after a backup."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import IO

import click
from flask.cli import AppGroup

from app.cli import refusals
from app.kernel.holdings import SubjectKind
from app.privacy import register as declared
from app.privacy.queries import requests, subjects
from app.privacy.services import erasing, showing

group = AppGroup("privacy", help="Données personnelles.")
_KIND = click.argument("kind", type=click.Choice([kind.value for kind in SubjectKind]))
_NAME = click.option("--name", default="", help="Le nom écrit par la structure, pour un contact sans compte.")


@group.command("register")
@click.option("--controller", default="", help="Le responsable, écrit sur chaque ligne.")
def register(controller: str) -> None:
    """Écrit le registre des traitements (article 30) en CSV sur la sortie."""
    responsible = declared.of_territory(None)
    if controller:
        responsible = replace(responsible, controllers=(controller,))
    click.echo(declared.as_csv(responsible), nl=False)


@group.command("export")
@_KIND
@click.argument("number", type=int)
@_NAME
@click.option("--format", "form", type=click.Choice(["json", "pdf"]), default="json", show_default=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Obligatoire pour un PDF.")
def export(kind: str, number: int, name: str, form: str, output: Path | None) -> None:
    """Tout ce qui est gardé d’une personne : élève, responsable légal, compte ou contact d’une structure."""
    subject = subjects.of(SubjectKind(kind), number, name=name)
    if subject is None:
        raise click.ClickException("Personne n’a ce numéro.")
    dossier = showing.gather(subject)
    data = showing.as_pdf(dossier) if form == "pdf" else showing.as_json(dossier)
    if output is not None:
        output.write_bytes(data)
        output.chmod(0o600)
    elif form == "pdf":
        raise click.UsageError("Dites où écrire le PDF : --output FICHIER.")
    else:
        sys.stdout.write(data.decode() + "\n")


@group.command("erase")
@_KIND
@click.argument("number", type=int)
@_NAME
@click.option("--yes", is_flag=True, help="Efface sans demander.")
def erase(kind: str, number: int, name: str, yes: bool) -> None:
    """Efface une personne partout, puis dit ce qui a été touché et ce que la loi garde (JSON)."""
    subject = subjects.of(SubjectKind(kind), number, name=name)
    if subject is None:
        raise click.ClickException("Personne n’a ce numéro.")
    if not yes:
        click.confirm(f"Effacer {subject.label} de toute la plateforme, sans retour possible ?", abort=True, err=True)
    with refusals.spoken():
        done = erasing.erase(subject, by=None, reason="flask privacy erase")
    kept = [
        {"table": each.table, "what": each.what, "basis": each.basis, "until": str(each.until or "")}
        for each in done.kept
    ]
    click.echo(json.dumps({"erased": done.counts, "kept_by_law": kept}, ensure_ascii=False, indent=2))


@group.command("erasures")
def erasures() -> None:
    """Les effacements faits, un par ligne (JSON) : à garder à côté des sauvegardes."""
    for row in requests.every_erasure():
        click.echo(json.dumps({"kind": row.kind.value, "number": row.subject_id, "at": row.at.isoformat()}))


@group.command("replay")
@click.argument("file", type=click.File("r", encoding="utf-8"))
def replay(file: IO[str]) -> None:
    """Refait, après une restauration, les effacements du fichier écrit par `erasures`."""
    done = gone = 0
    for line in file:
        if not line.strip():
            continue
        told = json.loads(line)
        kind = SubjectKind(told["kind"])
        if kind is SubjectKind.CONTACT:
            click.echo(f"À refaire avec son nom : un contact de la structure n° {told['number']}.", err=True)
            continue
        subject = subjects.of(kind, int(told["number"]))
        if subject is None or requests.is_erased(kind, subject.id):
            gone += 1
            continue
        with refusals.spoken():
            erasing.erase(subject, by=None, reason="flask privacy replay")
        done += 1
    click.echo(json.dumps({"erased": done, "already_gone": gone}))
