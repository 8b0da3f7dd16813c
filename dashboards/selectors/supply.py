"""Seats against demand: by week, by occupation field, and the ten days of year 9.

Wishes are counted for one kind, one term and the whole region only: figures that overlap could be subtracted from
each other until a single learner is left.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.tenancy.scopes import require_scope
from core.ui import StatusTag, Text, tag_for
from core.weeks import Term, monday, range_label, school_year, term_of, today, week_label, week_number
from dashboards.selectors.aggregates import over_region
from dashboards.selectors.wishes import Wishes, wishes_of_region
from dashboards.suppression import LIMIT, Cell, ShownTable, shown_in_full, suppressed
from employers.enums import OccupationField, SlotStatus
from employers.models import Slot
from employers.selectors.supply import WeekSupply, supply_by_week_and_field
from placements.models import AnswerLink
from placements.selectors.days import TenDays, ten_days
from schools.selectors.classes import swedish_key
from schools.selectors.periods import closed_weeks, demand_by_week

ENDING_TERM: Final = 6  # with fewer weeks left, the coming term is what people plan
YEAR: Final = timedelta(weeks=52)
ROOMY_WEEKS: Final = 3
LATE_SHARE: Final = 20  # more than one in twenty without days or plan is late


@dataclass(frozen=True, slots=True)
class SupplyFilter:
    """What the page is about. Empty means all."""

    term: Term
    kind: str = ""
    municipality: str = ""
    field: str = ""

    @property
    def weeks(self) -> list[date]:
        """Return the term's weeks from this one on, or all of them when the term is over."""
        weeks = list(self.term.weeks)
        return [week for week in weeks if week >= monday(today())] or weeks

    @property
    def field_weeks(self) -> list[date]:
        """Return the weeks of the table of fields: the whole term, so that wishes are never counted twice over."""
        return list(self.term.weeks)

    @property
    def counts_wishes(self) -> bool:
        """Tell whether wishes may be counted at this grain."""
        return bool(self.kind) and not self.municipality


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """One week. `demand` is None when an occupation field is chosen: classes book weeks, not trades."""

    week_on: date
    seats: int
    demand: int | None
    closed: str = ""

    @property
    def missing(self) -> int:
        """Return how many booked learners there is no seat for."""
        return 0 if self.closed else max((self.demand or 0) - self.seats, 0)

    @property
    def number(self) -> int:
        """Return the week number."""
        return week_number(self.week_on)

    @property
    def label(self) -> str:
        """Return "v. 41"."""
        return week_label(self.week_on)


@dataclass(frozen=True, slots=True)
class FieldFigures:
    """One occupation field in a term: weeks of seats, and weeks wished for by first choice."""

    field: str
    seats: int
    wished: Cell | None

    @property
    def label(self) -> str:
        """Return the field's name."""
        return str(OccupationField(self.field).label)

    @property
    def demand(self) -> int:
        """Return what the meter draws: nothing when the number is hidden."""
        return (self.wished.value or 0) if self.wished else 0

    @property
    def tag(self) -> StatusTag | None:
        """Return how the field stands."""
        if self.wished is None:
            return None
        if self.wished.value is None:
            return tag_for("done", _("Räcker")) if self.seats >= 2 * LIMIT else None
        short = self.wished.value - self.seats
        if short <= 0:
            return tag_for("done", _("%(count)s lediga") % {"count": Cell(-short)})
        # A quarter short can be mended by asking; more than that takes other wishes.
        key = "awaiting_reply" if short * 4 <= self.wished.value else "missing"
        return tag_for(key, _("%(count)s saknas") % {"count": Cell(short)})


@dataclass(frozen=True, slots=True)
class DutyFigures:
    """The ten days of year 9 in one authority or school."""

    name: str
    done: Cell
    planned: Cell
    missing: Cell
    learners: Cell
    late: bool

    @property
    def tag(self) -> StatusTag:
        """Return how the year group stands."""
        if self.missing.value == 0:
            return tag_for("done")
        return tag_for("late") if self.late else tag_for("awaiting_reply", _("Väntar"))


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that needs the coordinator, with the page where it is dealt with."""

    tag: StatusTag
    text: Text
    link: Text = ""
    url_name: str = ""


@dataclass(frozen=True, slots=True)
class SupplyPage:
    """All that the page and its exports show, and when its seats were counted.

    `wishes` is None where they may not be counted.
    """

    counted_at: datetime
    chosen: SupplyFilter
    weeks: list[WeekFigures]
    fields: list[FieldFigures]
    wishes: Wishes | None
    duty: list[DutyFigures]
    concerns: list[Concern]
    regional: bool

    @property
    def duty_head(self) -> str:
        """Return what the rows of the ten days are."""
        return _("Huvudman") if self.regional else _("Skola")

    @property
    def heading(self) -> str:
        """Say what the weeks show."""
        return finding(self.chosen, self.weeks)

    @property
    def peak(self) -> int:
        """Return the longest bar of the fields' meters."""
        return max((max(row.seats, row.demand) for row in self.fields), default=0)


