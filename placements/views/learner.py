"""The learner's weeks and place, and what all the learner's pages share."""

from dataclasses import dataclass, replace
from datetime import datetime
from textwrap import wrap
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import learner_view
from accounts.context import frame
from core.weeks import week_days, week_label
from placements.allocation import seed_commitment
from placements.enums import LIVE, PlacementStatus, RoundPhase
from placements.explaining import headline
from placements.phases import LEARNER_STEPS, PHASE_TAGS, phase_planks
from placements.selectors.choices import (
    Outcome,
    Season,
    draw_check,
    learner_of,
    most_urgent,
    outcome_of,
    seasons_of,
    wishes_of,
)
from placements.selectors.placements import TAGS as PLACEMENT_TAGS
from placements.selectors.rounds import moment
from schools.models import Learner

WITH_RESULT = (RoundPhase.CONFIRMING, RoundPhase.STARTED, RoundPhase.FINISHED)


@dataclass(frozen=True, slots=True)
class Visit:
    """Who looks, at which round."""

    learner: Learner
    season: Season | None


def signed_in_learner(request: HttpRequest) -> Learner:
    """Return the learner who looks; one taken out of the class while signed in meets 404."""
    try:
        return learner_of(request.actor.learner_id)
    except Learner.DoesNotExist:
        raise Http404 from None


def visit_of(request: HttpRequest) -> Visit:
    learner = signed_in_learner(request)
    return Visit(learner, most_urgent(seasons_of(learner, timezone.now())))


def learner_page(
    request: HttpRequest,
    template: str,
    name: str,
    season: Season | None,
    saved_at: datetime | None = None,
    **context: Any,
) -> HttpResponse:
    kind = season.round.get_kind_display() if season else ""
    subtitle = f"{kind[:1].upper()}{kind[1:]} {season.week_label}" if season else ""
    shown = replace(frame(request)["frame"], page_name=name, subtitle=subtitle, saved_text=_saved(saved_at))
    status = context.pop("status", 200)
    return render(request, template, {**context, "season": season, "frame": shown}, status=status)


def _saved(saved_at: datetime | None) -> str:
    return _("Sparat %(time)s") % {"time": f"{timezone.localtime(saved_at):%H.%M}"} if saved_at else ""


def demand_text(applicants: int, seats: int) -> str:
    """Return "14 söker, 2 platser"."""
    text = ngettext("%(applicants)d söker, %(seats)d plats", "%(applicants)d söker, %(seats)d platser", seats)
    return text % {"applicants": applicants, "seats": seats}


@learner_view
def learner_weeks(request: HttpRequest) -> HttpResponse:
    learner = signed_in_learner(request)
    seasons = seasons_of(learner, timezone.now())
    season = most_urgent(seasons)
    heading, lead, act = _now(season, learner)
    return learner_page(
        request,
        "placements/learner_weeks.html",
        _("Veckor"),
        season,
        heading=heading,
        lead=lead,
        act=act,
        timeline=[_timeline(found) for found in seasons if found.phase != RoundPhase.FINISHED],
        commitment=wrap(seed_commitment(season.round.seed), 8) if season else [],
        learner=learner,
        school=learner.school_unit,
    )


def _timeline(season: Season) -> dict[str, Any]:
    """One round on the learner's calendar: its phases, its weeks and its dates."""
    found = season.round
    return {
        "title": found.title,
        "tag": PHASE_TAGS[season.phase],
        "label": season.phase.label,
        "phases": phase_planks(season.phase, LEARNER_STEPS),
        "weeks": [(week_label(week), week_days(week)) for week in season.weeks],
        "dates": [(_("Valet öppnar"), moment(found.choose_at)), (_("Valet stänger"), moment(found.close_at))],
    }


def _now(season: Season | None, learner: Learner) -> tuple[str, str, tuple[str, str] | None]:
    """Say what to do now: a heading, a sentence, and the one act with its address."""
    if season is None:
        text = _("Här syns dina veckor när skolan har öppnat en omgång för %(name)s.")
        return _("Inga veckor än"), text % {"name": learner.school_class.name}, None
    found, look = season.round, (_("Titta på platserna"), reverse("placements:learner_browse"))
    if season.phase == RoundPhase.PLANNED:
        return _("Platserna visas %(when)s") % {"when": moment(found.view_at)}, "", None
    if season.phase == RoundPhase.VIEWING:
        return _("Titta på platserna nu"), _("Valet öppnar %(when)s.") % {"when": moment(found.choose_at)}, look
    if season.phase == RoundPhase.CHOOSING:
        return _choosing_now(season, learner)
    if season.phase == RoundPhase.CLOSED:
        return _("Valet har stängt"), _waiting(season), (_("Se mina val"), reverse("placements:learner_choices"))
    return *_result(outcome_of(season, learner.pk, timezone.now())), (
        _("Se min plats"),
        reverse("placements:learner_placement"),
    )


