"""Who may do what: one table, role × permission × relation to the object. Nothing else in the house decides it."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    STUDENT = "student"
    GUARDIAN = "guardian"
    TEACHER = "teacher"
    HEAD = "head"
    HOST = "host"
    COORDINATOR = "coordinator"
    OBSERVER = "observer"
    ADMIN = "admin"


class Relation(StrEnum):
    """How far a permission reaches. Except ANYWHERE, none crosses the actor's territory."""

    SELF = "self"  # the student's own
    CLASS = "class"  # the classes one teaches
    SCHOOL = "school"  # the schools one works in
    ORGANIZATION = "organization"  # the structures one answers for as a whole
    SITE = "site"  # these, and the places where one is a tutor
    MEMBER = "member"  # the structures one belongs to, whatever one does there
    PUBLISHED = "published"  # what is public to the territory
    TERRITORY = "territory"
    ANYWHERE = "anywhere"


class Permission(StrEnum):
    TERRITORY_MANAGE = "territory:manage"
    ACCOUNT_INVITE = "account:invite"
    CAMPAIGN_VIEW = "campaign:view"
    CAMPAIGN_MANAGE = "campaign:manage"
    HOST_VIEW = "host:view"
    HOST_EDIT = "host:edit"
    HOST_REVIEW = "host:review"
    DIRECTORY_IMPORT = "directory:import"
    TEAM_MANAGE = "team:manage"
    TEAM_LEAVE = "team:leave"
    OFFER_VIEW = "offer:view"
    OFFER_EDIT = "offer:edit"
    OFFER_REVIEW = "offer:review"
    SCHOOL_VIEW = "school:view"
    SCHOOL_MANAGE = "school:manage"
    SCHOOL_WEEKS = "school:weeks"
    STAFF_HELP = "staff:help"
    CLASS_VIEW = "class:view"
    CLASS_CREATE = "class:create"
    CLASS_MANAGE = "class:manage"
    STUDENT_VIEW = "student:view"
    STUDENT_MANAGE = "student:manage"
    WISH_VIEW = "wish:view"
    WISH_EDIT = "wish:edit"
    RUN_VIEW = "run:view"
    RUN_START = "run:start"
    MATCHER_TUNE = "matcher:tune"
    PROPOSAL_DECIDE = "proposal:decide"
    PLACEMENT_VIEW = "placement:view"
    PLACEMENT_PUBLISH = "placement:publish"
    PLACEMENT_ANSWER = "placement:answer"
    PLACEMENT_FIND = "placement:find"
    PLACEMENT_VERIFY = "placement:verify"
    PLACEMENT_MANAGE = "placement:manage"
    PLACEMENT_FOLLOW = "placement:follow"
    PLACEMENT_REPORT = "placement:report"
    AGREEMENT_VIEW = "agreement:view"
    AGREEMENT_PREPARE = "agreement:prepare"
    AGREEMENT_COMPLETE = "agreement:complete"
    AGREEMENT_SIGN = "agreement:sign"
    AGREEMENT_DELEGATE = "agreement:delegate"
    FEEDBACK_GIVE = "feedback:give"
    FEEDBACK_VIEW = "feedback:view"
    TALK_HEAR = "talk:hear"
    DIARY_KEEP = "diary:keep"
    RELIABILITY_VIEW = "reliability:view"
    DELIVERY_VIEW = "delivery:view"
    JOURNAL_VIEW = "journal:view"
    PRIVACY_MANAGE = "privacy:manage"
    LOOK_VIEW = "look:view"
    RETENTION_VIEW = "retention:view"
    RETENTION_HOLD = "retention:hold"
    ARCHIVE_OPEN = "archive:open"
    FIGURES_VIEW = "figures:view"
    OWN_ACCOUNT = "account:own"


_P, _R, _X = Permission, Role, Relation

