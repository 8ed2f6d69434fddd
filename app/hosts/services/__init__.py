"""The verbs of the room: structures and their places, what the coordinator decides, and their teams."""

from app.hosts.services.deciding import decide, demanded_reason
from app.hosts.services.describing import add_site, change_site, describe
from app.hosts.services.registering import register

__all__ = ["add_site", "change_site", "decide", "demanded_reason", "describe", "register"]
