"""What needs a school unit or an authority: answers, rounds, runs and weeks not yet booked."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Organisation
from core.permissions import Actor
from core.ui import tag_for
from core.weeks import range_label, school_year, today
from dashboards.selectors.today.tasks import Due
from placements.enums import PlacementStatus, RoundPhase, RunStatus
from placements.models import AllocationRun, Placement
from placements.selectors.losses import Loss, losses
from placements.selectors.placements import declined_waiting
from placements.selectors.rounds import (
    RoundRow,
    bookable_periods,
    class_labels,
    first_periods,
    moment,
    round_rows,
    rounds_of,
)
from schools.models import SchoolClass
from schools.selectors.classes import class_rows, classes_without_weeks, found_classes

LATER = timedelta(days=14)
NAMED = 4


def school_tasks(actor: Actor, organisation: Organisation) -> Iterator[Due]:
    """Yield what needs the school or the authority. The queries do not grow with the number of rows."""
    rows = round_rows(rounds_of(organisation), timezone.now())
    repaired = list(losses(organisation)) if actor.can("placements.run_allocation") else []
    yield from (_lost(organisation, found) for found in repaired)
    if actor.can("placements.place_learner"):
        yield from _declined(organisation, {each.period_id for found in repaired for each in found.lost})
    if actor.can("placements.run_allocation"):
        yield from _rounds(organisation, rows)
    yield from _unanswered(organisation, rows)
    if actor.can("placements.open_round"):
        yield from _without_round(organisation)
    if actor.can("schools.book_weeks"):
        yield from _without_weeks(organisation)


def _url(name: str, organisation: Organisation, **ids: object) -> str:
    return reverse(name, kwargs={"org": organisation.slug, **ids})


def _lost(organisation: Organisation, found: Loss) -> Due:
    """For those who may run the round: all that was lost in it, mended at once."""
    title = f"{found.round.title}: {found.heading[:1].lower()}{found.heading[1:]}"
    url = _url("placements:repair_detail", organisation, round_id=found.round.pk)
    return Due(today(), title, _("Reparera"), url, found.causes, tag_for("unplaced"))


def _declined(organisation: Organisation, repaired: set[UUID]) -> Iterator[Due]:
    """For those who place by hand: each workplace that said no, in classes that nobody here can repair."""
    for each in declined_waiting(organisation):
        if each.period_id in repaired:
            continue
        number = len(each.learners)
        title = ngettext(
            "%(employer)s tackade nej till en elev", "%(employer)s tackade nej till %(number)d elever", number
        ) % {"employer": each.employer_name, "number": number}
        names = ", ".join(name for _pk, name in each.learners)
        why = _("Gäller %(names)s i %(label)s, %(weeks)s.") % {
            "names": names,
            "label": each.class_name,
            "weeks": range_label(each.weeks),
        }
        learner_id = each.learners[0][0]
        url = (
            _url("placements:place_choose", organisation, period_id=each.period_id, learner_id=learner_id)
            if number == 1
            else _url("placements:result_class", organisation, period_id=each.period_id)
        )
        yield Due(today(), title, _("Välj ny plats"), url, why, tag_for("denied"))


@dataclass(frozen=True, slots=True)
class _Draft:
    """A run that waits to be published."""

    run_id: UUID
    number: int
    status: str
    placed: int
    learners: int


def _rounds(organisation: Organisation, rows: list[RoundRow]) -> Iterator[Due]:
    drafts = _drafts(rows)
    for row in rows:
        if row.phase == RoundPhase.CHOOSING and row.submitted < row.learners:
            yield _choosing(organisation, row)
        elif row.phase == RoundPhase.CLOSED:
            yield _closed(organisation, row, drafts.get(row.round.pk))


def _choosing(organisation: Organisation, row: RoundRow) -> Due:
    missing = row.learners - row.submitted
    title = _("%(labels)s väljer: %(submitted)d av %(learners)d har skickat in") % {
        "labels": row.labels,
        "submitted": row.submitted,
        "learners": row.learners,
    }
    started = ngettext("En elev har inte börjat.", "%(n)d elever har inte börjat.", row.not_started)
    why = (started % {"n": row.not_started} + " ") if row.not_started else ""
    why += _("Valet stänger %(when)s.") % {"when": moment(row.round.close_at)}
    action = ngettext("Påminn en elev", "Påminn %(n)d elever", missing) % {"n": missing}
    url = _url("placements:round_detail", organisation, round_id=row.round.pk)
    return Due(timezone.localdate(row.round.close_at), title, action, url, why, tag_for("open_for_choice"))


def _closed(organisation: Organisation, row: RoundRow, draft: _Draft | None) -> Due:
    if draft is None:
        why = _("%(submitted)d av %(learners)d har skickat in sina val.") % {
            "submitted": row.submitted,
            "learners": row.learners,
        }
        title = _("%(title)s: valet har stängt") % {"title": row.round.title}
        url = _url("placements:run_index", organisation)
        return Due(today(), title, _("Fördela platserna"), url, why, tag_for("choice_closed"))
    title = _("%(title)s: %(placed)s av %(asked)s har fått plats") % {
        "title": row.round.title,
        "placed": draft.placed,
        "asked": draft.learners,
    }
    why = _("Fördelning %(number)d är klar men inte publicerad. Eleverna ser inget ännu.") % {"number": draft.number}
    url = _url("placements:run_detail", organisation, run_id=draft.run_id)
    act = _("Granska fördelningen") if draft.status == RunStatus.DRAFT else _("Publicera fördelningen")
    return Due(today(), title, act, url, why, tag_for("awaiting_you"))


def _drafts(rows: list[RoundRow]) -> dict[UUID, _Draft]:
    """The latest real run of each round that waits to be published."""
    runs = AllocationRun.objects.filter(
        round__in=[row.round.pk for row in rows], status__in=(RunStatus.DRAFT, RunStatus.REVIEWED), is_trial=False
    ).order_by("number")
    # Two numbers of each summary: the whole of a large one tells of every class.
    found = runs.values_list("round_id", "pk", "number", "status", "summary__placed", "summary__learners")
    return {round_id: _Draft(*columns) for round_id, *columns in found}


def _unanswered(organisation: Organisation, rows: list[RoundRow]) -> Iterator[Due]:
    confirming = [row for row in rows if row.phase == RoundPhase.CONFIRMING]
    waiting = Counter[object]()
    for each in (
        Placement.objects.filter(round__in=[row.round.pk for row in confirming], status=PlacementStatus.RESERVED)
        .values("round_id")
        .annotate(employers=Count("employer_id", distinct=True))
    ):
        waiting[each["round_id"]] = each["employers"]
    first = first_periods([row.round.pk for row in confirming])
    for row in confirming:
        number = waiting[row.round.pk]
        if not number:
            continue
        title = ngettext(
            "%(title)s: en arbetsplats har inte svarat", "%(title)s: %(n)d arbetsplatser har inte svarat", number
        ) % {"title": row.round.title, "n": number}
        why = _("De har fått ett mejl med en länk. Svaret ska komma senast %(day)s.") % {
            "day": date_format(row.round.confirm_on, "j F")
        }
        url = _url("placements:result_class", organisation, period_id=first[row.round.pk])
        yield Due(row.round.confirm_on, title, _("Se vilka"), url, why, tag_for("awaiting_reply"))


def _without_round(organisation: Organisation) -> Iterator[Due]:
    found = [each for each in bookable_periods(organisation) if each.weeks and min(each.weeks) > today()]
    if not found:
        return
    labels = class_labels([each.period.label for each in found], len({each.period.school_unit_id for each in found}))
    first = min(min(each.weeks) for each in found)
    why = _("Öppna valet minst sex veckor före start, så hinner arbetsplatserna svara.")
    title = _("%(labels)s har veckor men inget val") % {"labels": labels}
    url = _url("placements:round_open", organisation)
    yield Due(max(today(), first - timedelta(weeks=7)), title, _("Öppna ett val"), url, why, tag_for("planned"))


def _without_weeks(organisation: Organisation) -> Iterator[Due]:
    day = today()
    found = classes_without_weeks(organisation, school_year=school_year(day))
    if not found:
        return
    title = ngettext("%(labels)s har inga veckor bokade", "%(labels)s har inga veckor bokade", len(found))
    why = _("I veckomatrisen ser du var regionen har gott om plats.")
    url = _url("schools:week_matrix", organisation)
    yield Due(day + LATER, title % {"labels": _few(found)}, _("Öppna veckor"), url, why, tag_for("planned"))


def _few(classes: Sequence[SchoolClass]) -> str:
    schools = len({each.school_unit_id for each in classes})
    if schools > 1 and len(classes) > NAMED:
        return class_labels([each.name for each in classes], schools)
    names = ", ".join(each.name for each in classes[:NAMED])
    return names + (_(" och %(n)d till") % {"n": len(classes) - NAMED} if len(classes) > NAMED else "")


def class_overview(organisation: Organisation, day: date) -> list[tuple[str, str, str]]:
    """Return (class, weeks, status key) of this school year's classes that have weeks or learners."""
    rows = class_rows(found_classes(organisation, school_year=school_year(day)), today=day)
    return [(row.school_class.name, range_label(row.weeks), row.status) for row in rows if row.learners]
