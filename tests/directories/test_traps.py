"""What goes wrong in real files, one row each: mended where certain and said, refused where not, never guessed."""

from __future__ import annotations

import pytest

from app.directories import values
from app.directories.belonging import belonging
from app.directories.places import Land, Town, point_of, town_key
from app.hosts.kinds import EssFamily
from app.kernel.tabular import Cell, Formula
from tests.world import siren, siret

pytestmark = pytest.mark.usefixtures("spoken")

GOOD = siret(siren(7))


LAND = Land(
    [
        Town("62427", "Hénin-Beaumont", "62110", 50.40923, 2.959),
        Town("62274", "Dourges", "62119", 50.43939, 2.98727),
        Town("62321", "Évin-Malmaison", "62141", 50.43536, 3.03002),
        Town("62249", "Courcelles-lès-Lens", "62970", 50.41477, 3.01497),
        Town("62724", "Rouvroy", "62320", 50.39921, 2.90489),
        Town("62277", "Drocourt", "62320", 50.39004, 2.9322),
    ]
)


@pytest.mark.parametrize(
    ("cell", "value", "mended", "refused"),
    [
        (GOOD, GOOD, "", ""),
        (f"{GOOD[:3]} {GOOD[3:6]}\u00a0{GOOD[6:9]} {GOOD[9:]}", GOOD, "", ""),
        (f"'{GOOD}", GOOD, "", ""),  # so that a spreadsheet keeps it a text
        (f"{GOOD[:9]}-{GOOD[9:]}", GOOD, "", ""),
        (float(GOOD), GOOD, "", ""),
        (int(GOOD), GOOD, "", ""),
        ("35600000000048", "35600000000048", "", ""),  # La Poste, its seat
        ("35600000009075", "35600000009075", "", ""),  # La Poste elsewhere: the sum of the digits, not Luhn
        ("35600000009076", "", "", "clé"),
        (GOOD[:-1] + str((int(GOOD[-1]) + 1) % 10), "", "", "clé"),
        ("2,17003E+13", "", "", "Excel"),
        ("3.82695E+13", "", "", "Excel"),
        ("5480001700019", "", "", "13"),  # thirteen digits whose keys prove nothing
        (GOOD[:9], "", "", "SIREN"),
        ("", "", "", "manque"),
        (None, "", "", "manque"),
        ("n° inconnu", "", "", "chiffres"),
        (Formula("=A1"), "", "", "manque"),
        ("①②③", "", "", "chiffres"),
    ],
)
def test_a_siret(cell: Cell, value: str, mended: str, refused: str) -> None:
    read = values.siret_of(cell)
    assert read.value == value
    assert mended in read.mended
    assert bool(read.refused) == bool(refused)
    assert refused in read.refused


def test_a_siret_gets_its_lost_zeros_back_when_both_keys_prove_them() -> None:
    whole = next(found for n in range(1000) if (found := siret_of_small(n)) is not None)
    read = values.siret_of(whole.lstrip("0"))
    assert read.value == whole
    assert "zéros" in read.mended


def siret_of_small(number: int) -> str | None:
    """A valid SIRET that begins with a zero, or None."""
    start = f"0{number + 5000000:07d}"
    for key in "0123456789":
        if values.parse_siret(f"{start}{key}00013"):
            return f"{start}{key}00013"
    return None


@pytest.mark.parametrize(
    ("cell", "value", "mended"),
    [
        ("0622795B", "0622795B", False),
        (" 0622795b ", "0622795B", False),
        ("622795B", "0622795B", True),
        ("0622795C", "", False),
        ("622795C", "", False),
        (622795.0, "", False),
        ("", "", False),
    ],
)
def test_a_uai(cell: Cell, value: str, mended: bool) -> None:
    read = values.uai_of(cell)
    assert (read.value, bool(read.mended), bool(read.refused)) == (value, mended, not value)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("ÉVIN-MALMAISON", "Évin-Malmaison"),
        ("Evin Malmaison", "Évin-Malmaison"),
        ("HENIN BEAUMONT CEDEX", "Hénin-Beaumont"),
        ("Hénin-Beaumont Cedex 9", "Hénin-Beaumont"),
        ("Courcelles lez Lens", "Courcelles-lès-Lens"),
        ("COURCELLES LES LENS", "Courcelles-lès-Lens"),
        ("Courcelles-lés-Lens", "Courcelles-lès-Lens"),
        ("St Omer", "Saint-Omer"),
        ("L’Écluse", "L'Ecluse"),
    ],
)
def test_two_ways_to_write_one_commune(written: str, name: str) -> None:
    assert town_key(written) == town_key(name)


