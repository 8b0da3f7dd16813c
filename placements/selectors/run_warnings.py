"""What somebody must look at before a run is published: each warning is accepted by itself, with its count.

Counted in the database and only there: a run may hold a whole country's learners.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.ui import Text
from core.weeks import and_list
from placements.eligibility import RISK_ASSESSMENT_HOLDS
from placements.enums import RunPurpose
from placements.models import AllocationRun, Assignment, TravelModel
from placements.selectors.repairs import changed
from placements.selectors.run_withdrawn import withdrawn_since
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
    return [*_withdrawn(run), *_counted(run, _conditions(run))]


def warning_of(run: AllocationRun, code: str) -> RunWarning | None:
    """Return one of the warnings; None when it does not hold. The others are not worked out."""
    named = {name: holds for name, holds in _conditions(run).items() if name == code}
    found = _withdrawn(run) if code == WITHDRAWN else _counted(run, named)
    return next(iter(found), None)


def _withdrawn(run: AllocationRun) -> list[RunWarning]:
    gone = withdrawn_since(run)
    return [_warning(run, WITHDRAWN, gone.learners, _shortened(gone.titles))] if gone.titles else []


def _counted(run: AllocationRun, conditions: Mapping[str, Q]) -> list[RunWarning]:
    placed = Assignment.objects.filter(run=run)
    counts = placed.aggregate(**{code: Count("pk", filter=holds) for code, holds in conditions.items()})
    return [
        _warning(run, code, counts[code], [] if code == "unplaced" else _most(placed.filter(holds)))
        for code, holds in conditions.items()
        if counts[code]
    ]


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
    if run.purpose == RunPurpose.REPAIR:
        placed &= changed(run)  # the others were looked at when they got their place
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
