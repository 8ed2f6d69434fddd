"""What a publication would do, and did, in figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Publication:
    """`families` by mail, `on_paper`: students whose family has no address; `classes` and `offers` are those told."""

    students: int = 0
    families: int = 0
    on_paper: int = 0
    classes: int = 0
    offers: int = 0
    waiting: int = 0

    @property
    def is_empty(self) -> bool:
        return self.students == 0
