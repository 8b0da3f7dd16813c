"""Who has chosen: class by class in numbers, and learner by learner, however many there are."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.kept import kept
from core.tenancy.scopes import require_scope
from placements.enums import RoundPhase
from placements.models import Choice, ChoiceList
from schools.enums import ProtectionMode
from schools.models import Learner
from schools.selectors.classes import swedish, swedish_key
from schools.selectors.learners import matching


class Progress:
    """How far a learner has come with the wishes of a round. The words are tags' keys."""

    NOT_STARTED = "not_started"
    SAVED = "saved"
    SENT = "submitted"


STATES = (Progress.NOT_STARTED, Progress.SAVED, Progress.SENT)
# The phases in which it matters who has chosen.
LISTED = (RoundPhase.CHOOSING, RoundPhase.CLOSED)

# -- in numbers

# So many are counted in longer than the rest of a page takes, and send in more often than anybody reads.
MANY_LEARNERS: Final = 50_000
KEPT_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class ClassProgress:
    """A class in a round: its learners, those who have sent in, have saved, and have not sent in but have mail."""

    round_id: UUID
    class_id: UUID
    class_name: str
    school_id: UUID
    school: str
    learners: int
    sent: int
    saved: int
    remindable: int

    @property
    def not_started(self) -> int:
        """Return how many have not saved anything."""
        return self.learners - self.sent - self.saved

    @property
    def missing(self) -> int:
        """Return how many have not sent in."""
        return self.learners - self.sent

    def number(self, state: str) -> int:
        """Return how many are in a state; the empty one means all."""
        numbers = {Progress.NOT_STARTED: self.not_started, Progress.SAVED: self.saved, Progress.SENT: self.sent}
        return numbers.get(state, self.learners)


class ClassNumbers(NamedTuple):
    """Classes with their numbers, and when they were counted where that is not now."""

    classes: list[ClassProgress]
    counted_at: datetime | None


# ClassProgress's values.
_Row = tuple[UUID, UUID, str, UUID, str, int, int, int, int]

_PROGRESS = """
WITH asked AS (
    SELECT rp.round_id, c.id AS class_id, c.name AS class_name, u.organisation_id AS school_id, u.name AS school
    FROM placements_roundperiod rp
    JOIN schools_placementperiod p ON p.id = rp.period_id
    JOIN schools_schoolclass c ON c.id = p.school_class_id
    JOIN schools_schoolunit u ON u.organisation_id = p.school_unit_id
    WHERE rp.round_id = ANY(%(rounds)s::uuid[]) AND (%(unit)s::uuid IS NULL OR p.school_unit_id = %(unit)s::uuid)
), counted AS (
    SELECT asked.round_id, asked.class_id, count(*) AS learners, count(list.submitted_at) AS sent,
        count(*) FILTER (WHERE list.submitted_at IS NULL AND EXISTS (
            SELECT FROM placements_choice choice WHERE choice.choice_list_id = list.id
        )) AS saved,
        count(*) FILTER (WHERE list.submitted_at IS NULL AND learner.email <> '') AS remindable
    FROM asked
    JOIN schools_learner learner ON learner.school_class_id = asked.class_id AND learner.protection_mode = 'none'
    LEFT JOIN placements_choicelist list ON list.round_id = asked.round_id AND list.learner_id = learner.id
    GROUP BY asked.round_id, asked.class_id
)
SELECT round_id, class_id, class_name, school_id, school, learners, sent, saved, remindable
FROM counted JOIN asked USING (round_id, class_id)
"""


def class_progress(rounds: Collection[UUID], organisation: Organisation) -> ClassNumbers:
    """Return the organisation's classes in the rounds with their numbers, by school and name. One query.

    A school sees its own classes only, in a round of the whole authority too. The numbers of very many learners are
    kept for a while.
    """
    require_scope()
    key = f"class-progress:{organisation.pk}:{sorted(rounds)}"
    found = kept(key, lambda: _counted(rounds, organisation), seconds=KEPT_SECONDS, worth=_is_vast)
    classes = [ClassProgress(*row) for row in found.value]
    return ClassNumbers(classes, found.at if _is_vast(found.value) else None)


