"""State tables: an enum, its transitions, and nothing else. The same table guards the POST and draws the buttons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from app.kernel.errors import IllegalTransition

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Transition(Generic[S]):
    """`action` leads from any of `sources` to `target`, for whoever holds `permission`.

    `label` is what the button says; `needs_reason` asks for a sentence that is journalled and shown.
    """

    action: str
    sources: frozenset[S]
    target: S
    permission: str
    label: str
    needs_reason: bool = False


class StateTable(Generic[S]):
    def __init__(self, transitions: Iterable[Transition[S]], *, refusal: str) -> None:
        """`refusal` is the sentence shown when an action is not possible from the current state."""
        self._by_action: dict[str, Transition[S]] = {}
        for transition in transitions:
            if transition.action in self._by_action:
                raise ValueError(f"action {transition.action!r} is declared twice")
            self._by_action[transition.action] = transition
        self._refusal = refusal

    def __iter__(self) -> Iterator[Transition[S]]:
        return iter(self._by_action.values())

    def __getitem__(self, action: str) -> Transition[S]:
        try:
            return self._by_action[action]
        except KeyError:
            raise IllegalTransition(self._refusal) from None

    def __contains__(self, action: str) -> bool:
        return action in self._by_action

    def open_from(self, state: S) -> list[Transition[S]]:
        """The transitions whose sources hold `state`, in the order of the table."""
        return [t for t in self if state in t.sources]

    def step(self, state: S, action: str) -> Transition[S]:
        """The transition for `action`; raises `IllegalTransition` when `state` is not among its sources."""
        transition = self[action]
        if state not in transition.sources:
            raise IllegalTransition(self._refusal)
        return transition
