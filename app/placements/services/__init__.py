"""The verbs of the room: publish, answer, cancel, find, remind."""

from app.placements.services.publishing import preview, publish

__all__ = ["preview", "publish"]
