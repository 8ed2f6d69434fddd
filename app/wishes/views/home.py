"""The student's home: where one stands on the path, and the one next thing to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.access.endpoints import requires
from app.access.policy import Permission
from app.campaigns.states import Phase
from app.kernel.geography import road_km
from app.offers.models import Slot
from app.web.wording import day, distance
from app.wishes import answers, outcome, queries
from app.wishes.models import InterestProfile, WishList, WishListState
from app.wishes.views.blueprint import Desk, bp, desk


@dataclass(frozen=True, slots=True)
class NextThing:
    """The one thing to do now; `url` is None when there is only to wait."""

    title: str
    text: str
    label: str = ""
    url: str | None = None


@bp.get("/mon-espace")
@requires(Permission.WISH_EDIT)
def home() -> ResponseReturnValue:
    here = desk(None)
    profile = queries.profile_of(here.student.id)
    wish_list = queries.wish_list_of(here.student.id)
    slot = outcome.of([here.student.id]).get(here.student.id)
    steps, reached = path(here, profile, wish_list, slot)
    return here.page(
        "wishes/home.html",
        profile=profile,
        wish_list=wish_list,
        slot=slot,
        steps=steps,
        reached=reached,
        next_thing=next_thing(here, profile, wish_list, slot),
        way=_way(here, profile, slot) if slot else None,
        answers=_answers(here, profile, wish_list, slot),
    )


_ANSWERED = frozenset({Phase.PUBLISHED, Phase.UNDER_WAY, Phase.CLOSED})


def _answers(
    here: Desk, profile: InterestProfile | None, wish_list: WishList | None, slot: Slot | None
) -> list[answers.WishAnswer]:
    """What became of each wish; nothing before publication."""
    if here.campaign.phase not in _ANSWERED or wish_list is None:
        return []
    commune = profile.commune if profile is not None else None
    school_class = here.student.school_class
    return answers.of(
        wish_list,
        slot,
        profile,
        commune.point if commune is not None else school_class.school.point,
        queries.weeks_of(here.student),
        school_class.level,
        queries.demand([wish.offer_id for wish in wish_list.wishes]),
    )


def _way(here: Desk, profile: InterestProfile | None, slot: Slot) -> str:
    """How far the place is and how long it takes, from home or else from school."""
    if not slot.offer.site.is_located:
        return _("Hors du territoire : la distance n’est pas connue.")
    if profile is not None and profile.commune is not None:
        mode = profile.travel_mode
        return _(
            "De chez toi : %(distance)s", distance=distance(road_km(profile.commune.point, slot.offer.site.point), mode)
        )
    km = road_km(here.student.school_class.school.point, slot.offer.site.point)
    return _("Du collège : %(distance)s", distance=distance(km))


def path(
    here: Desk, profile: InterestProfile | None, wish_list: WishList | None, slot: Slot | None
) -> tuple[list[dict[str, Any]], int]:
    """The five steps of the road with their states, and how many are done."""
    wishes = len(wish_list.wishes) if wish_list else 0
    phase = here.campaign.phase
    done = [
        profile is not None and not profile.is_empty,
        wishes > 0,
        wishes > 0 and wish_list is not None and wish_list.state is WishListState.SUBMITTED,
        slot is not None,
        slot is not None and phase is Phase.CLOSED,
    ]
    labels = [_("Mes envies"), _("Les offres"), _("Mes vœux"), _("La réponse"), _("Le stage")]
    urls = [here.url("interests"), here.url("offers"), here.url("wish_list"), None, None]
    waiting = phase in {Phase.DECISIONS, Phase.PUBLISHED, Phase.UNDER_WAY, Phase.CLOSED}
    first_open = next((i for i, is_done in enumerate(done) if not is_done and not (waiting and i < 3)), None)
    steps = [
        {
            "label": label,
            "url": url,
            "state": "done" if is_done else "current" if i == first_open else "todo",
        }
        for i, (label, url, is_done) in enumerate(zip(labels, urls, done, strict=True))
    ]
    reached = 0
    while reached < len(done) and done[reached]:
        reached += 1
    return steps, reached


def next_thing(here: Desk, profile: InterestProfile | None, wish_list: WishList | None, slot: Slot | None) -> NextThing:
    campaign = here.campaign
    wishes = len(wish_list.wishes) if wish_list else 0
    if slot is not None:
        return NextThing(_("Ta place t’attend"), _("Montre cette page à ta famille et imprime ta feuille."))
    if campaign.phase in {Phase.PUBLISHED, Phase.UNDER_WAY, Phase.CLOSED}:
        return NextThing(
            _("Pas encore de place pour toi"),
            _("Ce n’est pas ta faute : il manquait des places. Parle à ton professeur, la coordination cherche."),
        )
    if campaign.phase is Phase.DECISIONS or (campaign.phase is Phase.WISHES and not here.wishes_open):
        return NextThing(
            _("À toi d’attendre un peu"),
            _("La coordination lit les vœux de tout le monde. Réponse prévue %(day)s.", day=day(campaign.publish_on)),
        )
    if profile is None or profile.is_empty:
        return NextThing(
            _("Dis-nous ce que tu aimes"),
            _("Deux minutes, des images à toucher et quelques mots à toi. Les offres seront rangées pour toi."),
            _("Dire mes envies"),
            here.url("interests"),
        )
    if campaign.phase is Phase.COLLECTING:
        opening = day(campaign.wishes_open_on)
        return NextThing(
            _("Les offres arrivent"),
            _("Tu pourras les lire et choisir %(day)s. D’ici là, complète tes envies.", day=opening),
            _("Relire mes envies"),
            here.url("interests"),
        )
    closing, answer = day(campaign.wishes_close_on), day(campaign.publish_on)
    if not wishes:
        return NextThing(
            _("Choisis tes offres"),
            _("Lis les offres rangées pour toi et garde celles qui te plaisent, jusqu’au %(day)s.", day=closing),
            _("Voir les offres"),
            here.url("offers"),
        )
    if wish_list is not None and wish_list.state is WishListState.DRAFT:
        return NextThing(
            _("Envoie tes vœux"),
            ngettext(
                "Tu as %(num)s vœu. Envoie-le avant la fin du %(day)s.",
                "Tu as %(num)s vœux. Range-les et envoie-les avant la fin du %(day)s.",
                wishes,
                day=closing,
            ),
            _("Ranger et envoyer mes vœux"),
            here.url("wish_list"),
        )
    return NextThing(
        _("C’est envoyé"),
        _("Tu peux changer d’avis jusqu’au %(day)s. Réponse prévue %(answer)s.", day=closing, answer=answer),
        _("Revoir mes vœux"),
        here.url("wish_list"),
    )
