"""`flask accounts announce PROVIDER FILE`: who will come with which identifier of a portal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup, with_appcontext

from app.accounts import federation, queries
from app.accounts.models import User
from app.cli import refusals
from app.kernel.errors import Conflict
from app.kernel.tabular import Unreadable, open_table
from app.schools.queries import naming
from app.settings import IdentityProvider

COLUMNS = ("identifiant", "e-mail", "code de la classe", "nom", "prénom")
_STUDENT = ("code de la classe", "nom", "prénom")


def install(group: AppGroup) -> None:
    """One more command of `flask accounts`."""
    group.add_command(announce)


class _Refused(Exception):
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


@click.command("announce")
@click.argument("provider", metavar="PORTAIL")
@click.argument("file", metavar="FICHIER", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Lire et comparer, sans rien écrire.")
@with_appcontext
def announce(provider: str, file: Path, dry_run: bool) -> None:
    """Annonce les identifiants d’un portail. Résumé en JSON ; code 1 seulement si rien n’a pu être lu.

    Colonnes du tableau (CSV ou Excel) : « identifiant », puis « e-mail » pour un adulte, ou « code de la classe »,
    « nom » et « prénom » pour un élève. Jamais l’INE.
    """
    with refusals.spoken():
        portal = federation.provider_called(provider)
    try:
        lines = list(_lines(file.read_bytes()))
    except Unreadable as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(json.dumps(_announced(portal, lines, dry_run=dry_run), ensure_ascii=False, indent=2))


def _lines(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, text of each known column) of every row under the header."""
    heads: dict[int, str] = {}
    for row in open_table(data).rows():
        if not heads:
            heads = {index: " ".join(str(cell).split()).casefold() for index, cell in row.cells.items()}
            if "identifiant" not in heads.values():
                raise Unreadable(f"Il manque la colonne « identifiant ». Colonnes connues : {', '.join(COLUMNS)}.")
            continue
        yield row.line, {heads[i]: str(cell).strip() for i, cell in row.cells.items() if heads.get(i) in COLUMNS}


def _announced(portal: IdentityProvider, lines: list[tuple[int, dict[str, str]]], *, dry_run: bool) -> dict[str, Any]:
    changed = unchanged = 0
    refused: list[dict[str, Any]] = []
    for line, cells in lines:
        try:
            if _one(portal, cells, dry_run=dry_run):
                changed += 1
            else:
                unchanged += 1
        except _Refused as refusal:
            refused.append({"line": line, "column": refusal.column, "reason": refusal.reason})
    return {"read": len(lines), "announced": changed, "unchanged": unchanged, "refused": refused, "dry_run": dry_run}


def _one(portal: IdentityProvider, cells: dict[str, str], *, dry_run: bool) -> bool:
    identifier = cells.get("identifiant", "")
    if not identifier:
        raise _Refused("identifiant", "Cette ligne n’a pas d’identifiant.")
    user = _who(cells)
    try:
        return federation.announce(user, portal, identifier, dry_run=dry_run)
    except Conflict as refusal:
        raise _Refused("identifiant", refusal.message) from refusal


def _who(cells: dict[str, str]) -> User:
    if cells.get("e-mail"):
        user = queries.by_email(cells["e-mail"])
        if user is None:
            raise _Refused("e-mail", "Aucun compte n’a cette adresse.")
        return user
    missing = next((name for name in _STUDENT if not cells.get(name)), None)
    if missing is not None:
        raise _Refused(missing, "Il faut une adresse, ou le code de la classe, le nom et le prénom.")
    found = naming.students_called(*(cells[name] for name in _STUDENT))
    if not found:
        raise _Refused("nom", "Aucun élève de cette classe ne s’appelle ainsi.")
    if len(found) > 1:
        raise _Refused("nom", "Deux élèves de cette classe s’appellent ainsi : reliez-les depuis leur compte.")
    return found[0].user
