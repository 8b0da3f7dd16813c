"""What somebody must look at before a run is published: each warning is accepted by itself, with its count.

Counted in the database and only there: a run may hold a whole country's learners.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.tenancy.scopes import require_scope
from core.ui import Text
from core.weeks import and_list, today
from employers.enums import SlotStatus
from employers.models import Slot, SlotWeek, WorkplaceWeek
from employers.selectors.quotas import reserved_for_others
from placements.eligibility import RISK_ASSESSMENT_HOLDS
from placements.enums import RunPurpose
from placements.models import AllocationRun, Assignment, Placement, TravelModel
from schools.models import PeriodWeek

NAMED = 3
WITHDRAWN = "withdrawn"
# What can be accepted, in the order shown: each code is also the name of a filter in the list of results.
HEADINGS: Mapping[str, Text] = {
    "unplaced": gettext_lazy("Elever utan plats"),
    "far": gettext_lazy("Lång resa"),
    "risk_assessment": gettext_lazy("Aktuell riskbedömning saknas"),
    "supervisor": gettext_lazy("Handledare saknas"),
}
ACTS: Mapping[str, Text] = {
    "unplaced": gettext_lazy("De får veta att skolan söker vidare. Kör andra omgången eller placera för hand."),
    "far": gettext_lazy("Kontrollera att resan går att göra, eller lås en närmare plats."),
    "risk_assessment": gettext_lazy("Be arbetsplatsen om den före start."),
    "supervisor": gettext_lazy("Be arbetsplatsen fylla i namn och telefon."),
    WITHDRAWN: gettext_lazy("Kör fördelningen igen, så fördelas de platser som finns."),
}


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who accepted a warning, when, and how many learners it was about then."""

    by: str
    at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class RunWarning:
    """One warning. `accepted` is None until somebody accepts it, and again when its count has changed since."""

    code: str
    heading: str
    text: str
    act: Text
    count: int
    accepted: Acceptance | None = None
    lapsed: bool = False

    @property
    def acceptable(self) -> bool:
        """Tell whether a person may accept it: places that are gone cannot be had."""
        return self.code != WITHDRAWN

    @property
    def open(self) -> bool:
        """Tell whether it stands in the way."""
        return self.accepted is None


def warnings_of(run: AllocationRun) -> list[RunWarning]:
    """Return what must be looked at before the run (its round joined) is published, what stops it wholly first."""
    gone, learners = _withdrawn(run)
    found = [_warning(run, WITHDRAWN, learners, gone)] if gone else []
    conditions = _conditions(run)
    placed = Assignment.objects.filter(run=run)
    counts = placed.aggregate(**{code: Count("pk", filter=holds) for code, holds in conditions.items()})
    for code, holds in conditions.items():
        if counts[code]:
            titles = [] if code == "unplaced" else _most(placed.filter(holds))
            found.append(_warning(run, code, counts[code], titles))
    return found


def refused_by_warnings(run: AllocationRun) -> str:
    """Return which warnings nobody has accepted, as a sentence; empty when none stands in the way."""
    waiting = [warning for warning in warnings_of(run) if warning.open]
    if gone := next((warning for warning in waiting if not warning.acceptable), None):
        return f"{gone.heading}: {gone.text}. {gone.act}"
    if not waiting:
        return ""
    return _("Godta varningarna först: %(named)s.") % {"named": and_list([warning.heading for warning in waiting])}


def condition_of(run: AllocationRun, code: str) -> Q | None:
    """Return which of the run's rows a warning is about; None for a code that is none."""
    return _conditions(run).get(code)


def far_minutes(run: AllocationRun) -> int:
    """Return from how many minutes the run's region calls a journey long."""
    found = TravelModel.objects.filter(region=run.region_id).values_list("far_minutes", flat=True).first()
    return int(TravelModel._meta.get_field("far_minutes").default if found is None else found)


def _conditions(run: AllocationRun) -> dict[str, Q]:
    placed = Q(slot__isnull=False)
    return {
        "unplaced": Q(slot=None),
        "far": placed & Q(travel_minutes__gte=far_minutes(run)),
        "risk_assessment": placed & _unsafe(run),
        "supervisor": placed & Q(slot__supervisor_name=""),
    }


def _unsafe(run: AllocationRun) -> Q:
    """As the rule `risk_assessment` of placements.eligibility says, for many at once."""
    first = PeriodWeek.objects.filter(period=OuterRef("period")).order_by("week_on").values("week_on")[:1]
    in_round = PeriodWeek.objects.filter(period__round_periods__round=run.round_id)
    latest = in_round.aggregate(day=Max("week_on"))["day"]
    missing = Q(slot__workplace__risk_assessed_on=None)
    if latest is None:
        return missing
    # The first condition is cheap and true of few; only those few look up their own first week.
    old = Q(slot__workplace__risk_assessed_on__lt=latest - RISK_ASSESSMENT_HOLDS)
    return missing | (old & Q(slot__workplace__risk_assessed_on__lt=Subquery(first) - RISK_ASSESSMENT_HOLDS))


def _warning(run: AllocationRun, code: str, count: int, titles: Iterable[str]) -> RunWarning:
    held: Mapping[str, Any] = run.accepted.get(code, {})
    accepted = (
        Acceptance(held["by"], datetime.fromisoformat(held["at"]), held["count"])
        if held and held["count"] == count and code != WITHDRAWN
        else None
    )
    return RunWarning(
        code=code,
        heading=_heading(run, code, count),
        text=", ".join(titles),
        act=ACTS[code],
        count=count,
        accepted=accepted,
        lapsed=bool(held) and accepted is None,
    )


