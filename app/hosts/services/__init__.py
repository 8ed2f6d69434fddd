"""The verbs of the room: structures and their places, what the coordinator decides, and their teams."""

from app.hosts.services.deciding import decide, demanded_reason
from app.hosts.services.describing import add_site, change_site, describe
from app.hosts.services.inviting import (
    accept,
    ask_by_code,
    invitation_of,
    invite,
    is_good,
    look,
    print_code,
    renew,
    send_again,
    withdraw,
)
from app.hosts.services.registering import register
from app.hosts.services.team import change, leave, may_hand_over, remove

__all__ = [
    "accept",
    "add_site",
    "ask_by_code",
    "change",
    "change_site",
    "decide",
    "demanded_reason",
    "describe",
    "invitation_of",
    "invite",
    "is_good",
    "leave",
    "look",
    "may_hand_over",
    "print_code",
    "register",
    "remove",
    "renew",
    "send_again",
    "withdraw",
]
