"""Thin commands over services: `flask --app app --help`."""

from __future__ import annotations

from flask import Flask


def install(app: Flask) -> None:
    """Register the commands. Imported here, so that `python -m app.cli.serving` starts without the whole house."""
    from app.cli import accounts, agreements, demo, directories, messages, serving

    groups = (accounts.group, agreements.group, demo.group, directories.group, messages.group)
    for command in (*groups, serving.worker, serving.serve):
        app.cli.add_command(command)
