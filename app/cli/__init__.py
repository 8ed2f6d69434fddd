"""Thin commands over services: `flask --app app --help`."""

from __future__ import annotations

from flask import Flask


def install(app: Flask) -> None:
    """Register the commands. Imported here, so that `python -m app.cli.serving` starts without the whole house."""
    from app.cli import accounts, agreements, demo, messages, serving

    for command in (accounts.group, agreements.group, demo.group, messages.group, serving.worker, serving.serve):
        app.cli.add_command(command)
