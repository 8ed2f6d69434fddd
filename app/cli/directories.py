"""`flask directories import FILE`: an official file into a territory; a summary in JSON, a progress bar beside it."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import click
from flask.cli import AppGroup
from tqdm import tqdm

from app.campaigns.models import Territory
from app.directories import queries, services
from app.directories.planning import Plan
from app.directories.reading import Options
from app.directories.records import Family, Reading
from app.directories.sources import Source
from app.kernel.tabular import Unreadable

AUTO = "auto"

group = AppGroup("directories", help="Fichiers officiels : collèges, communes, structures, ROME 4.0.")


@group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--kind", type=click.Choice([AUTO, *(f.value for f in Family)]), default=AUTO, help="Genre du fichier.")
@click.option("--territory", "slug", help="Le territoire, par son nom court ; inutile quand il n’y en a qu’un.")
@click.option("--epci", default="", help="L’intercommunalité du territoire, par son SIREN ou son nom.")
@click.option("--with-lycees", is_flag=True, help="Les lycées aussi, pour leurs classes de seconde.")
@click.option("--ess", is_flag=True, help="Toutes les structures du fichier sont de l’ESS.")
@click.option("--dry-run", is_flag=True, help="Lire et comparer, sans rien écrire.")
def import_(file: Path, kind: str, slug: str | None, epci: str, with_lycees: bool, ess: bool, dry_run: bool) -> None:
    """Importe FILE. Résumé en JSON sur la sortie ; code 1 seulement si rien n’a pu être lu."""
    territory = _territory(slug)
    options = Options(None if kind == AUTO else Family(kind), epci, with_lycees, ess)
    with _readable(file) as path, _bar(file.name) as tell:
        try:
            done = services.import_file(territory, Source.of_path(path), options, dry_run=dry_run, progress=tell)
        except (Unreadable, OSError) as refusal:
            raise click.ClickException(str(refusal)) from refusal
    click.echo(json.dumps(told(done, dry_run=dry_run), ensure_ascii=False, indent=2))


def told(done: Sequence[tuple[Reading, Plan]], *, dry_run: bool) -> dict[str, Any]:
    """The summary of a file; of an archive with several files their sum, and each under `files`."""
    parts = [summary(found, plan, dry_run=dry_run) for found, plan in done]
    if len(parts) == 1:
        return parts[0]
    whole = {name: sum((part[name] for part in parts), start=type(parts[0][name])()) for name in _SUMMED}
    return {"kind": "archive", "dry_run": dry_run, **whole, "files": parts}


_SUMMED = (
    *("read", "created", "updated", "unchanged", "refused_count", "refused"),
    *("repaired_count", "repaired", "left_alone_count", "left_alone", "warnings"),
)


def summary(found: Reading, plan: Plan, *, dry_run: bool) -> dict[str, Any]:
    """Every line read is counted once: created, updated, unchanged, refused or left alone."""
    refused = [*found.refused, *plan.refused]
    left = [*found.left, *plan.left]
    return {
        "kind": found.family.value,
        **({"member": found.member} if found.member else {}),
        "dry_run": dry_run,
        "read": found.read,
        "created": len(plan.created),
        "updated": len(plan.updated),
        "unchanged": plan.unchanged,
        "refused_count": found.refused_count + len(plan.refused),
        "refused": [asdict(remark) for remark in refused],
        "repaired_count": found.repaired_count,
        "repaired": [asdict(remark) for remark in found.repaired],
        "left_alone_count": sum(item.count for item in left),
        "left_alone": [asdict(item) for item in left],
        "warnings": list(found.warnings),
    }


def _territory(slug: str | None) -> Territory:
    territories = queries.territories()
    if slug is None and len(territories) == 1:
        return territories[0]
    for territory in territories:
        if territory.slug == slug:
            return territory
    names = ", ".join(territory.slug for territory in territories) or "aucun"
    raise click.UsageError(f"Dites quel territoire, avec --territory. Il y a : {names}.")


@contextmanager
def _readable(file: Path) -> Iterator[Path]:
    """A file that can be read more than once: what comes through a pipe is set aside first."""
    if file.is_dir():
        raise click.ClickException(f"{file} est un dossier : donnez un fichier.")
    if not file.exists():
        raise click.ClickException(f"{file} n’existe pas.")
    if not (file.is_file() or file.is_fifo()):
        raise click.ClickException(f"{file} n’est ni un fichier, ni un tube.")
    if not os.access(file, os.R_OK):
        raise click.ClickException(f"{file} ne s’ouvre pas : vous n’en avez pas le droit.")
    if file.is_file():
        yield file
        return
    with NamedTemporaryFile(suffix=file.name) as aside:
        with file.open("rb") as pipe:
            shutil.copyfileobj(pipe, aside)
        aside.flush()
        yield Path(aside.name)


@contextmanager
def _bar(name: str) -> Iterator[Callable[[int, int], None]]:
    with tqdm(file=sys.stderr, desc=name[:40], total=1, unit="o", unit_scale=True, leave=True) as bar:

        def tell(done: int, total: int) -> None:
            bar.total = total or 1
            bar.n = min(done, bar.total)
            bar.refresh()

        yield tell
