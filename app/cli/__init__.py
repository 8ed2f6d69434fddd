"""Thin commands over services: `flask --app app --help`."""

from __future__ import annotations

from flask import Flask

from app.cli import accounts, demo, messages, serving


def install(app: Flask) -> None:
    """Register the commands."""
    for command in (accounts.group, demo.group, messages.group, serving.worker, serving.serve):
        app.cli.add_command(command)
