"""Models of documents as data: a folder a version, with a manifest and a layout. Next year's text is a folder more."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from flask import current_app, has_app_context

from app.settings import Settings

BUILT_IN = Path(__file__).resolve().parent / "documents"


class UnknownVersion(LookupError):
    """No such model of document."""


@dataclass(frozen=True, slots=True)
class Version:
    """One model: its texts, its switches, and the layout beside them."""

    kind: str
    name: str
    valid_from: date
    title: str
    source: str
    folder: Path
    texts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def pedagogy(self) -> Mapping[str, str]:
        """What the pedagogical annex says until a teacher writes something else."""
        return self._usual("pedagogy")

    @property
    def host(self) -> Mapping[str, str]:
        """What a structure's part says until somebody writes something else."""
        return self._usual("host")

    @property
    def amendable(self) -> tuple[str, ...]:
        """The fields that an amendment may change without a new agreement, as "host.tutor_name"."""
        return tuple(self.texts.get("amendable", ()))

    @property
    def switches(self) -> tuple[str, ...] | None:
        """The limits chosen where texts differ (see `app.regulations`); None: the usual ones."""
        chosen = self.texts.get("switches")
        return None if chosen is None else tuple(chosen)

    def _usual(self, part: str) -> dict[str, str]:
        return {name: str(text).strip() for name, text in self.texts.get("usual", {}).get(part, {}).items()}


def root() -> Path:
    """The folder of the models: the operator's, or the one delivered with the application."""
    if has_app_context():
        settings: Settings = current_app.config["SETTINGS"]
        return settings.document_models or BUILT_IN
    return BUILT_IN


def load(kind: str, name: str) -> Version:
    """The model `documents/<kind>-<name>`; raises `UnknownVersion`."""
    return _read(root(), kind, name)


def current(kind: str, on: date) -> Version:
    """The newest model in force on that day; raises `UnknownVersion` when there is none."""
    found = [version for version in _all(root(), kind) if version.valid_from <= on]
    if not found:
        raise UnknownVersion(f"no model {kind} on {on}")
    return max(found, key=lambda version: version.valid_from)


@cache
def _read(folder: Path, kind: str, name: str) -> Version:
    here = folder / f"{kind}-{name}"
    if "/" in kind + name or not (here / "manifest.toml").is_file():
        raise UnknownVersion(f"{kind}-{name}")
    manifest = tomllib.loads((here / "manifest.toml").read_text(encoding="utf-8"))
    return Version(
        kind=kind,
        name=name,
        valid_from=manifest["valid_from"],
        title=manifest["title"],
        source=manifest.get("source", ""),
        folder=here,
        texts=manifest,
    )


def _all(folder: Path, kind: str) -> list[Version]:
    names = sorted(path.name.removeprefix(f"{kind}-") for path in folder.glob(f"{kind}-*") if path.is_dir())
    return [_read(folder, kind, name) for name in names]
