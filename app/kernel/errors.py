"""What can go wrong, as facts. Each carries a sentence for the person in front of the screen."""

from __future__ import annotations

from collections.abc import Mapping


class DomainError(Exception):
    """A refusal that a person can understand; `message` is French and shown as it is."""

    status = 409

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Conflict(DomainError):
    """The state of things no longer allows this: a lost race, an illegal transition."""


class IllegalTransition(Conflict):
    """The object is not in a state from which this action is possible."""


class SlotFull(Conflict):
    """Somebody else took the last place."""


class PhaseClosed(Conflict):
    """The phase of the campaign does not allow this now."""


class Hidden(DomainError):
    """The object does not exist for this actor."""

    status = 404


class Forbidden(DomainError):
    """The actor sees the object and may not do this to it."""

    status = 403


class Invalid(DomainError):
    """Wrong input, field by field: `fields` maps a field name to a sentence that says what to do."""

    status = 422

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})
