"""Classes, their teachers, their students and families."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.access.policy import Role
from app.accounts import services as accounts
from app.accounts.models import User
from app.campaigns.models import Campaign
from app.demo import people, sources
from app.kernel.database import db
from app.schools import rules as school_rules
from app.schools.models import (
    ClassTeacher,
    LegalGuardian,
    School,
    SchoolClass,
    SchoolStaff,
    SchoolWeek,
    StaffRole,
    Student,
)

DEFAULT_STUDENTS = 420
_CLASS_SIZE = 25
_LETTERS = "ABCDEFGHIJ"
_FIRST_WEEK_SCHOOLS = 4


@dataclass(frozen=True, slots=True)
class Headcount:
    school: School
    students: int


def headcounts(schools: Sequence[School], *, full: bool) -> list[Headcount]:
    """How many students each school brings: all of them, or `DEFAULT_STUDENTS` in proportion (largest remainders)."""
    real = {facts.uai: facts.pupils_3e for facts in sources.schools()}
    if full:
        return [Headcount(school, real[school.uai]) for school in schools]
    total = sum(real.values())
    exact = {uai: n * DEFAULT_STUDENTS / total for uai, n in real.items()}
    kept = {uai: int(share) for uai, share in exact.items()}
    for uai in sorted(exact, key=lambda u: kept[u] - exact[u])[: DEFAULT_STUDENTS - sum(kept.values())]:
        kept[uai] += 1
    return [Headcount(school, kept[school.uai]) for school in schools]


def share_weeks(counts: Sequence[Headcount], places: dict[date, int]) -> dict[int, tuple[date, ...]]:
    """One or two weeks for each school. Largest schools choose first, where most places are left.

    As in life it does not quite work out: the smallest schools all go in the first week, in which structures take few
    students, so some are left out and a coordinator has something to solve.
    """
    first, *others = sorted(places)
    by_size = sorted(counts, key=lambda c: (-c.students, c.school.uai))
    chosen: dict[int, tuple[date, ...]] = {count.school.id: (first,) for count in by_size[-_FIRST_WEEK_SCHOOLS:]}
    left = {monday: float(places[monday]) for monday in others}
    for position, count in enumerate(by_size[:-_FIRST_WEEK_SCHOOLS]):
        number = 2 if position < len(by_size) // 2 else 1
        mondays = sorted(left, key=lambda monday: (-left[monday], monday))[:number]
        for monday in mondays:
            left[monday] -= count.students / number
        chosen[count.school.id] = tuple(sorted(mondays))
    return chosen


def add_weeks(campaign: Campaign, chosen: dict[int, tuple[date, ...]]) -> None:
    db.session.add_all(
        SchoolWeek(school_id=school_id, campaign_id=campaign.id, monday=monday)
        for school_id, mondays in chosen.items()
        for monday in mondays
    )
    db.session.flush()


def short_name(school: School) -> str:
    """« Collège privé Saint Druon » → « saint-druon »."""
    return people.slug(school.name.removeprefix("Collège").removeprefix(" privé"))


def add_head(school: School, *, password_hash: str) -> User:
    first, last = people.Cast("head", school.uai).person()
    return _staff(school, StaffRole.HEAD, f"{first} {last}", f"direction@{short_name(school)}.example", password_hash)


def add_classes(
    campaign: Campaign, count: Headcount, *, password_hash: str, now: datetime, level: str = "3e"
) -> list[tuple[SchoolClass, list[Student]]]:
    """The classes of a school: 3A, 3B… of about 25, each with its form teacher, students and guardians."""
    school = count.school
    stream = ("class", school.uai) if level == "3e" else ("class", school.uai, level)
    cast, rng = people.Cast(*stream), people.stream(*stream)
    number = max(1, round(count.students / _CLASS_SIZE))
    result = []
    for i in range(number):
        size = count.students // number + (1 if i < count.students % number else 0)
        name = f"{level[0]}{_LETTERS[i]}"
        school_class = SchoolClass(
            territory_id=school.territory_id,
            school_id=school.id,
            campaign_id=campaign.id,
            name=name,
            level=level,
            code=school_rules.class_code_stem(school.name, name),
        )
        first, last = cast.person()
        domain = short_name(school)
        teacher = _staff(
            school, StaffRole.TEACHER, f"{first} {last}", people.address(first, last, domain), password_hash
        )
        school_class.teachers = [ClassTeacher(user=teacher)]
        db.session.add(school_class)
        db.session.flush()
        students = sorted((_student(school_class, cast, rng, now) for _ in range(size)), key=lambda s: s.last_name)
        db.session.add_all(students)
        result.append((school_class, students))
    db.session.flush()
    return result


def _staff(school: School, role: StaffRole, name: str, email: str, password_hash: str) -> User:
    user = User(
        territory_id=school.territory_id,
        role=Role.HEAD if role is StaffRole.HEAD else Role.TEACHER,
        display_name=name,
        email=email,
        password_hash=password_hash,
    )
    db.session.add(SchoolStaff(school_id=school.id, user=user, role=role))
    return user


def _student(school_class: SchoolClass, cast: people.Cast, rng: random.Random, now: datetime) -> Student:
    first, last = cast.person()
    code = people.card_code(school_class.code, first, last, accounts.PERSONAL_CODE_LENGTH)
    user = User(
        territory_id=school_class.territory_id,
        role=Role.STUDENT,
        display_name=first,
        code_digest=accounts.code_digest(school_class.code, code),
    )
    student = Student(
        territory_id=school_class.territory_id,
        school_class=school_class,
        user=user,
        first_name=first,
        last_name=last,
        created_at=now,
    )
    # Some families have given nothing, many one parent, some two; one parent in five has no e-mail.
    for _ in range(rng.choices((0, 1, 2), weights=(8, 57, 35))[0]):
        add_guardian(student, cast, has_mail=lambda: rng.random() < 0.8)
    return student


def add_guardian(student: Student, cast: people.Cast, *, has_mail: Callable[[], bool] = lambda: True) -> None:
    """One more parent, who mostly has an e-mail address."""
    name = cast.relative(student.last_name)
    given, family = name.split(" ", 1)
    mail = people.address(given, family, "famille") if has_mail() else None
    student.guardians.append(LegalGuardian(name=name, email=mail))