def _counted(rounds: Collection[UUID], organisation: Organisation) -> list[_Row]:
    unit = organisation.pk if organisation.kind == OrganisationKind.SCHOOL_UNIT else None
    with connection.cursor() as cursor:
        cursor.execute(_PROGRESS, {"rounds": list(rounds), "unit": unit})
        return sorted(cursor.fetchall(), key=_by_school_and_name)


def _is_vast(rows: Iterable[_Row]) -> bool:
    return sum(learners for *_class, learners, _sent, _saved, _remindable in rows) > MANY_LEARNERS


def _by_school_and_name(row: _Row) -> tuple[Any, ...]:
    round_id, class_id, class_name, school_id, school, *_numbers = row
    return swedish_key(school), school_id, swedish_key(class_name), class_id, round_id


# -- learner by learner


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """One learner in the overview of choices."""

    learner_id: UUID
    first_name: str
    last_name: str
    class_id: UUID
    class_name: str
    school: str
    round_id: UUID
    state: str
    choices: int
    submitted_at: datetime | None

    @property
    def name(self) -> str:
        """Return the learner's name."""
        return f"{self.first_name} {self.last_name}"


_COLUMNS = (
    *("pk", "first_name", "last_name", "school_class", "school_class__name", "school_unit__name"),
    *("round_ref", "step", "choices", "submitted_at"),
)
_BY_CLASS = (
    *(swedish("school_unit__name"), F("school_unit"), swedish("school_class__name"), F("school_class")),
    F("round_ref"),
)
_BY_NAME = (swedish("last_name"), swedish("first_name"))
ORDERS: Mapping[str, Sequence[Any]] = {
    "state": (F("step"),),
    "class": _BY_CLASS,
    "name": _BY_NAME,
    "n": (F("choices"),),
}

Cell = tuple[ClassProgress, str]


@dataclass(frozen=True, slots=True)
class Choices:
    """The learners asked for, counted and sliced as a Paginator does. Those who have not begun come first by default.

    By state and by class the numbers of `classes` tell in which of them a page falls, and no other learner is read.
    While kept numbers are some minutes old, who has just sent in may so stand on two pages or on none.
    """

    classes: Sequence[ClassProgress]
    within: Q
    state: str = ""
    said: Q = field(default_factory=Q)
    sort: str = ""

    def count(self) -> int:
        """Return how many there are."""
        return self._found().count() if self.said else sum(each.number(self.state) for each in self.classes)

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, at: slice) -> list[ChoiceRow]:
        if self.said or self._order not in ("state", "class"):
            return _rows(self._ordered()[at])
        return self._page(at.start, at.stop)

    def __iter__(self) -> Iterator[ChoiceRow]:
        return iter(_rows(self._ordered()))

    @property
    def _order(self) -> str:
        name = self.sort.removeprefix("-")
        return name if name in ORDERS else "state"

    def _found(self) -> QuerySet[Learner]:
        found = _with_choices({each.round_id for each in self.classes}).filter(self.within, self.said)
        return found.filter(Q(step=STATES.index(self.state))) if self.state else found

    def _ordered(self) -> QuerySet[Learner]:
        first = ORDERS[self._order]
        wanted = [key.desc() for key in first] if self.sort.startswith("-") else first
        return self._found().order_by(*wanted, *_BY_CLASS, *_BY_NAME, "pk")

    def _cells(self) -> Iterator[Cell]:
        """Yield the parts of the list in order: classes, state by state where that is the order."""
        backwards = self.sort.startswith("-")
        if self._order == "class":
            yield from ((each, self.state) for each in (reversed(self.classes) if backwards else self.classes))
            return
        states = (self.state,) if self.state else STATES[::-1] if backwards else STATES
        yield from ((each, state) for state in states for each in self.classes)

    def _page(self, start: int, stop: int) -> list[ChoiceRow]:
        covered, offset = _covered(self._cells(), start, stop)
        place = {(each.round_id, each.class_id, state): number for number, (each, state) in enumerate(covered)}
        classes, rounds = {each.class_id for each, _ in covered}, {each.round_id for each, _ in covered}
        found = _rows(_with_choices(rounds).filter(school_class__in=classes).order_by(*_BY_NAME, "pk"))
        placed = [(at, row) for row in found if (at := _place(place, row)) is not None]
        return [row for _at, row in sorted(placed, key=lambda pair: pair[0])][offset : offset + stop - start]