# INSEE code, name, postcode → the commune and the postcode kept, or what is said.
@pytest.mark.parametrize(
    ("insee", "name", "postcode", "town", "kept", "said"),
    [
        ("62427", "Hénin-Beaumont", "62110", "62427", "62110", ""),
        ("", "HENIN BEAUMONT", "62110", "62427", "62110", ""),
        ("", "Henin-Beaumont Cedex", "62253", "62427", "62110", "CEDEX"),
        ("62427", "", "", "62427", "62110", ""),
        ("62119", "Dourges", "", "62274", "62119", "code postal de Dourges"),  # the post's code under INSEE's heading
        ("62274", "Dourges", "62274", "62274", "62119", "code INSEE de Dourges"),  # and the other way
        ("62119", "Béthune", "62400", "", "", "hors du territoire"),
        ("62119", "Béthune", "62119", "", "", "hors du territoire"),
        ("", "Béthune", "62119", "", "", "à vérifier"),
        ("62119", "", "", "", "", "code INSEE d’une autre commune"),
        ("62119", "Dourges", "62110", "", "", "ne l’est pas"),
        ("", "Hénin-Beaumont", "62119", "", "", "celui de Dourges"),
        ("62427", "Hénin-Beaumont", "62119", "62427", "62110", "remplacé"),
        ("62427", "Lens", "62300", "", "", "nom écrit"),
        ("62427", "Hénin Baumont", "62110", "62427", "62110", "lu comme"),
        ("", "Hénin-Baumon", "62110", "62427", "62110", "lu comme"),
        ("", "Rouvroy", "02100", "", "", "hors du territoire"),  # another Rouvroy, in Aisne
        ("", "Acheville", "62320", "", "", "hors du territoire"),
        ("", "", "62110", "62427", "62110", "commune lue"),
        ("", "", "62320", "", "", "ne suffit pas"),
        ("", "", "62427", "", "", "code INSEE, pas un code postal"),
        ("", "", "", "", "", "manque la commune"),
        ("", "Hénin-Beaumont", "62949", "62427", "62949", ""),  # a big customer of the post keeps its code
        ("62427", "Hénin-Beaumont", "soixante", "62427", "62110", "ne se lit pas"),
        ("", "62427", "", "62427", "62110", ""),  # APIs write the code under « commune »
        ("", "62119", "", "", "", "code INSEE d’une autre commune"),
        ("", "62110 HENIN BEAUMONT", "", "62427", "62110", ""),
        ("", "Évin-Malmaison (62)", "", "62321", "62141", ""),
    ],
)
def test_which_commune(insee: str, name: str, postcode: str, town: str, kept: str, said: str) -> None:
    found = LAND.locate(insee, name, postcode)
    told = " ".join((found.outside, found.refused, *found.mended)).strip()
    assert (found.town.insee if found.town else "") == town, told
    assert found.postcode == kept
    assert said in told
    assert bool(told) == bool(said), told


@pytest.mark.parametrize(
    ("lat", "lon", "point", "said"),
    [
        ("50.41", "2.96", (50.41, 2.96), ""),
        ("50,41", "2,96", (50.41, 2.96), ""),
        (50.41, 2.96, (50.41, 2.96), ""),
        ("2.96", "50.41", (50.41, 2.96), "inversées"),
        ("47.706414", "6.652604", (50.40923, 2.959), "403 km"),
        ("0", "0", (50.40923, 2.959), "km"),
        ("", "", (50.40923, 2.959), ""),
        (None, None, (50.40923, 2.959), ""),
        ("50.41", "", (50.40923, 2.959), "illisibles"),
        ("nan", "inf", (50.40923, 2.959), "illisibles"),
        (float("nan"), float("inf"), (50.40923, 2.959), "illisibles"),
        ("697081.394", "7034628.755", (50.40923, 2.959), "Lambert"),  # PROJ’s figure for this very point
        ("7034628.755", "697081.394", (50.40923, 2.959), "Lambert"),
        ("652469.02", "6862035.26", (50.40923, 2.959), "degrés"),  # Paris
        ("[ND]", "[ND]", (50.40923, 2.959), ""),
        ("5041", "296", (50.40923, 2.959), "degrés"),
    ],
)
def test_where(lat: Cell, lon: Cell, point: tuple[float, float], said: str) -> None:
    placed = point_of(lat, lon, LAND.towns[0])
    assert (placed.lat, placed.lon) == pytest.approx(point)
    assert said in placed.mended
    assert bool(placed.mended) == bool(said)
    assert placed.exact == (said in {"", "inversées", "Lambert"}) or not placed.mended


@pytest.mark.parametrize(
    ("cell", "value", "mended"),
    [("62110", "62110", False), (62110.0, "62110", False), ("1000", "01000", True), ("62 110", "62110", False)],
)
def test_a_postcode(cell: Cell, value: str, mended: bool) -> None:
    read = values.postcode_of(cell)
    assert (read.value, bool(read.mended)) == (value, mended)


@pytest.mark.parametrize(
    ("form", "family", "why_not"),
    [
        ("Association déclarée", EssFamily.ASSOCIATION, ""),
        ("Association loi 1901", EssFamily.ASSOCIATION, ""),
        ("SCOP", EssFamily.COOPERATIVE, ""),
        ("Société coopérative d'intérêt collectif", EssFamily.COOPERATIVE, ""),
        ("Fondation", EssFamily.FONDATION, ""),
        ("Société mutuelle d'assurance", EssFamily.MUTUELLE, ""),
        ("Groupement de coopération sanitaire à gestion privée", None, "rien dans le fichier"),
        ("Association syndicale autorisée", None, "rien dans le fichier"),
        ("Communauté d'agglomération", None, "publique"),
        ("Société par actions simplifiée", None, "rien dans le fichier"),
        ("", None, "rien dans le fichier"),
    ],
)
def test_a_legal_form_in_words(form: str, family: EssFamily | None, why_not: str) -> None:
    told = belonging("", form, None)
    assert why_not in told.why_not
    assert bool(why_not) == bool(told.why_not), told
    assert family is None or told.family is family
