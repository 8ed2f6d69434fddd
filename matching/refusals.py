# ruff: noqa: E501
"""What a text refuses, split from what it likes.

A cue either looks forward (« pas de bruit », « j'ai peur du sang ») or back (« les maths, c'est pas mon truc »). Its
reach ends at a break, at « mais » or at a new verb of liking. A few phrases hold « pas » and refuse nothing
(« pourquoi pas », « j'ai pas peur du sang »): they are recognised first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from matching.text import Token

_NEUTRAL = r"""
 sais (?:vraiment |trop |toujours )?pas(?: trop| vraiment| encore| du tout)?| sait pas(?: trop)?| pas encore| pas (?:tres |trop |vraiment )?sure?
| pas (?:d |d une )?idees?(?: precises?)?| aucune? (?:idee|probleme|souci|preference)s?| pas (?:que|qu|seulement|uniquement|juste|forcement)
| pourquoi pas| pas (?:si |trop |tres |super )?(?:grave|mal|mauvaise?|cher|pareil|possible|facile|fini|complique|dur|difficile|mechante?)(?: de)?
| pas besoin| ou pas| pas de (?:souci|probleme|preference|reponse|projet)s?(?: avec| a| pour)?| si (?:il )?(?:n )?(?:y )?(?:en )?a pas
| pas (?:du tout |trop |vraiment )?(?:peur|degoutee?|allergique|phobique|timide)(?: de| du| des| d)?(?: la| l)?| (?:derange|gene|genent|derangent|fatigue|stresse|degoute|peur) pas
| fait pas (?:trop )?(?:peur|flipper)| pas (?:trop )?loin(?: de)?| pas plus que ca| (?:arrete|rate|loupe|lache|quitte|manque) (?:pas|jamais)| pas assez(?: de)?
| sans (?:doute|hesiter|arret|cesse|probleme|souci|s arreter|faute)s?| peur de rien| rien de special| (?:deteste|dis|dirais) pas(?: non)?| pas choisi| pas decidee?
| (?:climatique|climat|planete|pollution|avenir) (?:ca )?(?:me )?(?:fait|font) (?:trop |super )?peur| ne fait que| je ne pense que?| s ennuie pas| m ennuie (?:pas|jamais)| pas de stage| pas trouve(?:r)?| jamais (?:fait|essaye|teste|vu|fatiguee?)| pas tres loin
| pas (?:beaucoup|trop) (?:d )?(?:idees?|choix)| pas (?:etre|rester) seule?| peux pas (?:m en |me )?passer(?: de)?| jamais seule?| quand j aurai plus
"""
_DESPITE = r""" meme si| meme s il| meme s| meme quand| peu importe si| sauf si"""
_ELSE = r""" (?:voir|faire|veux|voudrais|prefere|aimerais|cherche|changer pour) autre chose(?! que)| changer de ca"""
_WEAKLY = r"""
 pas (?:trop|tellement|super|hyper|specialement|tres|vraiment|une?)(?: (?:fane?|bonne?|envie|forte?|passionnee?|branchee?|attiree?|a l aise))?(?: (?:de|d|en|avec|par))?
| pas fane?(?: (?:de|d|des|du))?| moins de| bof| moyen| pas top
"""
_BACK = r"""
 (?:c est |cest |est )?(?:vraiment |trop )?(?:pas|jamais) (?:du tout |trop |vraiment |tellement )?(?:mon truc|mon delire|mon kiff\w*|ma passion|pour moi|mon fort|ma came|ma tasse de the|mon domaine|mon style|mon monde|fait pour moi|possible|la peine|drole|ouf|interessante?|top)
