"""What a run is given: of whom, of which seats, at what cost."""

from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from django.utils import timezone

from core.columns import uuids
from core.weeks import WEEK, today
from employers.enums import SlotStatus
from employers.models import Slot, SlotWeek
from placements.allocation import fairness_steps, solve
from placements.enums import PlacementStatus, RepairOption, RunPurpose
from placements.models import Placement, PlacementLock, PlacementWeek, TravelModel
from placements.selectors import run_inputs
from placements.selectors.run_inputs import InputsRefused, load_inputs, names_of
from tests.factories import employers, placed, placements, schools


@pytest.fixture
def case(authority, school, employer, weeks, seeding):
    """A class of three; a bakery with one seat and a garage with two."""
    with seeding():
        school_class = schools.make_class(school)
        learners = [schools.make_learner(school_class, name) for name in ("Amina", "Bo", "Cia")]
        period = schools.make_period(school_class, weeks)
        made = placements.make_round(period, phase="published")
        bakery, garage = (
            employers.make_slot(employers.make_workplace(employer, name)) for name in ("Bageri", "Garage")
        )
        employers.make_seats(bakery, weeks, 1)
        employers.make_seats(garage, weeks, 2)
        placements.make_choices(made, learners[0], [bakery, garage])
        placements.make_choices(made, learners[1], [garage])
    return SimpleNamespace(
        round=made, period=period, bakery=bakery, garage=garage, learners=learners, weeks=weeks, school=school
    )


@pytest.fixture
def load(case, as_org, authority):
    def loading(**options):
        with as_org(authority):
            return load_inputs(case.round, **options)

    return loading


def give(case, learner, slot, status=PlacementStatus.RESERVED):
    """A live place, with the seats taken; or one that ended, its seats free again."""
    placement = placed.place(learner, case.period, case.round, slot, case.weeks, None)
    ended = status in (PlacementStatus.DECLINED_EMPLOYER, PlacementStatus.WITHDRAWN_LEARNER)
    Placement.objects.filter(pk=placement.pk).update(status=status, ended_at=timezone.now() if ended else None)
    PlacementWeek.objects.filter(placement=placement).update(live=not ended)
    if not ended:
        SlotWeek.objects.filter(slot=slot, week_on__in=case.weeks).update(taken=1)


def offered(inputs) -> dict:
    """Learner → slots that may be had, by id."""
    found = {pk: set() for pk in inputs.learner_ids(range(inputs.problem.n_learners))}
    slots = uuids(inputs.columns.slot_id[inputs.slot_index(np.arange(inputs.problem.n_arcs))])
    for learner, slot in zip(inputs.learner_ids(inputs.problem.learner), slots, strict=True):
        found[learner].add(slot)
    return found


def seats(inputs) -> dict:
    nodes = inputs.problem.seat_key.shape[0]
    caps = dict(zip(inputs.problem.cap_tail.tolist(), inputs.problem.cap_seats.tolist(), strict=True))
    ids = uuids(inputs.columns.slot_id[inputs.columns.seat_slot])
    return {ids[node]: caps[node] for node in range(nodes)}


def rank_costs(inputs, learner) -> dict:
    index = inputs.learner_ids(range(inputs.problem.n_learners)).index(learner.pk)
    mine = np.flatnonzero(inputs.problem.learner == index)
    return dict(
        zip(
            uuids(inputs.columns.slot_id[inputs.slot_index(mine)]), inputs.problem.levels[0, mine].tolist(), strict=True
        )
    )


