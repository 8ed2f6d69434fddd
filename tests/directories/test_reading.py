"""Each family is recognised by its columns, however it is written; every line of a file ends exactly once."""

from __future__ import annotations

import io
import random

import openpyxl
import pytest

from app.directories import reading
from app.directories.reading import Options
from app.directories.records import Family, Reading
from app.directories.sources import Source
from app.hosts.kinds import EssFamily, HostKind
from app.kernel.tabular import Unreadable
from tests.directories import excerpts
from tests.directories.test_traps import LAND
from tests.world import siret

pytestmark = pytest.mark.usefixtures("spoken")


def read(data: str | bytes, options: Options | None = None) -> Reading:
    return reading.read(Source.of_bytes("fichier", data.encode() if isinstance(data, str) else data), LAND, options)


def ended(found: Reading) -> int:
    """How many lines are told, each way that a line may end."""
    kept = len(found.communes) + len(found.schools) + len(found.hosts) + len(found.references)
    return kept + found.refused_count + sum(item.count for item in found.left)


@pytest.mark.parametrize("name", excerpts.FILES)
def test_a_family_is_recognised_and_each_line_ends_once(name: str) -> None:
    family, text = excerpts.FILES[name]
    found = read(text)
    assert found.family.value == family
    assert found.read == ended(found) > 0


def shuffled(text: str, seed: int) -> str:
    """The same table, its columns in another order."""
    rows = [line.split(";") for line in text.strip().split("\n")]
    order = list(range(len(rows[0])))
    random.Random(seed).shuffle(order)
    return "\n".join(";".join(row[i] for i in order) for row in rows) + "\n"


