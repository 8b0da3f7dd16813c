"""Two runs of a round side by side: the figures, school by school, and who moves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, IntegerField, Max, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.ui import Text
from employers.models import Slot
from placements.enums import RunStatus
from placements.models import AllocationRun, Assignment, Round
from placements.selectors.runs import rule_of, run_name
from schools.enums import ProtectionMode
from schools.selectors.classes import swedish
from schools.selectors.learners import matching

A, B = "a", "b"
Move = dict[str, Any]
# Which figures stand side by side, and whether more is better.
FIGURES: tuple[tuple[str, Text, bool], ...] = (
    ("placed", gettext_lazy("Har plats"), True),
    ("first", gettext_lazy("Förstahandsval"), True),
    ("first_to_third", gettext_lazy("Något av val 1–3"), True),
    ("outside", gettext_lazy("Utanför valen"), False),
    ("furthest", gettext_lazy("Längst ner: val"), False),
    ("unplaced", gettext_lazy("Utan plats"), False),
)
# An unplaced learner stands after every wish, and a place outside the wishes just before that.
OUTSIDE, NOWHERE = 1000, 2000
_NAME = (swedish("learner__last_name"), swedish("learner__first_name"))
ORDERS: Mapping[str, Sequence[Any]] = {
    "name": _NAME,
    "class": (swedish("learner__school_unit__name"), swedish("learner__school_class__name"), *_NAME),
    "a": (F("rank_a"), *_NAME),
    "b": (F("rank_b"), *_NAME),
}
DIRECTIONS: Mapping[str, Q] = {
    "better": Q(rank_b__lt=F("rank_a")),
    "worse": Q(rank_b__gt=F("rank_a")),
    "gains": Q(slot_a="") & ~Q(slot_b=""),
    "loses": ~Q(slot_a="") & Q(slot_b=""),
}


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of both runs. `better` is "a", "b", or empty when they are alike."""

    label: Text
    a: int
    b: int
    better: str


@dataclass(frozen=True, slots=True)
class SchoolPair:
    """One school in both runs: how many have a place, and their first wish."""

    name: str
    learners: int
    placed_a: int
    placed_b: int
    first_a: int
    first_b: int

    def by_difference(self) -> tuple[int, int, str]:
        """Return the order of the list: those that differ most first."""
        return -abs(self.placed_b - self.placed_a), -abs(self.first_b - self.first_a), self.name

    @property
    def better_placed(self) -> str:
        """Return in which run more have a place."""
        return _better(self.placed_a, self.placed_b, more=True)

    @property
    def better_first(self) -> str:
        """Return in which run more have their first wish."""
        return _better(self.first_a, self.first_b, more=True)


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One learner who has another place in B than in A, in words."""

    name: str
    class_name: str
    school_name: str
    place_a: str
    wish_a: str
    place_b: str
    wish_b: str
    better: str


def comparable_runs(round: Round) -> list[AllocationRun]:
    """Return the round's runs that came to a result, the newest first."""
    found = AllocationRun.objects.filter(round=round).exclude(summary={}).exclude(status=RunStatus.FAILED)
    return list(found.defer("log").order_by("-number"))


def run_label(run: AllocationRun) -> str:
    """Return "Provkörning 4, Balanserad"."""
    return f"{run_name(run)}, {rule_of(run)}"


def figure_rows(a: AllocationRun, b: AllocationRun) -> list[FigureRow]:
    """Return the figures of two runs side by side."""
    first, second = (_figures(run) for run in (a, b))
    return [
        FigureRow(label, first[name], second[name], _better(first[name], second[name], more=more))
        for name, label, more in FIGURES
    ]


def school_pairs(a: AllocationRun, b: AllocationRun, organisation: Organisation) -> list[SchoolPair]:
    """Return the schools in both runs, a school itself only; those that differ most first."""
    first, second = ({row["id"]: row for row in run.summary["schools"]} for run in (a, b))
    none = {"learners": 0, "placed": 0, "first": 0}
    pairs = []
    for pk in {**first, **second}:
        if _is_school(organisation) and pk != str(organisation.pk):
            continue
        one, two = first.get(pk, none), second.get(pk, none)
        name, learners = (one if pk in first else two)["name"], max(one["learners"], two["learners"])
        pairs.append(SchoolPair(name, learners, one["placed"], two["placed"], one["first"], two["first"]))
    return sorted(pairs, key=SchoolPair.by_difference)


