"""A refusal of the house, said on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from app.kernel.errors import DomainError, Invalid


@contextmanager
def spoken() -> Iterator[None]:
    """Turn a `DomainError` into one sentence on stderr and exit code 1."""
    try:
        yield
    except Invalid as refusal:
        sentences = [refusal.message, *(s for s in refusal.fields.values() if s and s != refusal.message)]
        raise click.ClickException("\n".join(sentences)) from refusal
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from refusal
