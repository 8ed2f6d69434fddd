"""A member of staff who came in by their school's portal, which says by UAI where they work."""

from __future__ import annotations

import re
from collections.abc import Collection

from app.accounts.models import User
from app.audit import services as audit
from app.kernel.database import db, transaction
from app.schools import queries
from app.schools.models import SchoolStaff, StaffRole

_UAI = re.compile(r"(?<![0-9A-Za-z])\d{7}[A-Za-z](?![0-9A-Za-z])")


def seat(user: User, identifiers: Collection[str]) -> int:
    """This teacher or head works in these schools of the territory, from now on; how many are known here.

    An identifier may stand in the text of a portal (« 0622795B », « UAI:0622795b »).
    """
    wanted = {found.upper() for text in identifiers for found in _UAI.findall(text)}
    with transaction():
        found = [queries.school_of_uai(user.territory_id or 0, uai) for uai in sorted(wanted)]
        schools = [school for school in found if school is not None]
        for school in schools:
            if queries.membership(school.id, user.id) is None:
                db.session.add(SchoolStaff(school_id=school.id, user=user, role=StaffRole(user.role.value)))
                audit.record("school.staff_add", school, by=None, user_id=user.id, role=user.role.value, way="portal")
        db.session.flush()
        return len(schools)