def moves_between(
    a: AllocationRun,
    b: AllocationRun,
    organisation: Organisation,
    *,
    class_id: UUID | None = None,
    direction: str = "",
    search: str = "",
    sort: str = "",
) -> QuerySet[Assignment, Move]:
    """Return the learners whose place differs between the runs: a school its own, nobody those with protection."""
    rows = Assignment.objects.filter(run__in=[a.pk, b.pk], learner__protection_mode=ProtectionMode.NONE)
    if _is_school(organisation):
        rows = rows.filter(learner__school_unit=organisation.pk)
    if class_id:
        rows = rows.filter(learner__school_class=class_id)
    rows = rows.filter(matching(search, organisation, learner="learner__"))
    # Grouped by learner; what is annotated by name is beyond the type checker.
    learners: Any = rows.order_by().values(
        "learner_id",
        "learner__first_name",
        "learner__last_name",
        "learner__school_class_id",
        "learner__school_class__name",
        "learner__school_unit__name",
    )
    found = learners.annotate(**_side(A, a), **_side(B, b)).exclude(slot_a=F("slot_b"), in_a=F("in_b"))
    if direction in DIRECTIONS:
        found = found.filter(DIRECTIONS[direction])
    keys = ORDERS.get(sort.removeprefix("-"), ORDERS["class"])
    order = [key.desc() if sort.startswith("-") else key.asc() for key in keys]
    moves: QuerySet[Assignment, Move] = found.order_by(*order, "learner_id")
    return moves


def move_rows(moves: Iterable[Move]) -> list[MoveRow]:
    """Return the moves in words; one query for the names of the places."""
    found = list(moves)
    ids = {UUID(row[side]) for row in found for side in ("slot_a", "slot_b") if row[side]}
    titles = {str(pk): title for pk, title in Slot.objects.filter(pk__in=ids).values_list("pk", "title")}
    return [_move_row(row, titles) for row in found]


def _side(side: str, run: AllocationRun) -> dict[str, Any]:
    """What a learner has in one of the runs: slot as text, the wish's number, and whether the learner is in it."""
    mine = Q(run=run.pk)
    placed = mine & Q(slot__isnull=False)
    rank = Max(Coalesce("rank", OUTSIDE, output_field=IntegerField()), filter=placed)
    return {
        f"slot_{side}": Coalesce(Max(Cast("slot_id", TextField()), filter=mine), Value(""), output_field=TextField()),
        f"rank_{side}": Coalesce(rank, NOWHERE),
        f"in_{side}": Count("pk", filter=mine),
    }


def _move_row(row: Move, titles: Mapping[str, str]) -> MoveRow:
    return MoveRow(
        name=f"{row['learner__first_name']} {row['learner__last_name']}",
        class_name=row["learner__school_class__name"],
        school_name=row["learner__school_unit__name"],
        place_a=titles.get(row["slot_a"], ""),
        wish_a=_wish(row, A),
        place_b=titles.get(row["slot_b"], ""),
        wish_b=_wish(row, B),
        better=_better(row["rank_a"], row["rank_b"], more=False),
    )


def _wish(row: Move, side: str) -> str:
    if not row[f"in_{side}"]:
        return _("inte med i körningen")
    rank = row[f"rank_{side}"]
    if rank == NOWHERE:
        return _("utan plats")
    return _("utanför valen") if rank == OUTSIDE else _("val %(rank)d") % {"rank": rank}


def _figures(run: AllocationRun) -> Mapping[str, int]:
    summary: Mapping[str, Any] = run.summary
    return {**summary, "unplaced": summary["learners"] - summary["placed"]}


def _better(a: int, b: int, *, more: bool) -> str:
    if a == b:
        return ""
    return A if (a > b) == more else B


def _is_school(organisation: Organisation) -> bool:
    return organisation.kind == OrganisationKind.SCHOOL_UNIT


def chosen_pair(runs: Sequence[AllocationRun], a: str, b: str) -> tuple[AllocationRun, AllocationRun] | None:
    """Return the two runs asked for, else the newest and the one before it of its kind; None when there are not two."""
    known = {str(run.pk): run for run in runs}
    if a in known and b in known and a != b:
        return known[a], known[b]
    if len(runs) < 2:
        return None
    other = known.get(b, runs[0]) if a not in known else next(run for run in runs if str(run.pk) != a)
    alike = [run for run in runs if run.pk != other.pk and run.purpose == other.purpose]
    rest = [run for run in runs if run.pk != other.pk]
    return known.get(a, (alike or rest)[0]), other