| (?:n )?(?:aime|aimes|adore|kiffe|supporte|veux|voudrais|voulais|aimerais) (?:vraiment |trop )?pas(?: (?:trop|du tout|vraiment|plus que ca))?(?= [.,;!?:\x29]| $| mais| et j)
| (?:tres )?peu pour moi| non merci| jamais de la vie| sans facon| c est (?:non|mort|nul|chiant|relou|horrible|degueu|degoutant|ennuyeux|l horreur|trop (?:nul|chiant|ennuyeux|relou|long))| a fuir
| (?:ca |sa |me |m )+(?:(?:fait|font|ferait) (?:trop |super |hyper )?(?:peur|flipper|vomir|chier|mal|bad|stresser)|degoute\w*|saoul\w*|soul\w*|gonfl\w*|enerv\w*|ennui\w*|embete\w*|stress\w*|angoiss\w*|fatigu\w*|lasse|gave\w*|rebute|repousse|casse (?:la tete|les oreilles)|prend la tete|met mal a l aise|tape sur les nerfs|fait tourner de l oeil)
| (?:me |m )?(?:tente|interesse|interessent|plait|plaisent|plairai\w+|tenterai\w+|interesserai\w+|attire|attirent|parle|parlent|branche|dit|convient|va|correspond) (?:vraiment |trop |plus |carrement )?pas(?: du tout| trop| vraiment)?
| (?:me |m )(?:tente|interesse|plait|attire|branche) plus| berk| beurk| degueu\w*
"""
_NO = r"""
 tout (?:ca|cela)(?: ,)? (?:non|nan|niet)(?= [.,;!?\x29]| $)| (?<!pourquoi )(?<!dis )(?<!dirais )(?<!ou )(?:non|nan|niet|nope|no way)(?= [.,;!?\x29]| $| mais| par contre)
| (?:trop |grave |super |hyper )?(?:relou|chiant|ennuyeux|ennuyeuse|saoulant|soulant|barbant|penible|gavant)e?s?(?= [.,;!?\x29]| $| mais)
"""
_THAN = r""" (?:que|qu)(?= (?:de|d|des|du|le|la|les|l|un|une|a|au|aux|en|avec|dans|derriere|devant|chez|faire|rester|etre)\s)"""
_FORWARD = r"""
 (?:(?:surtout|vraiment|juste|stp) )?pas(?: (?:du tout|vraiment|question|trop))?(?: (?:envie|fane?|passionnee?|forte?|bonne?|douee?|a l aise|interessee?|aimer|aime|vouloir|voulu|supporter|faire|faite? pour|capable|besoin|attiree?|branchee?|du genre a))?(?: (?:de|d|en|avec|par|dans|chez))?
| (?:detest\w*|hais|horreur|execre|evite|eviter|fuis|fuir|refuse|supporte plus|aime plus|veux plus|aimais plus)\w*(?: (?:de|d))?
| jamais| sauf| excepte| hormis| sans| ni| aucune?| phobie| phobique| peur(?: de| du| des| d)| allergi(?:que|e)s?(?: a| au| aux)?| allergik
| (?:en )?peux plus(?: de| d| du| des)?| plein le (?:dos|cul)(?: de| d| du| des)?| a part(?! ca| moi)| a l exception(?: de| d| du| des)?| non (?:a|au|aux)| epargne\w*| oublie[zs]| laisse[zr]? tomber
| marre(?: de| d| du| des)?| ras le bol(?: de)?| hors de question(?: de)?| tout sauf| autre chose que?| plus (?:jamais|envie|question)(?: de)?| au lieu(?: de| d)?
| plutot que(?: de)?| du mal (?:a|avec)| nulle? en| mauvaise? en| rate en| pire(?: c est| cest)?| insupportable| tout mais pas| degoutee? (?:de|du|par)| eloignee? (?:de|du|des)| loin (?:de|du|des) (?:la |l |les )?(?:bureaux?|ordi\w*|ecrans?|bruit|gens|enfants|foule|monde)
"""
_LIKE = r"""
 aim\w+(?! pas)| j aime(?! pas)| ador\w+| kiff\w+| veu[xt](?! pas)| voudr\w+(?! pas)| prefer\w+| passionn\w+| passion(?! pas)| fane?| envie| plutot| reve\w*| oui| mon truc| mon delire
