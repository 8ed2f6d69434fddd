"""Which pages show a student's file, and which only name students in passing. Pure.

Every endpoint that a member of staff or a host may read and that takes a student, or something of a student, in its
address is in one of the two tables: `tests/privacy/test_looks.py` fails otherwise.
"""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.access.policy import Role


class Page(StrEnum):
    FILE = "file"
    WISHES = "wishes"
    CARD = "card"
    PROPOSAL = "proposal"
    STAGE = "stage"
    SHEET = "sheet"
    LETTER = "letter"
    AGREEMENT = "agreement"
    DOCUMENT = "document"
    INCIDENT = "incident"
    AFTER = "after"


PAGES: dict[Page, str] = {
    Page.FILE: _l("Fiche de l’élève"),
    Page.WISHES: _l("Envies et vœux"),
    Page.CARD: _l("Carte d’accès"),
    Page.PROPOSAL: _l("Proposition de stage"),
    Page.STAGE: _l("Stage et suivi"),
    Page.SHEET: _l("Feuille de stage"),
    Page.LETTER: _l("Lettre à imprimer"),
    Page.AGREEMENT: _l("Convention"),
    Page.DOCUMENT: _l("Document PDF"),
    Page.INCIDENT: _l("Absence ou accident"),
    Page.AFTER: _l("Après le stage"),
}

# Whose looks are kept. A student looks at their own file, a guardian at their child's.
STAFF = frozenset({Role.TEACHER, Role.HEAD, Role.HOST, Role.COORDINATOR, Role.OBSERVER, Role.ADMIN})

ROLES: dict[Role, str] = {
    Role.TEACHER: _l("Professeurs"),
    Role.HEAD: _l("Direction du collège"),
    Role.HOST: _l("Structure d’accueil"),
    Role.COORDINATOR: _l("Coordination"),
    Role.OBSERVER: _l("Observation"),
    Role.ADMIN: _l("Administration"),
}

# Endpoint → the kind of page; whose file it is, is found by the arguments of its address.
FILES: dict[str, Page] = {
    "agreements.address": Page.AGREEMENT,
    "agreements.amend": Page.AGREEMENT,
    "agreements.change": Page.AGREEMENT,
    "agreements.confirm_cancel": Page.AGREEMENT,
    "agreements.document": Page.DOCUMENT,
    "agreements.follow": Page.AGREEMENT,
    "agreements.own_pdf": Page.DOCUMENT,
    "agreements.own_signing": Page.AGREEMENT,
    "agreements.paper": Page.AGREEMENT,
    "agreements.part": Page.AGREEMENT,
    "agreements.proofs": Page.AGREEMENT,
    "agreements.show": Page.AGREEMENT,
    "allocation.choose_hand": Page.PROPOSAL,
    "allocation.choose_place": Page.PROPOSAL,
    "allocation.choose_swap": Page.PROPOSAL,
    "allocation.proposal": Page.PROPOSAL,
    "allocation.why_not": Page.PROPOSAL,
    "feedback.certificate_by_account": Page.AFTER,
    "feedback.certificate_file_by_account": Page.DOCUMENT,
    "feedback.show": Page.AFTER,
    "feedback.tutor_by_account": Page.AFTER,
    "placements.accident": Page.INCIDENT,
    "placements.alert": Page.INCIDENT,
    "placements.class_sheets": Page.SHEET,
    "placements.declaration": Page.INCIDENT,
    "placements.declaration_file": Page.INCIDENT,
    "placements.find_for": Page.STAGE,
    "placements.host_letter": Page.LETTER,
    "placements.host_sheet": Page.SHEET,
    "placements.letter": Page.LETTER,
    "placements.letters": Page.LETTER,
    "placements.sheet": Page.SHEET,
    "placements.show": Page.STAGE,
    "placements.visit": Page.STAGE,
    "placements.week": Page.STAGE,
    "privacy.archived": Page.AGREEMENT,
    "privacy.hold_file": Page.FILE,
    "privacy.open_archived": Page.DOCUMENT,
    "schools.edit_student": Page.FILE,
    "schools.class_slips": Page.LETTER,
    "schools.reissue_student": Page.CARD,
    "schools.student_slips": Page.LETTER,
    "wishes.interests_for": Page.WISHES,
    "wishes.offer_for": Page.WISHES,
    "wishes.offers_for": Page.WISHES,
    "wishes.student": Page.FILE,
    "wishes.wish_list_for": Page.WISHES,
}

# Arguments of an address that lead to one student, or to a class.
TO_A_STUDENT = ("student_id", "placement_id", "agreement_id", "proposal_id", "accident_id")
WHOLE_CLASSES = frozenset({"placements.class_sheets", "placements.letters", "schools.class_slips"})

# Endpoints that take such an argument, or print names, and are no student's file; each with its reason.
LISTS: dict[str, str] = {
    "agreements.batch_of_code": "the head's list of documents to sign",
    "agreements.class_progress": "how far a class is, in figures",
    "agreements.index": "a list of titles and states",
    "agreements.of_class": "a list of titles and states",
    "agreements.to_sign": "the head's list of documents to sign",
    "agreements.unsigned": "a list of what is not signed yet",
    "allocation.left_out": "a list of students to place",
    "allocation.proposals": "a list of proposals to decide",
    "allocation.run": "the figures of a run and its list",
    "feedback.hosted": "the structure's list of its students, by first name",
    "feedback.index": "a list of who answered",
    "feedback.talks": "a list of who wishes to talk",
    "placements.class_calendar": "days and places of a class, for an agenda",
    "placements.confirm_publication": "the list that is about to be published",
    "placements.host_arrivals": "the structure's list of its students, by first name",
    "placements.host_calendar": "days and first names, for an agenda",
    "placements.index": "a list of stages",
    "placements.repair": "the moves of a chain, to decide upon",
    "placements.to_place_again": "a list of students to place",
    "placements.visits": "a list of visits to make",
    "privacy.archives": "a list of titles, to find one",
    "privacy.ask_letter": "people found by name, to note what they asked",
    "privacy.looks_of_school": "who looked, and nothing of what they saw",
    "privacy.looks_of_student": "who looked, and nothing of what they saw",
    "privacy.requests": "a list of what is asked",
    "privacy.retention": "the names of who is held back",
    "privacy.show_request": "what somebody asked, who answered: its own row tells",
    "schools.add_students": "names typed before they are kept",
    "schools.preview_roster": "names of a file before they are kept",
    "schools.reissue_class": "the cards of a class, printed once by its teacher",
    "wishes.classes": "a list of classes, with who still has something to do",
    "wishes.school_class": "the list of a class",
}