def _choosing_now(season: Season, learner: Learner) -> tuple[str, str, tuple[str, str]]:
    found, wishes = season.round, wishes_of(season.round, learner.pk)
    when = {"when": moment(found.close_at), "count": found.min_choices}
    mine = reverse("placements:learner_choices")
    if wishes.submitted_at:
        lead = _("Du kan ändra till %(when)s.") % when
        return _("Dina val är inskickade"), lead, (_("Se mina val"), mine)
    if len(wishes.choices) >= found.min_choices:
        lead = _("Du har sparat %(count)d val. Skicka in dem senast %(when)s, så vet skolan att du är klar.")
        words = {**when, "count": len(wishes.choices)}
        return _("Skicka in dina val"), lead % words, (_("Gå till mina val"), mine)
    lead = _("Valet stänger %(when)s. Du kan ändra dig till dess.") % when
    return _("Välj minst %(count)d platser") % when, lead, (_("Välj platser"), reverse("placements:learner_browse"))


def _waiting(season: Season) -> str:
    day = date_format(season.round.confirm_on, "l j F")
    return _("Nu fördelas platserna. Du får besked här före %(day)s.") % {"day": day}


# What a status means to the one who shall go there, where the school's word for it would not say.
MEANINGS: dict[str, Any] = {PlacementStatus.RESERVED: gettext_lazy("Väntar på arbetsplatsens svar")}


@learner_view
def learner_placement(request: HttpRequest) -> HttpResponse:
    visit = visit_of(request)
    season = visit.season
    if season is None or season.phase not in WITH_RESULT:
        heading = _("Du har ingen plats än")
        lead = _("Här står din plats när platserna är fördelade.")
        if season:
            lead = _waiting(season) if season.phase == RoundPhase.CLOSED else lead
        return learner_page(
            request,
            "placements/learner_placement.html",
            _("Min plats"),
            season,
            heading=heading,
            lead=lead,
            waiting=_timeline(season) if season else None,
        )
    got = outcome_of(season, visit.learner.pk, timezone.now())
    heading, lead = _result(got)
    live = got.placement if got.placement and got.placement.status in LIVE else None
    return learner_page(
        request,
        "placements/learner_placement.html",
        _("Min plats"),
        season,
        heading=heading,
        lead=lead,
        placement=live,
        slot=live.slot if live else None,
        phone=live.slot.supervisor_phone if live else "",
        tag=PLACEMENT_TAGS[live.status] if live else "",
        meaning=MEANINGS.get(live.status, live.get_status_display()) if live else "",
        sentences=got.why,
        answered=bool(live and live.status != PlacementStatus.RESERVED),
        school=visit.learner.school_unit,
        waiting=_timeline(season) if got.assignment is None and got.placement is None else None,
        draw=draw_check(got.assignment.run) if got.assignment else None,
    )


def _result(got: Outcome) -> tuple[str, str]:
    """Return what the learner got, and what happens next."""
    assignment, placement = got.assignment, got.placement
    if placement and placement.status in LIVE:
        lead = "" if placement.rank else _("Skolan har valt platsen åt dig.")
        return headline(placement.slot.workplace.name, placement.rank), lead
    if got.shown_at and (placement or not assignment or not assignment.slot):
        lead = _("Då står här vilken plats du får, vilket av dina val det blev och varför.")
        return _("Resultatet visas %(when)s") % {"when": _hour(got.shown_at)}, lead
    if placement:
        lead = _("%(place)s kan inte ta emot dig. Skolan väljer en ny plats åt dig och hör av sig.")
        return _("Du får en annan plats"), lead % {"place": placement.slot.workplace.name}
    if assignment and assignment.slot:
        return headline(assignment.slot.workplace.name, assignment.rank), ""
    return headline(None, None), _("Skolan letar bland platserna som är kvar och hör av sig.")


def _hour(at: datetime) -> str:
    """Return "den 3 februari kl. 8.00"."""
    return date_format(timezone.localtime(at), _("\\d\\e\\n j F \\k\\l. G.i"))
