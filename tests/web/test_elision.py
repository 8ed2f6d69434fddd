"""« de » loses its vowel before one: in Python, in templates, in mails; in French only."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string
from flask_babel import gettext, ngettext

from app.web.elision import elided, of
from app.web.languages import speaking


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Léa", "de Léa"),
        ("Enzo", "d’Enzo"),
        ("ENZO", "d’ENZO"),
        ("Élise", "d’Élise"),
        ("Œdipe", "d’Œdipe"),
        ("Ångström", "d’Ångström"),
        ("Øyvind", "d’Øyvind"),
        ("Inès Mahieu", "d’Inès Mahieu"),
        ("Hugo", "d’Hugo"),
        ("Hélène", "d’Hélène"),
        ("Héloïse", "d’Héloïse"),
        ("Hénin-Beaumont", "d’Hénin-Beaumont"),
        ("Harry", "de Harry"),
        ("Hamza", "de Hamza"),
        ("Harnes", "de Harnes"),
        ("Hauts-de-France", "de Hauts-de-France"),
        ("Yanis", "de Yanis"),
        ("Yasmine", "de Yasmine"),
        ("Yves", "d’Yves"),
        ("Ysée", "d’Ysée"),
        ("Ouassim", "de Ouassim"),
        ("Oumar", "d’Oumar"),
        ("Oussama", "d’Oussama"),
        ("Eugène", "d’Eugène"),
        ("Emmaüs Artois", "d’Emmaüs Artois"),
        ("Łukasz", "de Łukasz"),
        ("ليلى", "de ليلى"),
        ("A", "de A"),
        ("3e A", "de 3e A"),
        ("onze", "de onze"),
        ("", "de "),
        ("<Enzo>", "de <Enzo>"),
        ("100 %(x)s", "de 100 %(x)s"),
    ],
)
def test_of(name: str, said: str) -> None:
    assert of(name) == said


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("De %(name)s", "D’%(name)s"),
        ("Il signale que %(name)s est là", "Il signale qu’%(name)s est là"),
        ("lorsque\u00a0%(name)s dit", "lorsqu’%(name)s dit"),
        ("La grande %(name)s", "La grande %(name)s"),
        ("le %(name)s", "le %(name)s"),
        ("de %(other)s", "de %(other)s"),
        ("de %(count)s", "de %(count)s"),
    ],
)
def test_which_words_elide(sentence: str, said: str) -> None:
    assert elided(sentence, {"name": "Enzo", "count": 8}) == said


def test_every_road_of_a_sentence(app: Flask) -> None:
    one = '{{ _("La convention de %(name)s", name=name) }}'
    many = '{{ ngettext("Le vœu de %(name)s", "Les %(num)s vœux de %(name)s", 2, name=name) }}'
    with app.test_request_context():
        assert gettext("La convention de %(name)s", name="Enzo") == "La convention d’Enzo"
        assert ngettext("Le vœu de %(name)s", "Les %(num)s vœux de %(name)s", 3, name="Ève") == "Les 3 vœux d’Ève"
        assert render_template_string(one, name="Enzo") == "La convention d’Enzo"
        assert render_template_string(many, name="Al<b>") == "Les 2 vœux d’Al&lt;b&gt;"


@pytest.mark.parametrize(("code", "elides"), [("fr-facile", True), ("pt", False), ("it", False), ("en", False)])
def test_other_languages_are_left_alone(app: Flask, code: str, elides: bool) -> None:
    with app.test_request_context(), speaking(code):
        assert ("d’Enzo" in gettext("xyz de %(name)s", name="Enzo")) is elides
        assert "Enzo" in render_template_string('{{ _("La convention de stage de %(name)s", name="Enzo") }}')
