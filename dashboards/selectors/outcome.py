"""What came of the wishes: by school, by occupation field, and by trade and sex. All counted in one query."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.tenancy.scopes import require_scope
from core.ui import Figure
from dashboards.selectors.aggregates import over_region
from dashboards.suppression import Cell, ShownTable, shown_in_full, suppressed
from employers.enums import OccupationField, SlotStatus
from employers.models import SlotWeek
from placements.models import Round
from schools.enums import ProtectionMode
from schools.selectors.classes import swedish_key

Counts = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """What the database counted: ranks by school and by the field of the first choice, sexes by the place's field."""

    by_school: dict[UUID, Counts]
    by_wish: dict[str, Counts]
    by_trade: dict[str, Counts]


@dataclass(frozen=True, slots=True)
class RankRow:
    """Learners of one school, or with their first choice in one field, by how the wishes came out."""

    name: str
    first: Cell
    second: Cell
    later: Cell
    outside: Cell
    none: Cell
    learners: Cell

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Return the counts in the order of the heads, without the total."""
        return (self.first, self.second, self.later, self.outside, self.none)

    @property
    def share_first(self) -> str:
        """Return the share that got their first choice."""
        return percent((self.first,), self.learners)

    @property
    def share_top(self) -> str:
        """Return the share that got one of their first three."""
        return percent((self.first, self.second), self.learners)

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing in the row is hidden, so that it can be drawn."""
        return all(cell.value is not None for cell in (*self.cells, self.learners))

    @property
    def is_drawable(self) -> bool:
        """Tell whether the first three choices are known, and so the rest of them all."""
        return None not in (self.first.value, self.second.value, self.learners.value)

    @property
    def coarse(self) -> tuple[Cell, Cell, Cell]:
        """Return first choice, second or third, and all others together."""
        first, second, learners = (cell.value or 0 for cell in (self.first, self.second, self.learners))
        return self.first, self.second, Cell(learners - first - second)


@dataclass(frozen=True, slots=True)
class TradeRow:
    """Learners with a place in one field, by sex as the register knows it."""

    name: str
    women: Cell
    men: Cell
    unknown: Cell
    learners: Cell

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Return the counts in the order of the heads, without the total."""
        return (self.women, self.men, self.unknown)

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing in the row is hidden, so that it can be drawn."""
        return all(cell.value is not None for cell in (*self.cells, self.learners))


@dataclass(frozen=True, slots=True)
class FillRow:
    """Seats of one field over the school year, and how many of them were taken."""

    name: str
    seats: int
    taken: int

    @property
    def share(self) -> float:
        """Return the share of the seats that was taken."""
        return self.taken / self.seats if self.seats else 0.0

    @property
    def percent(self) -> str:
        """Return "83,5 %"."""
        return percent_text(self.share)


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that the page and its exports show."""

    schools: list[RankRow]
    wishes: list[RankRow]
    trades: list[TradeRow]
    fill: list[FillRow]
    total: RankRow | None
    trade_total: TradeRow | None

    @property
    def heading(self) -> str:
        """Say what came of the wishes."""
        if self.total is None:
            return _("Inga placeringar är publicerade ännu")
        if all(cell.value is not None for cell in (self.total.first, self.total.second)):
            return _("%(share)s fick något av sina tre första val") % {"share": self.total.share_top}
        return _("Så gick önskemålen")

    @property
    def figures(self) -> list[Figure]:
        """Return the totals as large figures, hidden ones in words."""
        total = self.total
        if total is None:
            return []
        return [
            Figure(total.share_first, _("fick val 1"), _("%(count)s elever") % {"count": total.first}),
            Figure(total.share_top, _("fick val 1–3")),
            Figure(str(total.outside), _("utanför valen")),
            Figure(str(total.none), _("utan plats")),
            Figure(self.fill_total.percent, _("av platsveckorna belagda")),
        ]

    @property
    def fill_total(self) -> FillRow:
        """Return the sum over the fields."""
        return FillRow(_("Alla"), sum(row.seats for row in self.fill), sum(row.taken for row in self.fill))


def percent(parts: Sequence[Cell], whole: Cell) -> str:
    """Return the share as "83,5 %", or words when one of the numbers is hidden."""
    known = [part.value for part in parts if part.value is not None]
    if len(known) < len(parts) or whole.value is None:
        return _("visas inte")
    return percent_text(sum(known) / whole.value) if whole.value else "–"


def percent_text(share: float) -> str:
    """Return "83,5 %"."""
    return f"{share * 100:.1f}\u00a0%".replace(".", ",")


def outcome(*, organisation: Organisation, school_year: int, round_id: UUID | None = None) -> Outcome:
    """Return the outcome of published rounds: a region's as suppressed aggregates, an authority's own in full.

    Places by trade and sex are suppressed for both.
    """
    regional = organisation.kind == OrganisationKind.REGION

    def read() -> Tally:
        return _tally(school_year, None if regional else round_id)

    tally = over_region(organisation.region_id, read) if regional else read()
    show = suppressed if regional else shown_in_full
    names = dict(Organisation.objects.filter(pk__in=tally.by_school).values_list("pk", "name"))
    schools, total = _rank_rows({names[unit]: counts for unit, counts in tally.by_school.items()}, show)
    wishes, _total = _rank_rows({_field_name(field): counts for field, counts in tally.by_wish.items()}, show)
    hide = total is not None and any(cell.value is None for cell in total.cells)
    trades, trade_total = _trade_rows({_field_name(key): counts for key, counts in tally.by_trade.items()}, hide=hide)
    return Outcome(schools, wishes, trades, _fill(school_year), total, trade_total)


def rounds_of(authority_id: UUID, school_year: int) -> list[Round]:
    """Return the authority's published rounds of a school year, newest first."""
    rounds = Round.objects.filter(
        authority_id=authority_id,
        published_at__isnull=False,
        round_periods__period__school_class__school_year=school_year,
    )
    return list(rounds.distinct().order_by("-close_at", "title"))


