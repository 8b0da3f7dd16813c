"""A round's rows as columns: its classes and learners, who has a place already, wishes and locks."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

import numpy as np
from django.db.models import Q
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from core.columns import DATE, ID, INT, Ids, Index, column_of, read, sorted_by
from core.errors import DomainError
from core.weeks import today
from employers.enums import SlotStatus
from placements.enums import ENDED_BY_EMPLOYER, LIVE, RunPurpose
from placements.models import Choice, ChoiceList, Placement, PlacementLock, PlacementWeek, Round, RoundPeriod
from placements.selectors.rounds import learners_in_round
from placements.selectors.run_inputs.inputs import Numbers, RunClass, RunSchool, Weeks
from schools.models import PeriodWeek

Days = NDArray[np.datetime64]


class InputsRefused(DomainError):
    """The round's rows do not make an allocation; the message says what to mend."""

    code = "inputs_refused"


@dataclass(frozen=True, eq=False)
class Learners:
    """The learners to place, by id. `held` is the slot of the place each has now in a repair, zeros for none."""

    ids: Ids
    classes: Sequence[RunClass]
    schools: Sequence[RunSchool]
    of_class: Numbers
    of_school: Numbers
    born: Days
    held: Ids
    placed_before: int

    @cached_property
    def index(self) -> Index:
        """Finds a learner by id."""
        return Index(self.ids)

    @cached_property
    def blocks(self) -> list[Weeks]:
        """The different weeks that classes are away, in order."""
        return sorted({each.weeks for each in self.classes})

    @cached_property
    def of_block(self) -> Numbers:
        """The block of each learner."""
        return np.array([self.block_of(each) for each in self.classes], np.int32)[self.of_class]

    def block_of(self, school_class: RunClass) -> int:
        """Return the number of a class's block."""
        return self._block_number[school_class.weeks]

    @cached_property
    def _block_number(self) -> dict[Weeks, int]:
        return {block: number for number, block in enumerate(self.blocks)}


@dataclass(frozen=True, eq=False)
class Pairs:
    """Learners (index) with slots (id), and the rank of a wish."""

    learner: NDArray[np.int64]
    slot: Ids
    rank: NDArray[np.int64]


def period_weeks(round: Round) -> dict[UUID, tuple[UUID, str, Weeks]]:
    """Return for each class of the round its period, kind and weeks.

    Raises:
        InputsRefused: a class has two periods.
    """
    rows = PeriodWeek.objects.filter(period__round_periods__round=round).order_by("week_on")
    weeks: defaultdict[tuple[UUID, UUID, str, str], list[date]] = defaultdict(list)
    for *period, week_on in rows.values_list(
        "period__school_class_id", "period_id", "period__kind", "period__label", "week_on"
    ):
        weeks[tuple(period)].append(week_on)  # type: ignore[index]
    found: dict[UUID, tuple[UUID, str, Weeks]] = {}
    for (class_id, period_id, kind, label), mondays in weeks.items():
        if class_id in found:
            raise InputsRefused(
                _("%(class)s har två perioder i omgången. Lägg den ena i en egen omgång.") % {"class": label}
            )
        found[class_id] = (period_id, kind, tuple(mondays))
    return found


def read_learners(round: Round, purpose: str) -> Learners:
    """Return the learners to place. Those with a place in their weeks are left out; a repair takes its own in.

    Raises:
        InputsRefused: nobody is left.
    """
    schools, classes = _classes(round, purpose)
    rows = learners_in_round(round).values_list("pk", "school_class_id", "birth_date")
    found = sorted_by(read(rows, pk=ID, school_class=ID, born=DATE), "pk")
    of_class = Index(column_of(each.id for each in classes)).find(found["school_class"])
    here = of_class >= 0
    ids, at = found["pk"][here], of_class[here].astype(np.int32)
    held = _held(round, ids) if purpose == RunPurpose.REPAIR else np.zeros(len(ids), "S16")
    free = ~_busy(round, ids, at, classes, purpose)
    if not free.any():
        raise InputsRefused(_("Omgången har inga elever att placera. Lägg till en klass med elever."))
    school_of_class = np.array([each.school for each in classes], np.int32)
    return Learners(
        ids=ids[free],
        classes=classes,
        schools=schools,
        of_class=at[free],
        of_school=school_of_class[at[free]],
        born=found["born"][here][free],
        held=held[free],
        placed_before=int((~free).sum()),
    )