def supply_page(*, organisation: Organisation, chosen: SupplyFilter) -> SupplyPage:
    """Return the figures for a region or an authority, in a constant number of queries."""
    region_id = organisation.region_id
    regional = organisation.kind == OrganisationKind.REGION
    supply = supply_by_week_and_field(
        weeks=chosen.field_weeks, kind=chosen.kind or None, municipality_code=chosen.municipality or None
    )
    weeks = _weeks(chosen, supply.value)
    wishes = wishes_of_region(region_id, kind=chosen.kind, term=chosen.term) if chosen.counts_wishes else None
    return SupplyPage(
        counted_at=supply.at,
        chosen=chosen,
        weeks=weeks,
        fields=_fields(chosen, supply.value, wishes),
        wishes=wishes,
        duty=_duty_of_region(region_id) if regional else _duty_of_authority(),
        concerns=_concerns(weeks, organisation, regional=regional),
        regional=regional,
    )


def default_term() -> Term:
    """Return this term, or the coming one when little is left of this."""
    term = term_of(today())
    left = [week for week in term.weeks if week >= monday(today())]
    return term if len(left) >= ENDING_TERM else term.next()


def terms_to_choose() -> list[Term]:
    """Return this term and the two after it."""
    this = term_of(today())
    return [this, this.next(), this.next().next()]


def municipality_codes(region_id: UUID) -> list[str]:
    """Return the codes of the municipalities whose authorities are in the region."""
    authorities = Organisation.objects.filter(region_id=region_id, kind=OrganisationKind.AUTHORITY)
    codes = authorities.exclude(municipality_code="").values_list("municipality_code", flat=True)
    return sorted(set(codes))


def finding(chosen: SupplyFilter, weeks: Sequence[WeekFigures]) -> str:
    """Say in one sentence whether the term's seats are enough."""
    term = _("Hösten") if chosen.term.autumn else _("Våren")
    if chosen.field:
        count = sum(week.seats for week in weeks)
        text = ngettext("%(count)s platsvecka inom %(field)s", "%(count)s platsveckor inom %(field)s", count)
        return text % {"count": Cell(count), "field": str(OccupationField(chosen.field).label).lower()}
    wanted = [week for week in weeks if week.demand and not week.closed]
    short = [week.week_on for week in wanted if week.missing]
    if not wanted:
        return _("Inga veckor är bokade %(term)s") % {"term": chosen.term.label}
    if not short:
        return _("%(term)s räcker till") % {"term": term}
    text = _("%(term)s räcker till, utom %(weeks)s")
    if len(short) * 2 > len(wanted):
        text = _("%(term)s räcker inte till %(weeks)s")
    return text % {"term": term, "weeks": range_label(short)}


# -- weeks and fields


Supply = Mapping[tuple[date, str], WeekSupply]


def _weeks(chosen: SupplyFilter, supply: Supply) -> list[WeekFigures]:
    weeks, municipality = chosen.weeks, chosen.municipality or None
    demand = demand_by_week(weeks=weeks, kind=chosen.kind or None, municipality_code=municipality)
    closed = closed_weeks(weeks=weeks, municipality_code=municipality)
    seats = {week: has.seats for (week, field), has in supply.items() if field == chosen.field}
    return [
        WeekFigures(week, seats.get(week, 0), None if chosen.field else demand[week], closed.get(week, ""))
        for week in weeks
    ]


def _fields(chosen: SupplyFilter, supply: Supply, wishes: Wishes | None) -> list[FieldFigures]:
    seats = Counter[str]()
    for (_week, field), has in supply.items():
        seats[field] += has.seats
    names = {chosen.field} if chosen.field else {*seats, *(wishes.by_field if wishes else ())} - {""}
    rows = [FieldFigures(name, seats[name], wishes.of(name) if wishes else None) for name in names]
    return sorted(rows, key=lambda row: (row.demand == 0, row.seats - row.demand, row.label))


