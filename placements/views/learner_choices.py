"""The learner's wishes: in order, moved, taken away, sent in."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import learner_view
from core.errors import DomainError
from core.ui import RankItem, receipt
from core.weeks import today
from employers.models import Slot
from placements.eligibility import reasons_against
from placements.enums import RoundPhase
from placements.selectors.browse import (
    applicants_by_slot,
    free_by_week,
    seats_left,
    slot_meta,
    slot_name,
)
from placements.selectors.choices import Season, Wishes, wishes_of
from placements.selectors.placements import facts_of
from placements.selectors.rounds import moment
from placements.services.choices import add_choice, move_choice, remove_choice, submit_choices
from placements.views.learner import Visit, demand_text, learner_page, visit_of
from schools.models import Learner


@learner_view
def learner_choices(request: HttpRequest) -> HttpResponse:
    visit = visit_of(request)
    if request.method != "POST" or visit.season is None:
        return _choices_page(request, visit)
    try:
        changed, moved = _apply(request, visit.season)
    except DomainError as refused:
        return _refused(request, visit, refused)
    if request.htmx and moved:
        return _choices_page(request, visit, moved=changed)
    return _to_choices(request, changed if moved else None)


def _apply(request: HttpRequest, season: Season) -> tuple[UUID | None, bool]:
    """Carry out one step. Returns the slot it concerned, and whether it was a move."""
    for step in ("add", "drop", "up", "down"):
        if step in request.POST:
            slot = get_object_or_404(Slot, pk=_uuid(request.POST[step]))
            found, actor = season.round, request.actor
            if step == "add":
                add_choice(round=found, slot=slot, actor=actor)
                messages.success(request, _("%(place)s ligger sist bland dina val.") % {"place": slot_name(slot)})
            elif step == "drop":
                remove_choice(round=found, slot=slot, actor=actor)
            elif step == "up":
                move_choice(round=found, slot=slot, direction="up", actor=actor)
            else:
                move_choice(round=found, slot=slot, direction="down", actor=actor)
            return slot.pk, step in ("up", "down")
    return None, False


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _to_choices(request: HttpRequest, moved: UUID | None = None) -> HttpResponse:
    url = reverse("placements:learner_choices") + (f"?flyttad={moved}" if moved else "")
    return HttpResponse(headers={"HX-Redirect": url}) if request.htmx else redirect(url)


def _refused(request: HttpRequest, visit: Visit, refused: DomainError) -> HttpResponse:
    if request.htmx:
        messages.error(request, str(refused.message))
        return _to_choices(request)
    return _choices_page(request, visit, error=str(refused.message), status=422)


@learner_view
@require_POST
def learner_submit(request: HttpRequest) -> HttpResponse:
    visit = visit_of(request)
    if visit.season is None:
        return redirect("placements:learner_choices")
    try:
        submit_choices(round=visit.season.round, actor=request.actor)
    except DomainError as refused:
        return _refused(request, visit, refused)
    when = {"when": moment(visit.season.round.close_at)}
    receipt(request, _("Dina val är inskickade. Du kan ändra till %(when)s.") % when)
    return redirect("placements:learner_choices")


def _choices_page(
    request: HttpRequest, visit: Visit, *, moved: UUID | None = None, error: str = "", status: int = 200
) -> HttpResponse:
    season = visit.season
    wishes = wishes_of(season.round, visit.learner.pk) if season else Wishes(())
    moved = moved or _uuid(request.GET.get("flyttad", ""))
    heading, lead = _enough(season, wishes) if season else (_("Du kan inte välja än"), "")
    return learner_page(
        request,
        "placements/choice_ranking.html" if request.htmx else "placements/learner_choices.html",
        _("Mina val"),
        season,
        wishes.saved_at,
        heading=heading,
        lead=lead,
        items=_rank_items(visit.learner, season, wishes, moved) if season else [],
        wishes=wishes,
        choosing=bool(season and season.is_choosing),
        enough=bool(season and len(wishes.choices) >= season.round.min_choices),
        full=bool(season and len(wishes.choices) >= season.round.max_choices),
        error=error,
        form_errors=bool(error),
        status=status,
    )


def _enough(season: Season, wishes: Wishes) -> tuple[str, str]:
    """Say whether it is enough to send in, and until when it can be changed."""
    found, count = season.round, len(wishes.choices)
    words = {"count": count, "missing": found.min_choices - count, "least": found.min_choices}
    if season.phase in (RoundPhase.PLANNED, RoundPhase.VIEWING):
        return _("Valet öppnar %(when)s") % {"when": moment(found.choose_at)}, ""
    if not season.is_choosing:
        lead = _("Valet stängde %(when)s. Så här såg dina val ut.") % {"when": moment(found.close_at)}
        return _("Valet har stängt"), lead if count else _("Du valde inga platser. Skolan väljer en plats åt dig.")
    until = _("Du kan ändra till %(when)s.") % {"when": moment(found.close_at)}
    if wishes.submitted_at:
        return _("Dina %(count)d val är inskickade") % words, until
    if not count:
        return _("Du har inga val än, välj minst %(least)d") % words, until
    if count < found.min_choices:
        return _("Du har %(count)d val, %(missing)d till behövs") % words, until
    more = _("Fler val ger större chans.") + " " if count < found.max_choices else ""
    return _("Du har %(count)d val, nog för att skicka in") % words, more + until


def _rank_items(learner: Learner, season: Season, wishes: Wishes, moved: UUID | None) -> list[RankItem]:
    slots = [choice.slot for choice in wishes.choices]
    free = free_by_week(slots, season.weeks)
    applicants = applicants_by_slot([slot.pk for slot in slots], season.weeks, region_id=learner.region_id)
    facts = facts_of(learner, kind=season.round.kind, period=season.period)
    items = []
    for slot in slots:
        reasons = reasons_against(facts=facts, slot=slot, weeks=season.weeks, today=today(), free=free)
        items.append(
            RankItem(
                id=str(slot.pk),
                name=slot_name(slot),
                meta=slot_meta(slot),
                detail=demand_text(applicants.get(slot.pk, 0), seats_left(free, slot.pk, season.weeks)),
                url=reverse("placements:learner_slot", args=[slot.pk]),
                moved=slot.pk == moved,
                locked=_("Kan inte fås längre: %(why)s.") % {"why": reasons[0].clause}
                if reasons and season.is_choosing
                else "",
            )
        )
    return items