def test_everybody_is_offered_what_is_open_at_the_price_of_the_wish(case, load):
    inputs = load()
    both = {case.bakery.pk, case.garage.pk}
    assert offered(inputs) == {learner.pk: both for learner in case.learners}
    assert seats(inputs) == {case.bakery.pk: 1, case.garage.pk: 2}
    amina, bo, cia = case.learners
    assert rank_costs(inputs, amina) == {case.bakery.pk: 0, case.garage.pk: 1}
    # Outside the wishes costs the next rank; without any, as after a full list.
    assert rank_costs(inputs, bo) == {case.garage.pk: 0, case.bakery.pk: 1}
    assert set(rank_costs(inputs, cia).values()) == {case.round.max_choices * (case.round.max_choices + 1) // 2}
    assert (inputs.silent, inputs.unsent, inputs.placed_before) == (1, 0, 0)
    assert inputs.current.tolist() == [-1, -1, -1]


def test_travel_is_the_second_cost_and_unknown_costs_nothing(case, load, seeding):
    with seeding():
        case.school.latitude, case.school.longitude = 57.721, 12.94
        case.school.save()
        case.bakery.workplace.latitude, case.bakery.workplace.longitude = 57.721, 13.1
        case.bakery.workplace.save()
    inputs = load()
    arcs = np.arange(inputs.problem.n_arcs)
    by_slot = dict(
        zip(uuids(inputs.columns.slot_id[inputs.slot_index(arcs)]), inputs.problem.levels[1].tolist(), strict=True)
    )
    # 9.5 km as the crow flies, 30 % longer by road, 40 km/h, and eight minutes to start with.
    assert by_slot == {case.bakery.pk: 27, case.garage.pk: 0}
    chosen = np.array([by_slot_arc(inputs, case.bakery, 0), by_slot_arc(inputs, case.garage, 1), -1])
    assert inputs.minutes(chosen).tolist() == [27, -1, -1]


def by_slot_arc(inputs, slot, learner: int) -> int:
    mine = np.flatnonzero(inputs.problem.learner == learner)
    return int(mine[[inputs.slot_of(arc) for arc in mine].index(slot.pk)])


def test_the_rest_are_those_without_a_place_and_a_no_is_not_asked_again(case, load, seeding):
    amina, bo, cia = case.learners
    with seeding():
        give(case, amina, case.bakery)
        give(case, bo, case.garage, PlacementStatus.DECLINED_EMPLOYER)
    inputs = load(purpose=RunPurpose.REST)
    # One of the garage's two seats was refused, and Bo is not sent there again.
    assert offered(inputs) == {bo.pk: set(), cia.pk: {case.garage.pk}}
    assert (seats(inputs), inputs.placed_before) == ({case.garage.pk: 1}, 1)
    codes = [inputs.clauses[rule - 1].code for rule in inputs.wishes.rule.tolist()]
    assert codes == ["refused"]


def test_a_repair_lets_everybody_stay_and_can_lock_them_there(case, load, seeding):
    amina, bo, cia = case.learners
    with seeding():
        give(case, amina, case.bakery)
        give(case, bo, case.garage, PlacementStatus.DECLINED_EMPLOYER)
    inputs = load(purpose=RunPurpose.REPAIR, option=RepairOption.STAY)
    assert offered(inputs)[amina.pk] == {case.bakery.pk, case.garage.pk}
    assert seats(inputs) == {case.bakery.pk: 1, case.garage.pk: 1}
    at = inputs.learner_ids(range(3)).index(amina.pk)
    assert inputs.slot_of(int(inputs.current[at])) == case.bakery.pk
    assert inputs.problem.locked.tolist() == inputs.current.tolist()
    assert [int(row) for row in np.flatnonzero(inputs.current >= 0)] == [at]
    with seeding():
        assert names_of(inputs, [at]) == ["Amina Warsame"]
    assert cia.pk in offered(inputs)


def test_a_repair_moves_somebody_only_where_it_gives_one_more_a_place(case, load, seeding):
    """The garage has one seat, Amina's. Bo may only be there; the bakery, which refused Bo, has one seat left."""
    amina, bo, cia = case.learners
    with seeding():
        SlotWeek.objects.filter(slot=case.garage).update(seats=1)
        SlotWeek.objects.filter(slot=case.bakery).update(seats=2)
        give(case, amina, case.garage)
        give(case, bo, case.bakery, PlacementStatus.DECLINED_EMPLOYER)
    inputs = load(purpose=RunPurpose.REPAIR, option=RepairOption.LEAST)
    assert (inputs.problem.locked, inputs.problem.levels.shape[0]) == (None, 4)
    ids = inputs.learner_ids(inputs.problem.learner)
    newcomer = dict(zip(ids, inputs.problem.levels[0].tolist(), strict=True))
    assert newcomer == {amina.pk: 0, bo.pk: 1, cia.pk: 1}
    assert allotted(inputs) == {amina.pk: case.garage.pk, cia.pk: case.bakery.pk}
    with seeding():
        cia.delete()
    inputs = load(purpose=RunPurpose.REPAIR, option=RepairOption.LEAST)
    assert allotted(inputs) == {amina.pk: case.bakery.pk, bo.pk: case.garage.pk}


def allotted(inputs) -> dict:
    chosen = solve(inputs.problem, seed="lott").chosen
    ids = inputs.learner_ids(range(inputs.problem.n_learners))
    return {ids[row]: inputs.slot_of(int(arc)) for row, arc in enumerate(chosen) if arc >= 0}


def test_a_place_at_a_closed_slot_is_lost(case, load, seeding):
    amina = case.learners[0]
    with seeding():
        give(case, amina, case.bakery)
        Slot.objects.filter(pk=case.bakery.pk).update(status=SlotStatus.EXPIRED)
    inputs = load(purpose=RunPurpose.REPAIR, option=RepairOption.LEAST)
    at = inputs.learner_ids(range(3)).index(amina.pk)
    assert inputs.current[at] == -1
    assert uuids(inputs.columns.slot_id[inputs.held_slot[at : at + 1]]) == [case.bakery.pk]
    assert set(inputs.problem.levels[0].tolist()) == {1}


@pytest.mark.parametrize("option", RepairOption.values)
def test_who_has_a_paused_place_keeps_it_whatever_is_repaired(case, load, seeding, option):
    """Pausing a place promises that those who have it keep it."""
    amina, bo, cia = case.learners
    with seeding():
        give(case, amina, case.bakery)
        Slot.objects.filter(pk=case.bakery.pk).update(status=SlotStatus.PAUSED)
    inputs = load(purpose=RunPurpose.REPAIR, option=option)
    assert offered(inputs) == {bo.pk: {case.garage.pk}, cia.pk: {case.garage.pk}}
    assert inputs.placed_before == 1


def test_a_repair_leaves_out_weeks_that_have_begun(case, load, seeding, authority):
    with seeding():
        PlacementWeek.objects.all().delete()
        case.period.weeks.all().delete()
        period_weeks = [today() - timedelta(days=today().weekday()) + number * WEEK for number in (0, 1)]
        for week in period_weeks:
            case.period.weeks.create(region_id=case.period.region_id, authority_id=authority.pk, week_on=week)
    with pytest.raises(InputsRefused):
        load(purpose=RunPurpose.REPAIR)


def test_seats_kept_for_others_are_not_offered_and_the_own_ones_are(case, load, seeding, authority, stranger_authority):
    with seeding():
        (first, second) = employers.make_quota(
            case.garage, stranger_authority, case.weeks, 2, release_on=today() + WEEK
        )
        type(first).objects.filter(pk__in=[first.pk, second.pk]).update(taken=1)
        employers.make_quota(case.bakery, authority, case.weeks, 1, release_on=today() + WEEK)
    assert seats(load()) == {case.bakery.pk: 1, case.garage.pk: 1}
    with seeding():
        type(first).objects.update(release_on=today())
    assert seats(load()) == {case.bakery.pk: 1, case.garage.pk: 2}


def test_a_school_s_share_without_a_place_can_be_evened_out(case, load):
    assert load().problem.group is None
    problem = load(fair=True).problem
    assert problem.group.tolist() == [0, 0, 0]
    assert problem.group_step.tolist() == fairness_steps(np.array([3])).tolist()


def test_a_round_too_wide_to_share_out_is_refused(case, load, monkeypatch):
    monkeypatch.setattr(run_inputs, "MOST_SHARED_ARCS", 5)
    assert load().problem.n_arcs == 6
    with pytest.raises(InputsRefused, match="för stor för att dela bristen"):
        load(fair=True)


def test_a_lock_is_an_arc_and_a_broken_one_is_named(case, load, seeding):
    with seeding():
        lock = PlacementLock.objects.create(
            region_id=case.round.region_id,
            authority_id=case.round.authority_id,
            round=case.round,
            learner=case.learners[2],
            slot=case.bakery,
            reason="Nära",
        )
    inputs = load()
    at = inputs.learner_ids(range(3)).index(case.learners[2].pk)
    assert inputs.slot_of(int(inputs.problem.locked[at])) == case.bakery.pk
    with seeding():
        Slot.objects.filter(pk=lock.slot_id).update(min_age=18)
    with pytest.raises(InputsRefused, match=r"^Cia Warsame är låst till Bageri, som inte går att få"):
        load()


def test_a_country_too_wide_to_solve_at_once_is_refused(case, load, monkeypatch):
    monkeypatch.setattr("placements.selectors.run_inputs.reach.MOST_ARCS", 5)
    with pytest.raises(InputsRefused, match="Sätt en längsta resa"):
        load()


def test_no_learner_left_is_refused(case, load, seeding):
    with seeding():
        for learner, slot in zip(case.learners, [case.bakery, case.garage, case.garage], strict=True):
            give(case, learner, slot)
    with pytest.raises(InputsRefused, match=r"^Omgången har inga elever"):
        load(purpose=RunPurpose.REST)


def test_row_order_is_nothing_and_queries_do_not_grow(
    case, load, seeding, django_assert_num_queries, as_org, authority
):
    first = load()
    with seeding():
        TravelModel.objects.all().delete()
        Slot.objects.filter(pk=case.bakery.pk).update(title="Bageriet")  # rewrites the row: it now lies last
        for _ in range(4):
            schools.make_learner(case.learners[0].school_class)
    with seeding():
        type(case.learners[0]).objects.exclude(pk__in=[each.pk for each in case.learners]).delete()
    second = load()
    for name in ("learner", "seat", "levels", "cap_tail", "cap_head", "cap_seats", "learner_key", "seat_key"):
        assert getattr(first.problem, name).tolist() == getattr(second.problem, name).tolist()
    assert first.digest == second.digest
    with as_org(authority):
        with django_assert_num_queries(19):
            load_inputs(case.round)
        with seeding():
            for _ in range(4):
                placements.make_choices(case.round, schools.make_learner(case.learners[0].school_class), [case.garage])
    with as_org(authority), django_assert_num_queries(19):
        load_inputs(case.round)
