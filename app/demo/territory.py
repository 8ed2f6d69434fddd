"""The facts: fourteen communes and their fourteen collèges."""

from __future__ import annotations

from app.campaigns.models import Commune, Territory
from app.demo import sources
from app.kernel.database import db
from app.schools.models import School

SLUG = "henin-carvin"


def add_territory(*, is_demo: bool) -> tuple[Territory, dict[str, Commune], list[School]]:
    """The territory, its communes by INSEE code, and its schools in the order of `schools.csv`."""
    territory = Territory(
        slug=SLUG,
        name="Hénin-Carvin",
        operator="Coordination de démonstration" if is_demo else "",
        contact_email="coordination@passerelle.example",
        contact_phone="03 53 01 00 00" if is_demo else "",
        is_demo=is_demo,
    )
    territory.communes = [
        Commune(insee=c.insee, name=c.name, postcode=c.postcode, lat=c.lat, lon=c.lon) for c in sources.communes()
    ]
    db.session.add(territory)
    db.session.flush()
    communes = {commune.insee: commune for commune in territory.communes}
    schools = [
        School(
            territory_id=territory.id,
            commune_id=communes[s.commune_insee].id,
            uai=s.uai,
            name=s.name,
            address=s.address,
            postcode=s.postcode,
            lat=s.lat,
            lon=s.lon,
            is_public=s.is_public,
            priority_education=s.priority_education,
        )
        for s in sources.schools()
    ]
    db.session.add_all(schools)
    db.session.flush()
    return territory, communes, schools
