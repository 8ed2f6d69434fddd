"""The verbs of the room: runs of the matcher, and what people decide about its proposals."""

from app.allocation.services.deciding import (
    Bulk,
    approve,
    approve_many,
    mark_published,
    refuse,
    reopen,
    withdraw,
)
from app.allocation.services.explaining import Inquiry, why_not
from app.allocation.services.learning import learn, put_in_service, record_feedback, study, take_out
from app.allocation.services.moving import Option, Swap, move, place_by_hand, possible_places, possible_swaps, swap
from app.allocation.services.releasing import give, give_back, take_again
from app.allocation.services.ruling import forbid, lift, pin
from app.allocation.services.running import execute, recover, recover_at_start, start_run, sweep

__all__ = [
    "Bulk",
    "Inquiry",
    "Option",
    "Swap",
    "approve",
    "approve_many",
    "execute",
    "forbid",
    "give",
    "give_back",
    "learn",
    "lift",
    "mark_published",
    "move",
    "pin",
    "place_by_hand",
    "possible_places",
    "possible_swaps",
    "put_in_service",
    "record_feedback",
    "recover",
    "recover_at_start",
    "refuse",
    "reopen",
    "start_run",
    "study",
    "swap",
    "sweep",
    "take_again",
    "take_out",
    "why_not",
    "withdraw",
]