def workbook(text: str, *, notes: bool = False) -> bytes:
    book = openpyxl.Workbook()
    if notes:
        book.active.append(["Lisez-moi"])
        book.active = book.create_sheet("Données")
    for line in text.strip().split("\n"):
        book.active.append(line.split(";"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


WAYS = {
    "as it is": lambda text: text.encode(),
    "with a mark": lambda text: text.encode("utf-8-sig"),
    "Windows-1252": lambda text: text.encode("cp1252"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "tabs": lambda text: text.replace(";", "\t").encode(),
    "commas": lambda text: text.replace(",", ".").replace(";", ",").encode(),
    "columns in another order": lambda text: shuffled(text, 1).encode(),
    "empty lines": lambda text: ("\n\n" + text.replace("\n", "\n\n;;;\n")).encode(),
    "a title above": lambda text: ("Annuaire du 3 novembre\n\n" + text).encode(),
    "old Macintosh": lambda text: text.replace("\n", "\r").encode(),
    "accents and capitals in the headings": lambda text: (
        text.replace("Identifiant_de_l_etablissement", "IDENTIFIANT DE L’ÉTABLISSEMENT")
        .replace("Nom_etablissement", "Nom établissement")
        .replace("Code_commune", "code  commune")
        .replace("Libelle_academie", "Libellé académie")
        .encode()
    ),
    "a workbook": workbook,
    "a workbook whose first sheet is notes": lambda text: workbook(text, notes=True),
    "old Macintosh letters": lambda text: text.encode("mac-roman"),
    "UTF-8 written twice": lambda text: text.encode().decode("cp1252").encode(),
    "bars": lambda text: text.replace(";", "|").encode(),
}


@pytest.mark.parametrize("way", WAYS)
def test_however_a_table_is_written_it_says_the_same(way: str) -> None:
    found = read(WAYS[way](excerpts.SCHOOLS))
    assert [(s.uai, s.commune_insee, s.is_public) for s in found.schools] == [
        ("0622795B", "62427", True),
        ("0622581U", "62427", True),
    ]
    assert found.schools[0].name == "Collège François Rabelais"
    assert found.schools[0].lat == pytest.approx(50.41243)
    assert [item.count for item in found.left] == [1, 1]
    assert found.refused == ()


def test_schools_keep_what_the_ministry_says_of_them() -> None:
    first, second = read(excerpts.SCHOOLS).schools
    assert (first.phone, first.email, first.address) == (
        "03 21 75 00 00",
        "ce.0622795b@ac-lille.fr",
        "51 rue René Cassin",
    )
    assert (first.priority_education, second.priority_education) == (None, "REP")


def test_lycees_are_read_when_asked_for() -> None:
    found = read(excerpts.SCHOOLS, Options(with_lycees=True))
    assert [s.uai for s in found.schools] == ["0622795B", "0622581U", "0622085E"]


def test_the_latest_ips_counts_whatever_the_order_of_the_years() -> None:
    lines = excerpts.IPS.strip().split("\n")
    for text in (excerpts.IPS, "\n".join([lines[0], lines[2], lines[1]])):
        found = read(text)
        assert [s.ips for s in found.schools] == [95.1]
        assert found.read == ended(found) == 2


def test_a_school_in_a_closed_or_wrong_state_is_told() -> None:
    closed = excerpts.RABELAIS | {"etat": "FERME"}
    wrong = excerpts.PHILIPE | {"Identifiant_de_l_etablissement": "0622581A"}
    found = read(excerpts.annuaire(closed, wrong, excerpts.RABELAIS, excerpts.RABELAIS))
    assert [item.reason for item in found.left] == ["fermé", "établissement déjà lu plus haut"]
    assert [(r.line, r.column, r.value) for r in found.refused] == [(3, "Identifiant_de_l_etablissement", "0622581A")]


def test_communes_of_another_group_are_left_and_a_group_may_be_said() -> None:
    found = read(excerpts.COMMUNES)
    assert [c.insee for c in found.communes] == ["62427", "62274", "62321"]
    other = read(excerpts.COMMUNES, Options(group="200072460"))
    assert {c.insee for c in other.communes} == {"62427", "62274", "62321", "62119"}, "what is known stays"


def test_the_posts_code_under_the_heading_of_insee_is_refused() -> None:
    heading, *_lines = excerpts.COMMUNES.split("\n")
    found = read(f"{heading}\n62119;Dourges;62119;1;;;;50.43939;2.98727\n")
    assert "code postal de Dourges" in found.refused[0].reason


@pytest.mark.parametrize(
    ("lat", "lon", "kept", "said"),
    [("2.98727", "50.43939", 1, "inversées"), ("47.7", "6.65", 0, "km du territoire")],
)
def test_a_communes_point(lat: str, lon: str, kept: int, said: str) -> None:
    heading = "code_insee;nom;codes_postaux;lat;lon"
    found = read(f"{heading}\n62274;Dourges;62119;{lat};{lon}\n")
    assert len(found.communes) == kept
    assert said in " ".join(r.reason for r in (*found.repaired, *found.refused))


def test_structures_of_a_list() -> None:
    found = read(excerpts.SIAE)
    first, second = found.hosts
    assert (first.siret, first.name, first.site_name) == (siret(excerpts.A), "LE FIL DOUX", "Le Fil doux")
    assert (first.kind, first.family, first.exact_point) == (HostKind.ACI, EssFamily.ASSOCIATION, True)
    assert (second.postcode, second.exact_point) == ("62110", False)
    assert [(r.line, r.value) for r in found.repaired] == [(3, "HENIN BEAUMONT CEDEX")]
    assert "2 structures est supposée" in found.warnings[0]


def test_one_siret_on_two_lines_is_read_once() -> None:
    line = f"LE FIL DOUX;;ACI;{siret(excerpts.A)};;;62110;Hénin-Beaumont;62;;;;;"
    found = read(excerpts.siae(line, line, line.replace(";ACI;", ";EI;")))
    assert len(found.hosts) == 1
    assert sorted(item.reason for item in found.left) == [
        "même SIRET qu’une ligne plus haut",
        "même SIRET qu’une ligne plus haut, d’un autre type : la première est gardée",
    ]


@pytest.mark.parametrize(
    ("type_", "siret_", "why"),
    [
        ("CCAS", siret(excerpts.A), "publique"),
        ("", siret(excerpts.A), "rien dans le fichier"),
        ("ACI", siret(excerpts.A)[:-1] + "x", "chiffres"),
    ],
)
def test_what_is_not_taken_from_a_list(type_: str, siret_: str, why: str) -> None:
    found = read(excerpts.siae(f"X;;{type_};{siret_};;;62110;Hénin-Beaumont;62;;;;;"))
    assert found.hosts == ()
    assert why in " ".join([*(r.reason for r in found.refused), *(item.reason for item in found.left)])


def test_an_extract_of_sirene_keeps_the_ess_alone_and_no_person() -> None:
    found = read(excerpts.SIRENE)
    assert [(h.siret, h.address, h.legal_form) for h in found.hosts] == [(siret(excerpts.A), "3 RUE DU FIL", "9220")]
    assert [item.reason for item in found.left] == [
        "n’est pas de l’ESS, selon le fichier",
        "diffusion limitée par la loi",
    ]
    assert "DUPONT" not in repr(found)
    everything = read(excerpts.SIRENE, Options(taken_for_ess=True))
    assert [h.name for h in everything.hosts] == ["LE FIL DOUX", "VENTE SARL"]


def test_the_states_company_search_reads_places_and_no_director() -> None:
    found = read(excerpts.COMPANY_SEARCH)
    assert [(h.siret, h.site_name, h.kind) for h in found.hosts] == [
        (siret(excerpts.A), "Le Fil doux", HostKind.ASSOCIATION)
    ]
    assert {item.reason: item.count for item in found.left} == {
        "fermée": 1,
        "n’est pas de l’ESS, selon le fichier": 1,
    }
    assert "CLAIRE" not in repr(found)


def test_rome_is_compared_with_what_the_platform_ships() -> None:
    found = read(excerpts.ROME)
    assert [r.key for r in found.references] == ["K1224"]
    assert "une lettre de A à N" in found.refused[0].reason
    assert "89 métiers que la plateforme propose, 1 est dans ce fichier" in found.warnings[0]
    renamed = read(excerpts.ROME.replace("Encadrante technique", "Cheffe"))
    assert "Libellés différents : K1224." in renamed.warnings


def test_holidays_are_checked_against_the_calendar() -> None:
    found = read(excerpts.HOLIDAYS)
    assert [r.key for r in found.references] == ["Vacances de Noël|2026-12-19"]
    assert "n’a pas ces vacances" in found.refused[0].reason


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "vide"),
        (b"\x00" * 2000, "vide"),
        (b"un;deux\n1;2\n", "Aucun genre"),
        (b"Identifiant_de_l_etablissement;Nom_etablissement\n", "aucune ligne"),
        (b"{", "JSON"),
        (b"[" * 100_000, "JSON"),
        (b'{"results": []}', "aucun genre reconnu"),
        (b"[1, 2]", "aucun genre reconnu"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04abc", "archive"),
        (bytes(range(256)) * 20, "Aucun genre"),
        (b"\x00\x01\x02\x00\x00abc" * 99, "ni un tableur"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        read(data)


def test_a_family_said_wrongly_is_refused() -> None:
    with pytest.raises(Unreadable, match="n’a pas les colonnes"):
        read(excerpts.SCHOOLS, Options(family=Family.SIRENE))


def test_an_unclosed_quote_ends_the_file_and_says_so() -> None:
    text = excerpts.SCHOOLS + '0622085E;"' + "x" * 200_000
    found = read(text)
    assert len(found.schools) == 2
    assert "jamais refermé" in found.refused[-1].reason
    assert found.read == ended(found)


@pytest.mark.parametrize(("written", "told"), [("REP", "REP"), ("REP+", "REP+"), ("HORS EP", ""), ("", None)])
def test_priority_education_is_told_left_or_not_mentioned(written: str, told: str | None) -> None:
    heading = "uai;nom de l'etablissement;code postal;commune;EP 2021;EP 2022-2023"
    found = read(f"{heading}\n0622795B;Collège X;62110;Hénin-Beaumont;REP;{written}\n")
    assert [school.priority_education for school in found.schools] == [told]


def test_an_answer_of_sirene_is_read_in_its_present_period_and_its_metres_become_degrees() -> None:
    found = read(excerpts.SIRENE_API)
    assert [(host.siret, host.exact_point) for host in found.hosts] == [(siret(excerpts.A), True)]
    assert (found.hosts[0].lat, found.hosts[0].lon) == pytest.approx((50.40923, 2.959), abs=1e-5)
    assert [(item.reason, item.count) for item in found.left] == [("fermée", 1)]