def _covered(cells: Iterable[Cell], start: int, stop: int) -> tuple[list[Cell], int]:
    """Return the parts that the rows from `start` to `stop` are in, and where in them they start."""
    covered, passed, offset = list[Cell](), 0, 0
    for each, state in cells:
        number = each.number(state)
        if number and passed + number > start:
            offset = offset if covered else start - passed
            covered.append((each, state))
        passed += number
        if passed >= stop:
            break
    return covered, offset


def _place(place: Mapping[tuple[UUID, UUID, str], int], row: ChoiceRow) -> int | None:
    return place.get((row.round_id, row.class_id, row.state), place.get((row.round_id, row.class_id, "")))


def choices_of(
    classes: Sequence[ClassProgress],
    organisation: Organisation,
    *,
    round_id: UUID | None = None,
    school_id: UUID | None = None,
    class_id: UUID | None = None,
    state: str = "",
    search: str = "",
    sort: str = "",
) -> Choices:
    """Return the organisation's learners in the classes, narrowed to what is asked for.

    `search` is looked for in names, by an authority in the names of classes and schools too.
    """
    narrowed = [
        each
        for each in classes
        if round_id in (None, each.round_id)
        and school_id in (None, each.school_id)
        and class_id in (None, each.class_id)
    ]
    is_school = organisation.kind == OrganisationKind.SCHOOL_UNIT
    unit = organisation.pk if is_school else school_id
    within = (Q(school_unit=unit) if unit else Q()) & (Q(school_class=class_id) if class_id else Q())
    return Choices(narrowed, within, state, matching(search, organisation), sort)


def _with_choices(rounds: Collection[UUID]) -> QuerySet[Learner]:
    """Return the learners of the rounds, once for each round they are in, with what they have chosen in it."""
    lists = ChoiceList.objects.filter(learner=OuterRef("pk"), round=OuterRef("round_ref"))
    choices = Choice.objects.filter(choice_list__learner=OuterRef("pk"), choice_list__round=OuterRef("round_ref"))
    number = choices.order_by().values("choice_list").annotate(number=Count("pk")).values("number")
    sent, saved = STATES.index(Progress.SENT), STATES.index(Progress.SAVED)
    return (
        Learner.objects.filter(protection_mode=ProtectionMode.NONE)
        .annotate(round_ref=F("school_class__periods__round_periods__round"))
        .filter(round_ref__in=rounds)
        .annotate(
            step=Case(
                When(Exists(lists.filter(submitted_at__isnull=False)), then=Value(sent)),
                When(Exists(choices), then=Value(saved)),
                default=Value(STATES.index(Progress.NOT_STARTED)),
            ),
            choices=Coalesce(Subquery(number), 0),
            submitted_at=Subquery(lists.values("submitted_at")),
        )
    )


def _rows(found: QuerySet[Learner]) -> list[ChoiceRow]:
    return [
        ChoiceRow(pk, first, last, class_id, class_name, school, round_id, STATES[step], choices, submitted_at)
        for pk, first, last, class_id, class_name, school, round_id, step, choices, submitted_at in found.values_list(
            *_COLUMNS
        )
    ]