def _heading(run: AllocationRun, code: str, count: int) -> str:
    texts = {
        "unplaced": ngettext("%(count)d elev saknar plats", "%(count)d elever saknar plats", count),
        "far": ngettext(
            "%(count)d elev får minst %(minutes)d minuters resa",
            "%(count)d elever får minst %(minutes)d minuters resa",
            count,
        ),
        "risk_assessment": ngettext(
            "%(count)d elev hamnar där en aktuell riskbedömning saknas",
            "%(count)d elever hamnar där en aktuell riskbedömning saknas",
            count,
        ),
        "supervisor": ngettext(
            "%(count)d elev hamnar där handledare saknas", "%(count)d elever hamnar där handledare saknas", count
        ),
        WITHDRAWN: ngettext(
            "Platser har dragits tillbaka efter körningen, för %(count)d elev",
            "Platser har dragits tillbaka efter körningen, för %(count)d elever",
            count,
        ),
    }
    return texts[code] % {"count": count, "minutes": far_minutes(run) if code == "far" else 0}


def _most(rows: QuerySet[Assignment]) -> list[str]:
    """The slots most of these rows are at, by name."""
    found = rows.order_by().values("slot_id", "slot__title").annotate(count=Count("pk"))
    names = [row["slot__title"] for row in found.order_by("-count", "slot__title")[: NAMED + 1]]
    return _shortened(names)


def _shortened(names: list[str]) -> list[str]:
    return [*names[:NAMED], _("med flera")] if len(names) > NAMED else names


# -- places that are gone


def _withdrawn(run: AllocationRun) -> tuple[list[str], int]:
    """The slots that can no longer take those whom the run puts there, by name, and how many learners that is about."""
    claims, learners = _claims(run)
    if not claims:
        return [], 0
    workplace_of = dict(Slot.objects.filter(pk__in=learners).values_list("pk", "workplace_id"))
    short = _over_slots(claims) | _over_workplaces(claims, workplace_of)
    stopped = Slot.objects.filter(pk__in=learners).exclude(status=SlotStatus.PUBLISHED).values_list("pk", flat=True)
    gone = short | set(stopped)
    if not gone:
        return [], 0
    titles = Slot.objects.filter(pk__in=gone).order_by("title").values_list("title", flat=True)[: NAMED + 1]
    return _shortened(list(titles)), sum(learners[slot] for slot in gone)


def _claims(run: AllocationRun) -> tuple[Counter[tuple[UUID, date]], Counter[UUID]]:
    """How many seats publishing would take in each slot and week, and how many learners it is about in each slot.

    Who keeps a place already held takes no new seat; who moves in a repair gives the old one back.
    """
    rows = Assignment.objects.filter(run=run, slot__isnull=False)
    if run.purpose == RunPurpose.REPAIR:
        kept = Placement.objects.filter(
            learner=OuterRef("learner"), period=OuterRef("period"), slot=OuterRef("slot"), ended_at=None
        )
        rows = rows.exclude(Exists(kept))
    claims: Counter[tuple[UUID, date]] = Counter()
    learners: Counter[UUID] = Counter()
    weeks_of = _weeks_of(run)
    for slot_id, period_id, count in _counted(rows, "slot_id"):
        learners[slot_id] += count
        claims.update({(slot_id, week): count for week in weeks_of[period_id]})
    for slot_id, period_id, count in _counted(rows.filter(moved_from__isnull=False), "moved_from_id"):
        claims.subtract({(slot_id, week): count for week in weeks_of[period_id]})
    return claims, learners


def _counted(rows: QuerySet[Assignment], slot: str) -> Iterable[tuple[UUID, UUID, int]]:
    found = rows.order_by().values(slot, "period_id").annotate(count=Count("pk"))
    return found.values_list(slot, "period_id", "count")


def _weeks_of(run: AllocationRun) -> Mapping[UUID, list[date]]:
    found: defaultdict[UUID, list[date]] = defaultdict(list)
    rows = PeriodWeek.objects.filter(period__round_periods__round=run.round_id)
    for period_id, week_on in rows.values_list("period_id", "week_on"):
        found[period_id].append(week_on)
    return found


def _over_slots(claims: Mapping[tuple[UUID, date], int]) -> set[UUID]:
    weeks = {week for _slot, week in claims}
    slots = {slot for slot, _week in claims}
    kept = reserved_for_others(slots, weeks, require_scope().authority, today())
    left = {
        (slot_id, week_on): free - kept.get((slot_id, week_on), 0)
        for slot_id, week_on, free in SlotWeek.objects.filter(slot__in=slots, week_on__in=weeks)
        .annotate(free=F("seats") - F("taken"))
        .values_list("slot_id", "week_on", "free")
    }
    return {slot for (slot, week), count in claims.items() if count > 0 and count > left.get((slot, week), 0)}


def _over_workplaces(claims: Mapping[tuple[UUID, date], int], workplace_of: Mapping[UUID, UUID]) -> set[UUID]:
    wanted: Counter[tuple[UUID, date]] = Counter()
    for (slot, week), count in claims.items():
        if slot in workplace_of:
            wanted[workplace_of[slot], week] += count
    caps = WorkplaceWeek.objects.filter(workplace__in={owner for owner, _week in wanted})
    caps = caps.filter(week_on__in={week for _owner, week in wanted}).annotate(free=F("cap") - F("taken"))
    over = {
        owner
        for owner, week_on, free in caps.values_list("workplace_id", "week_on", "free")
        if wanted[owner, week_on] > max(free, 0)
    }
    return {slot for slot, owner in workplace_of.items() if owner in over}