| j aime bien| trop bien| interesse(?! pas)| j ai (?:toujours|deja)| (?<!quand )(?<!que )(?<!si )(?<!parce que )(?:je|j) (?:fais|joue|suis|regarde|lis|dessine|cuisine|bouge|cherche|serais|pense|sais|m occupe|collectionne|pratique|reste|passe)
| il me faut| mieux| tant que| du moment| plus tard
"""
_TURN = r" mais| par contre| en revanche| sinon| alors| donc| car| parce que?| vu que| du coup| ensuite| apres| quand meme| meme si"


def _pattern(source: str) -> str:
    """The alternatives of `source`, which are separated by « | » outside brackets, without the spaces around them."""
    if source.count("(") != source.count(")"):
        raise ValueError("brackets must pair, escaped ones are written \\x29")
    parts, depth, current = [], 0, ""
    for char in source:
        depth += (char == "(") - (char == ")")
        if char == "|" and not depth:
            parts.append(current.strip())
            current = ""
        else:
            current += char
    parts.append(current.strip())
    return "|".join(part for part in parts if part)


_CUE = re.compile(
    r"(?<=\s)(?:"
    + "|".join(
        f"(?P<{name}>{_pattern(source)})"
        for name, source in (
            ("despite", _DESPITE), ("else", _ELSE), ("neutral", _NEUTRAL), ("back", _BACK), ("no", _NO), ("weak", _WEAKLY), ("forward", _FORWARD), ("like", _LIKE), ("turn", _TURN), ("than", _THAN),
        )
    )
    + r")(?=\s)"
)  # fmt: skip
_ANY_REFUSAL = re.compile(
    r"\b(?:pas|jamais|sauf|sans|ni|aucune?|detest\w*|hais|horreur|phob\w+|peur|allerg\w+|marre|ras le bol|hors|plus|lieu|mal|nulle?|"
    r"mauvaise?|pire|insupportable|degou\w+|degueu\w*|evit\w+|fui\w*|refuse|moins|bof|moyen|peu|merci|non|mort|chiant|relou|saoul\w*|soul\w*|"
    r"gonfl\w+|enerv\w+|ennu\w+|embet\w+|stress\w+|angoiss\w+|fatigu\w+|gave\w*|excepte|exception|hormis|part|niet|nan|nope|way|penible|gavant|barbant|epargn\\w*|oublie[zs]|tomber|plein|loin|autre|execre|berk|beurk|eloignee?|rate|meme|changer|prefer\w*|mieux)\b"
)
_ENDING = frozenset(("like", "turn", "forward", "weak", "back", "no"))
_STOPPING = frozenset(("turn", "back", "no", "forward", "weak"))
_PREFERENCES = ("prefer", "mieux")
_NOUN_STARTS = frozenset(("de", "d", "du", "des", "ni", "et", "ou", "le", "la", "les", "l", "un", "une"))
_ARTICLES = frozenset(("le", "la", "les", "l", "un", "une"))
_DE_STARTS = frozenset(("de", "d", "ni", "et", "ou", "des", "du"))


def polarities(tokens: Sequence[Token], topics: Collection[int]) -> tuple[list[float], frozenset[int]]:
    """How each token is meant: 1 liked (or said plainly), -1 refused, -0.5 half refused, 0 set aside.

    Also the tokens inside a phrase that refuses nothing (« pas timide »), where words that refuse by themselves do not.

    `topics` holds the indices of tokens that name something; a cue without a topic on its side looks the other way.
    """
    signs = [1.0] * len(tokens)
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    parts = [" "]
    size = 1
    for index, token in enumerate(tokens):
        starts[size] = index
        ends[size + len(token.norm)] = index + 1
        parts.append(token.norm + " ")
        size += len(token.norm) + 1
    line = "".join(parts)
    if not _ANY_REFUSAL.search(line):
        return signs, frozenset()
    shielded: set[int] = set()
    cues = [
        (match.lastgroup or "", starts[match.start()], ends[match.end()])
        for match in _CUE.finditer(line)
        if match.start() in starts and match.end() in ends
    ]
    following = [len(tokens)] * len(cues)  # where the next cue that ends a reach starts
    for number in range(len(cues) - 2, -1, -1):
        kind, start, _ = cues[number + 1]
        following[number] = start if kind in _ENDING else following[number + 1]
    earlier, liked = 0, -1  # ends of the last cues before
    for number, (kind, start, end) in enumerate(cues):
        if number:
            before, _, ended = cues[number - 1]
            earlier = ended if before in _STOPPING else earlier
            liked = ended if before == "like" else liked
        if kind == "neutral":
            shielded.update(range(start, end))
        elif kind == "despite":
            stop = next((i for i in range(end, len(tokens)) if tokens[i].is_break), len(tokens))
            signs[start:stop] = [0.0] * (stop - start)
        elif kind == "else":
            signs[:start] = [-1.0] * start
        if kind == "than" and not _compared(cues[:number], tokens, start, topics):
            continue
        if kind not in ("back", "no", "weak", "forward", "than"):
            continue
        later = following[number]
        forward = _forward_reach(tokens, end, later, topics)
        listed = kind == "no" and tokens[start].norm == "tout"
        backward = _backward_reach(tokens, start, earlier, liked, topics, listed)
        ahead = [i for i in forward if i in topics]
        behind = [i for i in backward if i in topics]
        reach: Sequence[int]
        if kind == "no":
            reach = backward
        elif kind == "than":
            reach = forward
        elif kind == "back" or (kind == "weak" and not ahead):
            reach = backward if behind else forward
        else:
            bare = all(tokens[i].norm in ("pas", "sans", "ni", "aucun", "aucune", "jamais") for i in range(start, end))
            reach = forward if ahead or bare or not behind else backward
        for index in reach:
            signs[index] = -0.5 if kind == "weak" else -1.0
    return signs, frozenset(shielded)


def _forward_reach(tokens: Sequence[Token], end: int, later: int, topics: Collection[int]) -> range:
    """Indices a forward cue governs: up to a break, a turn or the next cue; past a comma only along a list."""
    introduced_by_de = tokens[end - 1].norm in ("de", "d") or (end < len(tokens) and tokens[end].norm in ("de", "d"))
    starters = _DE_STARTS if introduced_by_de else _NOUN_STARTS
    index = end
    colon = index < later and tokens[index].norm == ":"  # « ce qui me plaît pas : le ménage, repasser »
    while index < later:
        token = tokens[index]
        if token.is_strong_break:
            break
        if token.is_weak_break and not colon:
            named = any(tokens[i].norm in _ARTICLES for i in range(end, index))  # « de faire la couture, les bébés »
            goes_on = index + 1 < later and tokens[index + 1].norm in (_NOUN_STARTS if named else starters)
            if not goes_on or not any(i in topics for i in range(end, index)):
                break
        index += 1
    return range(end, index)


def _compared(
    before: Sequence[tuple[str, int, int]], tokens: Sequence[Token], start: int, topics: Collection[int]
) -> bool:
    """Whether « que » at ``start`` compares (« je préfère les gens que les écrans »): a preference, then a topic."""
    end = max((e for kind, s, e in before if kind == "like" and tokens[s].norm[:6] in _PREFERENCES), default=-1)
    between = range(end, start)
    return end >= 0 and any(i in topics for i in between) and not any(tokens[i].is_strong_break for i in between)


def _backward_reach(
    tokens: Sequence[Token], start: int, earlier: int, liked: int, topics: Collection[int], listed: bool = False
) -> range:
    """Indices a backward cue governs: its own chunk, or the chunk before when its own names nothing; every chunk of a
    list that « tout ça » sums up."""
    floor = start
    crossed = False
    while floor > earlier:
        token = tokens[floor - 1]
        if token.is_strong_break and not (token.norm in "…(?" and not any(i in topics for i in range(floor, start))):
            break
        if token.is_weak_break:
            if not listed and (crossed or any(i in topics for i in range(floor, start))):
                break
            crossed = True
        floor -= 1
    if liked > floor:  # « j'aime la nature les maths bof »: only the nearest topic is meant
        named = [i for i in range(liked, start) if i in topics]
        if not named:
            return range(start, start)
        floor = named[-1]
        while floor - 1 in topics and floor - 1 >= liked and tokens[floor - 1].start == tokens[floor].start:
            floor -= 1
    return range(floor, start)