# -- the ten days


def _duty_of_region(region_id: UUID) -> list[DutyFigures]:
    """Return a row for each authority, with small counts hidden."""
    found = over_region(region_id, lambda: ten_days(by="authority", school_year=school_year(today())))
    return _duty(found, suppressed)


def _duty_of_authority() -> list[DutyFigures]:
    """Return a row for each of the authority's own schools."""
    return _duty(ten_days(by="school_unit", school_year=school_year(today())), shown_in_full)


def _duty(found: dict[UUID, TenDays], show: Callable[[Sequence[Sequence[int]]], ShownTable]) -> list[DutyFigures]:
    names = dict(Organisation.objects.filter(pk__in=found).values_list("pk", "name"))
    owners = sorted(found, key=lambda owner: swedish_key(names[owner]))
    if not owners:
        return []
    table = show([[found[owner].done, found[owner].planned, found[owner].missing] for owner in owners])
    rows = []
    for owner, (done, planned, missing, learners) in zip(owners, table.rows, strict=True):
        rows.append(DutyFigures(names[owner], done, planned, missing, learners, _is_late(missing, learners)))
    return rows


def _is_late(missing: Cell, learners: Cell) -> bool:
    """Judge by what is shown: a hidden count could be worked out from where the line is crossed."""
    if missing.value is None or learners.value is None:
        return False
    return missing.value * LATE_SHARE > learners.value


# -- what needs the coordinator


def _concerns(weeks: Sequence[WeekFigures], organisation: Organisation, *, regional: bool) -> list[Concern]:
    count = _unanswered_employers
    unanswered = over_region(organisation.region_id, count) if regional else count()
    found = [_collision(weeks), _waiting(unanswered, regional=regional), _stale(_stale_slots(), regional=regional)]
    return [concern for concern in found if concern]


def _collision(weeks: Sequence[WeekFigures]) -> Concern | None:
    short = [week for week in weeks if week.missing]
    if not short:
        return None
    missing = sum(week.missing for week in short)
    text = ngettext("%(weeks)s: %(count)s plats saknas.", "%(weeks)s: %(count)s platser saknas.", missing)
    text %= {"weeks": range_label(week.week_on for week in short), "count": Cell(missing)}
    roomy = sorted(weeks, key=lambda week: week.seats - (week.demand or 0), reverse=True)[:ROOMY_WEEKS]
    roomy = [week for week in roomy if not week.closed and week.seats > (week.demand or 0)]
    if roomy:
        text += " " + _("Mest plats finns %(weeks)s.") % {"weeks": range_label(week.week_on for week in roomy)}
    return Concern(tag_for("clash"), text, _("Se veckorna"), "schools:week_matrix")


def _unanswered_employers() -> int:
    """Return how many employers have not answered about learners who have been given to them."""
    links = AnswerLink.objects.filter(answered_at=None, round__published_at__isnull=False)
    return links.values("employer").distinct().count()


def _waiting(count: int, *, regional: bool) -> Concern | None:
    if not count:
        return None
    text = ngettext(
        "%(count)s arbetsgivare har inte svarat om sina elever.",
        "%(count)s arbetsgivare har inte svarat om sina elever.",
        count,
    ) % {"count": Cell(count)}
    url_name = "employers:employer_list" if regional else "placements:result_list"
    return Concern(tag_for("awaiting_reply"), text, _("Visa dem") if regional else _("Visa resultatet"), url_name)


def _stale_slots() -> int:
    """Return how many published slots nobody has confirmed for a year."""
    old = Q(confirmed_at=None) | Q(confirmed_at__lt=timezone.now() - YEAR)
    return Slot.objects.filter(old, region_id=require_scope().region, status=SlotStatus.PUBLISHED).count()


def _stale(count: int, *, regional: bool) -> Concern | None:
    if not count:
        return None
    text = ngettext(
        "%(count)s plats är inte bekräftad sedan %(week)s förra året.",
        "%(count)s platser är inte bekräftade sedan %(week)s förra året.",
        count,
    ) % {"count": Cell(count), "week": week_label(monday(today() - YEAR))}
    link, url_name = (_("Visa dem"), "employers:employer_list") if regional else ("", "")
    return Concern(tag_for("expired"), text, link, url_name)