_TALLY = """
WITH learners AS (
    SELECT learner.school_unit_id AS unit, learner.sex, wished.occupation_field AS wish, placement.rank,
        given.occupation_field AS trade, placement.id IS NOT NULL AS placed
    FROM placements_roundperiod part
    JOIN placements_round round ON round.id = part.round_id AND round.published_at IS NOT NULL
    JOIN schools_placementperiod period ON period.id = part.period_id
    JOIN schools_schoolclass class ON class.id = period.school_class_id AND class.school_year = %(year)s
    JOIN schools_learner learner ON learner.school_class_id = class.id AND learner.protection_mode <> %(outside)s
    LEFT JOIN placements_choicelist list ON list.round_id = round.id AND list.learner_id = learner.id
    LEFT JOIN placements_choice choice ON choice.choice_list_id = list.id AND choice.rank = 1
    LEFT JOIN employers_slot wished ON wished.id = choice.slot_id
    LEFT JOIN placements_placement placement
        ON placement.learner_id = learner.id AND placement.period_id = period.id AND placement.ended_at IS NULL
    LEFT JOIN employers_slot given ON given.id = placement.slot_id
    WHERE part.region_id = %(region)s
    AND (%(authority)s::uuid IS NULL OR part.authority_id = %(authority)s)
    AND (%(round)s::uuid IS NULL OR round.id = %(round)s)
)
SELECT grouping(unit, wish, trade), unit, coalesce(wish, ''), trade,
    count(*) FILTER (WHERE rank = 1),
    count(*) FILTER (WHERE rank BETWEEN 2 AND 3),
    count(*) FILTER (WHERE rank > 3),
    count(*) FILTER (WHERE placed AND rank IS NULL),
    count(*) FILTER (WHERE NOT placed),
    count(*) FILTER (WHERE placed AND sex = 'woman'),
    count(*) FILTER (WHERE placed AND sex = 'man'),
    count(*) FILTER (WHERE placed AND sex NOT IN ('woman', 'man'))
FROM learners GROUP BY GROUPING SETS ((unit), (wish), (trade))
"""
# The bits of grouping(): a column that is not grouped by counts.
BY_SCHOOL, BY_WISH, BY_TRADE = 0b011, 0b101, 0b110


def _tally(school_year: int, round_id: UUID | None) -> Tally:
    scope = require_scope()
    params: dict[str, Any] = {
        "year": school_year,
        "outside": ProtectionMode.OUTSIDE,
        "region": scope.region,
        "authority": scope.authority,
        "round": round_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TALLY, params)
        rows = cursor.fetchall()
    return Tally(
        by_school={row[1]: row[4:9] for row in rows if row[0] == BY_SCHOOL},
        by_wish={row[2]: row[4:9] for row in rows if row[0] == BY_WISH},
        by_trade={row[3]: row[9:12] for row in rows if row[0] == BY_TRADE and row[3]},
    )


def _field_name(field: str) -> str:
    return str(OccupationField(field).label) if field else _("Inget val gjort")


def _rank_rows(
    counts: dict[str, Counts], show: Callable[[Sequence[Counts]], ShownTable]
) -> tuple[list[RankRow], RankRow | None]:
    if not counts:
        return [], None
    names = sorted(counts, key=swedish_key)
    table = show([counts[name] for name in names])
    rows = [RankRow(name, *cells) for name, cells in zip(names, table.rows, strict=True)]
    return rows, RankRow(_("Alla"), *table.totals)


def _trade_rows(counts: dict[str, Counts], *, hide: bool) -> tuple[list[TradeRow], TradeRow | None]:
    if not counts:
        return [], None
    names = sorted(counts, key=swedish_key)
    table = suppressed([counts[name] for name in names], hide_grand_total=hide)
    rows = [TradeRow(name, *cells) for name, cells in zip(names, table.rows, strict=True)]
    return rows, TradeRow(_("Alla"), *table.totals)


def _fill(school_year: int) -> list[FillRow]:
    """Return how full the region's seats are, by field: seats are everybody's, so this is never one authority's."""
    rows: Iterable[tuple[str, int, int]] = (
        SlotWeek.objects.filter(
            region_id=require_scope().region,
            week_on__range=(date(school_year, 7, 1), date(school_year + 1, 6, 30)),
            slot__status__in=(SlotStatus.PUBLISHED, SlotStatus.EXPIRED),
            seats__gt=0,
        )
        .values_list("slot__occupation_field")
        .annotate(Sum("seats"), Sum("taken"))
        .order_by()
    )
    found = [FillRow(_field_name(field), seats, taken) for field, seats, taken in rows]
    return sorted(found, key=lambda row: (-row.share, row.name))
