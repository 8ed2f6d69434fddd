"""Thin commands over services: `flask --app app --help`."""

from __future__ import annotations

from flask import Flask


def install(app: Flask) -> None:
    """Register the commands. Imported here, so that `python -m app.cli.serving` starts without the whole house."""
    from app.cli import (
        accounts,
        agreements,
        class_lists,
        demo,
        directories,
        messages,
        portals,
        privacy,
        retention,
        serving,
    )

    portals.install(accounts.group)
    rooms = (accounts, agreements, class_lists, demo, directories, messages, privacy, retention)
    for command in (*[room.group for room in rooms], serving.worker, serving.serve):
        app.cli.add_command(command)
