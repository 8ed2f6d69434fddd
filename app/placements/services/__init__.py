"""The verbs of the room: publish, answer, cancel, place, find, remind."""

from app.placements.services.answering import answer, settle_dispute
from app.placements.services.changing import cancel, place
from app.placements.services.codes import Paper
from app.placements.services.codes import find as find_code
from app.placements.services.codes import printed as printed_code
from app.placements.services.finding import find, findings, merge, reject, rivals, verify, weeks_of
from app.placements.services.publishing import preview, publish
from app.placements.services.reminding import remind
from app.placements.services.renewing import contact_of, renew_family_link, renew_host_link
from app.placements.services.telling import contacts

__all__ = [
    "Paper",
    "answer",
    "cancel",
    "contact_of",
    "contacts",
    "find",
    "find_code",
    "findings",
    "merge",
    "place",
    "preview",
    "printed_code",
    "publish",
    "reject",
    "remind",
    "renew_family_link",
    "renew_host_link",
    "rivals",
    "settle_dispute",
    "verify",
    "weeks_of",
]
