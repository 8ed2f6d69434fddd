"""The verbs of the room: schools with their weeks and staff, classes with their students, and access cards."""

from app.schools.services.cards import Card, cards_in_hand, cards_known, reissue_cards
from app.schools.services.classes import create_class, remove_class, update_class
from app.schools.services.families import choose_family_language, choose_language
from app.schools.services.importing import Imported
from app.schools.services.schools import create_school, set_weeks, update_school
from app.schools.services.slips import Slip, family_code_of, renew_slips, slips
from app.schools.services.staff import demand_help, invite_staff, may_hand_over, may_help, remove_staff
from app.schools.services.students import add_students, remove_student, update_student

__all__ = [
    "Card",
    "Imported",
    "Slip",
    "add_students",
    "cards_in_hand",
    "cards_known",
    "choose_family_language",
    "choose_language",
    "create_class",
    "create_school",
    "demand_help",
    "family_code_of",
    "invite_staff",
    "may_hand_over",
    "may_help",
    "reissue_cards",
    "remove_class",
    "remove_staff",
    "remove_student",
    "renew_slips",
    "set_weeks",
    "slips",
    "update_class",
    "update_school",
    "update_student",
]