POLICY: dict[Permission, dict[Role, Relation]] = {
    _P.TERRITORY_MANAGE: {_R.ADMIN: _X.ANYWHERE},
    _P.ACCOUNT_INVITE: {_R.ADMIN: _X.ANYWHERE, _R.COORDINATOR: _X.TERRITORY},
    _P.CAMPAIGN_VIEW: {
        _R.STUDENT: _X.TERRITORY,
        _R.GUARDIAN: _X.TERRITORY,
        _R.TEACHER: _X.TERRITORY,
        _R.HEAD: _X.TERRITORY,
        _R.HOST: _X.TERRITORY,
        _R.COORDINATOR: _X.TERRITORY,
        _R.OBSERVER: _X.TERRITORY,
    },
    _P.CAMPAIGN_MANAGE: {_R.COORDINATOR: _X.TERRITORY},
    _P.HOST_VIEW: {_R.HOST: _X.MEMBER, _R.COORDINATOR: _X.TERRITORY},
    _P.HOST_EDIT: {_R.HOST: _X.ORGANIZATION, _R.COORDINATOR: _X.TERRITORY},
    _P.HOST_REVIEW: {_R.COORDINATOR: _X.TERRITORY},
    _P.DIRECTORY_IMPORT: {_R.COORDINATOR: _X.TERRITORY},
    _P.TEAM_MANAGE: {_R.HOST: _X.ORGANIZATION, _R.COORDINATOR: _X.TERRITORY},
    _P.TEAM_LEAVE: {_R.HOST: _X.MEMBER},
    _P.OFFER_VIEW: {
        _R.STUDENT: _X.PUBLISHED,
        _R.TEACHER: _X.PUBLISHED,
        _R.HEAD: _X.PUBLISHED,
        _R.HOST: _X.SITE,
        _R.COORDINATOR: _X.TERRITORY,
    },
    _P.OFFER_EDIT: {_R.HOST: _X.SITE, _R.COORDINATOR: _X.TERRITORY},
    _P.OFFER_REVIEW: {_R.COORDINATOR: _X.TERRITORY},
    _P.SCHOOL_VIEW: {_R.TEACHER: _X.SCHOOL, _R.HEAD: _X.SCHOOL, _R.COORDINATOR: _X.TERRITORY},
    _P.SCHOOL_MANAGE: {_R.COORDINATOR: _X.TERRITORY},
    _P.SCHOOL_WEEKS: {_R.HEAD: _X.SCHOOL, _R.COORDINATOR: _X.TERRITORY},
    _P.STAFF_HELP: {_R.TEACHER: _X.SCHOOL, _R.HEAD: _X.SCHOOL, _R.COORDINATOR: _X.TERRITORY},
    _P.CLASS_VIEW: {_R.TEACHER: _X.CLASS, _R.HEAD: _X.SCHOOL, _R.COORDINATOR: _X.TERRITORY},
    _P.CLASS_CREATE: {_R.TEACHER: _X.SCHOOL, _R.HEAD: _X.SCHOOL, _R.COORDINATOR: _X.TERRITORY},
    _P.CLASS_MANAGE: {_R.TEACHER: _X.CLASS, _R.HEAD: _X.SCHOOL, _R.COORDINATOR: _X.TERRITORY},
    _P.STUDENT_VIEW: {
        _R.STUDENT: _X.SELF,
        _R.TEACHER: _X.CLASS,
        _R.HEAD: _X.SCHOOL,
        _R.COORDINATOR: _X.TERRITORY,
    },
    _P.STUDENT_MANAGE: {_R.TEACHER: _X.CLASS, _R.HEAD: _X.SCHOOL, _R.COORDINATOR: _X.TERRITORY},
    _P.WISH_VIEW: {
        _R.STUDENT: _X.SELF,
        _R.TEACHER: _X.CLASS,
        _R.HEAD: _X.SCHOOL,
        _R.COORDINATOR: _X.TERRITORY,
    },
    _P.WISH_EDIT: {_R.STUDENT: _X.SELF, _R.TEACHER: _X.CLASS},
    _P.RUN_VIEW: {_R.COORDINATOR: _X.TERRITORY},
    _P.RUN_START: {_R.COORDINATOR: _X.TERRITORY},
    _P.MATCHER_TUNE: {_R.COORDINATOR: _X.TERRITORY},
    _P.PROPOSAL_DECIDE: {_R.COORDINATOR: _X.TERRITORY},
    _P.PLACEMENT_VIEW: {
        _R.STUDENT: _X.SELF,
        _R.GUARDIAN: _X.SELF,
        _R.TEACHER: _X.CLASS,
        _R.HEAD: _X.SCHOOL,
        _R.HOST: _X.SITE,
        _R.COORDINATOR: _X.TERRITORY,
    },
    _P.PLACEMENT_PUBLISH: {_R.COORDINATOR: _X.TERRITORY},
    _P.PLACEMENT_ANSWER: {_R.HOST: _X.SITE, _R.GUARDIAN: _X.SELF, _R.COORDINATOR: _X.TERRITORY},
    _P.PLACEMENT_FIND: {_R.STUDENT: _X.SELF, _R.TEACHER: _X.CLASS, _R.COORDINATOR: _X.TERRITORY},
    _P.PLACEMENT_VERIFY: {_R.COORDINATOR: _X.TERRITORY},
    _P.PLACEMENT_MANAGE: {_R.COORDINATOR: _X.TERRITORY},
    _P.PLACEMENT_FOLLOW: {_R.TEACHER: _X.CLASS, _R.HEAD: _X.SCHOOL, _R.COORDINATOR: _X.TERRITORY},
    _P.PLACEMENT_REPORT: {_R.HOST: _X.SITE},
    _P.AGREEMENT_VIEW: {
        _R.STUDENT: _X.SELF,
        _R.GUARDIAN: _X.SELF,
        _R.TEACHER: _X.CLASS,
        _R.HEAD: _X.SCHOOL,
        _R.HOST: _X.SITE,
        _R.COORDINATOR: _X.TERRITORY,
    },
    _P.AGREEMENT_PREPARE: {_R.TEACHER: _X.CLASS, _R.HEAD: _X.SCHOOL, _R.COORDINATOR: _X.TERRITORY},
    _P.AGREEMENT_COMPLETE: {
        _R.GUARDIAN: _X.SELF,
        _R.TEACHER: _X.CLASS,
        _R.HEAD: _X.SCHOOL,
        _R.HOST: _X.SITE,
        _R.COORDINATOR: _X.TERRITORY,
    },
    _P.AGREEMENT_SIGN: {
        _R.STUDENT: _X.SELF,
        _R.GUARDIAN: _X.SELF,
        _R.TEACHER: _X.CLASS,
        _R.HEAD: _X.SCHOOL,
        _R.HOST: _X.SITE,
    },
    _P.AGREEMENT_DELEGATE: {_R.HEAD: _X.SCHOOL},
    _P.FEEDBACK_GIVE: {_R.STUDENT: _X.SELF, _R.HOST: _X.SITE},
    _P.FEEDBACK_VIEW: {_R.TEACHER: _X.CLASS, _R.HEAD: _X.SCHOOL, _R.COORDINATOR: _X.TERRITORY},
    _P.TALK_HEAR: {_R.TEACHER: _X.CLASS, _R.COORDINATOR: _X.TERRITORY},
    _P.DIARY_KEEP: {_R.STUDENT: _X.SELF},
    _P.RELIABILITY_VIEW: {_R.COORDINATOR: _X.TERRITORY},
    _P.DELIVERY_VIEW: {_R.COORDINATOR: _X.TERRITORY, _R.ADMIN: _X.ANYWHERE},
    _P.JOURNAL_VIEW: {_R.COORDINATOR: _X.TERRITORY},
    _P.PRIVACY_MANAGE: {_R.COORDINATOR: _X.TERRITORY, _R.ADMIN: _X.ANYWHERE},
    _P.RETENTION_VIEW: {_R.COORDINATOR: _X.TERRITORY, _R.ADMIN: _X.ANYWHERE},
    _P.RETENTION_HOLD: {_R.COORDINATOR: _X.TERRITORY},
    _P.LOOK_VIEW: {_R.HEAD: _X.SCHOOL, _R.COORDINATOR: _X.TERRITORY},
    _P.ARCHIVE_OPEN: {_R.HEAD: _X.SCHOOL, _R.ADMIN: _X.ANYWHERE},
    _P.FIGURES_VIEW: {_R.OBSERVER: _X.TERRITORY, _R.COORDINATOR: _X.TERRITORY},
    _P.OWN_ACCOUNT: {role: _X.ANYWHERE for role in _R if role is not _R.GUARDIAN},
}


def relation_of(role: Role, permission: Permission) -> Relation | None:
    return POLICY[permission].get(role)