def _classes(round: Round, purpose: str) -> tuple[list[RunSchool], list[RunClass]]:
    """The schools and classes of the round, by id; a repair has only classes whose weeks have not begun."""
    periods = period_weeks(round)
    of_class, of_school = "period__school_class__", "period__school_class__school_unit__"
    rows = RoundPeriod.objects.filter(round=round).order_by("period__school_class_id").values_list(
        *(f"{of_class}{name}" for name in ("pk", "name", "grade_level")),
        *(f"{of_school}{name}" for name in ("pk", "name", "latitude", "longitude")),
    )  # fmt: skip
    schools: dict[UUID, RunSchool] = {}
    classes = []
    for pk, name, grade_level, *school in rows:
        if pk in periods and not (purpose == RunPurpose.REPAIR and periods[pk][2][0] <= today()):
            found = schools.setdefault(school[0], RunSchool(*school))
            classes.append((pk, name, grade_level, found))
    in_order = sorted(schools.values(), key=lambda each: each.id)
    number = {each.id: place for place, each in enumerate(in_order)}
    return in_order, [
        RunClass(pk, name, grade_level, number[school.id], *periods[pk]) for pk, name, grade_level, school in classes
    ]


def _busy(round: Round, ids: Ids, of_class: Numbers, classes: Sequence[RunClass], purpose: str) -> NDArray[np.bool_]:
    """Who is somewhere in one of the weeks already."""
    weeks = sorted({week for each in classes for week in each.weeks})
    rows = PlacementWeek.objects.filter(live=True, week_on__in=weeks)
    if purpose == RunPurpose.REPAIR:
        # Who has a paused place keeps it: pausing promises that, and a run offers such a place to nobody.
        paused = Q(placement__slot__status=SlotStatus.PAUSED)
        rows = rows.exclude(~paused, placement__round=round)
    found = read(rows.values_list("learner_id", "week_on"), learner=ID, week=DATE)
    learner = Index(ids).find(found["learner"])
    here = learner >= 0
    week = np.searchsorted(np.array(weeks, "M8[D]"), found["week"][here])
    goes = np.zeros((len(classes), len(weeks)), np.bool_)
    for number, each in enumerate(classes):
        goes[number, [weeks.index(monday) for monday in each.weeks]] = True
    learner = learner[here]
    busy = np.zeros(len(ids), np.bool_)
    busy[learner[goes[of_class[learner], week]]] = True
    return busy


def _held(round: Round, ids: Ids) -> Ids:
    """The slot of the place in the round that each learner has now."""
    rows = Placement.objects.filter(round=round, ended_at=None, status__in=LIVE)
    found = read(rows.values_list("learner_id", "slot_id"), learner=ID, slot=ID)
    learner = Index(ids).find(found["learner"])
    held = np.zeros(len(ids), "S16")
    held[learner[learner >= 0]] = found["slot"][learner >= 0]
    return held


def read_wishes(round: Round, learners: Learners) -> Pairs:
    """Return the learners' wishes in order of learner and rank. A saved list counts also when it was never sent in."""
    # The region stands first in the indexes: naming it makes each look-up one instead of three.
    rows = Choice.objects.filter(region=round.region_id, choice_list__region=round.region_id, choice_list__round=round)
    return _pairs(learners, **read(rows.values_list("learner_id", "slot_id", "rank"), learner=ID, slot=ID, rank=INT))


def read_locks(round: Round, learners: Learners) -> Pairs:
    """Return who must have which slot."""
    rows = PlacementLock.objects.filter(round=round).values_list("learner_id", "slot_id")
    return _pairs(learners, **read(rows, learner=ID, slot=ID))


def read_earlier(round: Round, learners: Learners) -> Pairs:
    """Return where the learners have been, or will be, but for their period in this round."""
    rows = Placement.objects.filter(status__in=LIVE, learner__in=learners_in_round(round).order_by().values("pk"))
    rows = rows.exclude(period__round_periods__round=round)
    return _pairs(learners, **read(rows.values_list("learner_id", "slot_id"), learner=ID, slot=ID))


def read_refused(round: Round, learners: Learners) -> Pairs:
    """Return whose workplace has said no to them in this round."""
    rows = Placement.objects.filter(round=round, status__in=ENDED_BY_EMPLOYER)
    return _pairs(learners, **read(rows.values_list("learner_id", "slot_id"), learner=ID, slot=ID))


def _pairs(learners: Learners, *, learner: Ids, slot: Ids, rank: Numbers | None = None) -> Pairs:
    """Keep the pairs of learners in the run, in order."""
    at = learners.index.find(learner)
    here = at >= 0
    at, slot = at[here], slot[here]
    number = np.zeros(len(at), np.int64) if rank is None else rank[here].astype(np.int64)
    # A rank is a small number: 16 bits hold it, and one sort of whole numbers puts both in order.
    order = np.argsort(at << 16 | number, kind="stable") if rank is not None else np.lexsort((slot, at))
    return Pairs(at[order], slot[order], number[order])


def count_unsent(round: Round, learners: Learners) -> int:
    """Return how many lists with wishes were never sent in."""
    rows = ChoiceList.objects.filter(round=round, submitted_at=None, choices__isnull=False).distinct()
    found = read(rows.values_list("learner_id"), learner=ID)["learner"]
    return int((learners.index.find(found) >= 0).sum())
