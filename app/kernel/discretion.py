"""Words that a sentence about somebody had better not hold: health, religion, opinions, a name.

The writer is asked once and may keep the sentence: « les malades » is a fair word after a week in a nursing home, and
Rose is also a flower. What is found is never stored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

# All is matched in lower case without accents.
_CONDITIONS = r"""
    allergi\w* | asthm\w* | diabet\w* | epilep\w* | handicap\w* | autis\w* | trisom\w* | dys\w*(?:ie|ies|ique|iques)
  | tdah? | hyperactif | hyperactive | depress\w* | anxie\w* | angoiss\w* | phobi\w* | suicid\w* | scarifi\w*
  | anorex\w* | boulimi\w* | medicament\w* | cancer\w* | tumeur | crise\w* | malaise\w* | enceinte | grossesse
  | regles\s+douloureuses | fauteuil\s+roulant | sourd\w* | malentendant\w* | aveugle\w* | malvoyant\w* | begai\w*
  | traitement\s+medical | alcooli\w* | drogu\w* | covid | contagieu\w* | migraine\w* | p\.?a\.?i | mdph | aesh | avs
  | ulis | vaccin\w* | grippe | gastro | fievre
"""
# What a pupil may want to work in, or with; and may not say of somebody.
_CARE = r"""
    malad\w* | ordonnance | medecin | docteur | psy | psychiatr\w* | psycholog\w* | hopital | hospitalis\w*
  | operation\s+chirurg\w* | certificat\s+medical
"""
# What is told after a fall, and belongs to a doctor. A tool, a place, a slippery floor are facts and welcome.
_INJURIES = r"""
    infirmier\w* | urgences | fractur\w* | entors\w* | commotion\w* | lesion\w* | blessure\w* | plaie\w* | brulure\w*
  | luxation\w* | hematom\w* | suture\w*
"""
_RELIGION = r"""
    musulman\w* | islam | islamique\w* | coran | ramadan | hallal | halal | casher | kasher | mosquee\w* | imam | hijab
  | (?:porte|met|garde|enleve\w*|retire\w*)\s+(?:le|un|son)\s+(?:voile|foulard) | (?:fille|eleve|femme)s?\s+voilees?
  | (?<!secours\s)(?<!enseignement\s)(?<!ecole\s)catholi\w+ | chretien\w* | protestante?s?(?!\s+(?:contre|que|aupres))
  | evangeli\w+ | jehovah | messes?(?!\s+basses) | bapteme(?!\s+d) | premiere\s+communion | careme | aumonerie
  | juifs? | juives? | judaisme | synagogue\w* | rabbin | hindou\w* | bouddhis\w* | athees? | agnostique\w* | secte
  | (?:est|tres|famille|parents|mere|pere)\s+croyante?s? | religion | religieu(?:x|se|ses)
  | (?:fait|fais|faire)\s+(?:sa|ses|ma|mes|la|les|leurs?)\s+prieres? | salle\s+de\s+priere
"""
_OPINION = r"""
    syndique\w* | syndicalis\w* | (?:deleguee?|responsable|section|militante?)\s+syndicale?
  | (?:au|du|un|son|leur)\s+syndicat(?!\s+(?:d.initiative|mixte|intercommunal|des\s+eaux|de\s+copropriete))
  | greviste\w* | fai(?:t|s|re)\s+(?:la\s+)?greve | adherente?\s+(?:au|du|d.un)\s+parti | parti\s+politique
  | parti\s+(?:socialiste|communiste) | communiste\w* | socialistes? | front\s+national | rassemblement\s+national
  | france\s+insoumise | extreme[-\s](?:droite|gauche) | gauchiste\w* | fasciste\w* | anarchiste\w* | royaliste\w*
  | macroniste\w* | lepeniste\w* | vot(?:e|es|ent|er|ait)\s+(?:a|tres\s+a)\s+(?:gauche|droite)
  | vot(?:e|es|ent|er|ait)\s+(?:pour\s+)?(?:macron|melenchon|le\s+pen|bardella|zemmour)
  | milite\w*\s+(?:au|a\s+la|chez|dans\s+un\s+(?:parti|syndicat))
  | (?:de|tres\s+a|plutot\s+a)\s+(?:gauche|droite)\s+politiquement
  | (?:opinions?|idees?|convictions?)\s+(?:politiques?|syndicales?)
"""
_ACRONYMS = re.compile(r"\b(?:CGT|CFDT|CFTC|UNSA|SNES|FSU|LFI|FN|RN(?!\s*\d))\b")  # as written, in capitals
_TITLED = re.compile(r"\b(?:M\.|MM\.|Mme|Mlle|Monsieur|Madame|Mademoiselle)\s+[A-ZÀ-Ý][\w’'-]+")
_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_SHORTEST_NAME = 3


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b", re.VERBOSE)


class About(StrEnum):
    """What the sentence is about, hence which words on health are out of place in it."""

    PERSON = "person"
    WISH = "wish"  # « je veux être médecin » says nothing of the writer's health
    STAGE = "stage"  # a visit, an accident: injuries too


_HEALTH = {
    About.PERSON: _any(_CONDITIONS, _CARE),
    About.WISH: _any(_CONDITIONS),
    About.STAGE: _any(_CONDITIONS, _CARE, _INJURIES),
}
_BELIEFS, _VIEWS = _any(_RELIGION), _any(_OPINION)


@dataclass(frozen=True, slots=True)
class Found:
    """As written in the sentence, each once, in order."""

    health: tuple[str, ...] = ()
    religion: tuple[str, ...] = ()
    opinion: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.private or self.names)

    @property
    def private(self) -> tuple[str, ...]:
        """What nobody has to know about somebody: health, religion, opinions."""
        return self.health + self.religion + self.opinion


def scan(text: str, names: Iterable[str] = (), about: About = About.PERSON) -> Found:
    """Words on health, religion and opinions, names introduced by « Madame », and any of `names` (first or last),
    whatever their accents."""
    plain = _fold(text)
    known = {part for name in names for part in _WORD.findall(_fold(name)) if len(part) >= _SHORTEST_NAME}
    named = [m[0] for m in _TITLED.finditer(text)]
    named += [
        text[m.start() : m.end()]
        for m in _WORD.finditer(plain)
        if m[0] in known and not any(text[m.start() : m.end()] in already for already in named)
    ]
    views = [*_VIEWS.finditer(plain), *_ACRONYMS.finditer(text)]
    return Found(
        health=_as_written(text, _HEALTH[about].finditer(plain)),
        religion=_as_written(text, _BELIEFS.finditer(plain)),
        opinion=_as_written(text, sorted(views, key=lambda match: match.start())),
        names=tuple(dict.fromkeys(named)),
    )


def _as_written(text: str, matches: Iterable[re.Match[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text[match.start() : match.end()] for match in matches))


def _fold(text: str) -> str:
    """Lower case without accents, each sign at its own place (so that positions still match)."""
    return "".join(_plain(sign) for sign in text)


def _plain(sign: str) -> str:
    base = unicodedata.normalize("NFD", sign)[0].lower()
    return base if len(base) == 1 else sign
