"""Asked for all at once, the rules answer as they do one by one."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import PlacementKind
from employers.enums import SlotStatus
from employers.models import Slot, Workplace
from placements.eligibility import BLOCKING, RULES, LearnerFacts, reasons_against
from placements.eligibility.facts import Case, Rule, age_on, day_number
from placements.eligibility.tables import Clauses, judge
from placements.models import TravelModel
from placements.selectors.run_inputs.reach import OF_JOURNEYS, OF_KINDS, OF_PAIRS, OF_WEEKS
from placements.travel import Origin

WEEKS = (date(2027, 4, 12), date(2027, 4, 19))
TODAY = date(2027, 3, 4)
IDS = [uuid4() for _ in range(3)]
KINDS = [kind.value for kind in PlacementKind]
PLACES = [None, 57.7, 57.9, 60.0]

learners = st.builds(
    LearnerFacts,
    grade_level=st.integers(7, 10),
    birth_date=st.none() | st.dates(date(2008, 1, 1), date(2014, 12, 31)),
    kind=st.sampled_from(KINDS),
    protected=st.booleans(),
    earlier_slots=st.frozensets(st.sampled_from(IDS)),
    refused_slots=st.frozensets(st.sampled_from(IDS)),
    origin=st.builds(
        Origin,
        st.sampled_from(PLACES),
        st.just(13.0),
        st.builds(TravelModel, limit_minutes=st.none() | st.integers(45, 90)),
    ),
)
slots = st.builds(
    lambda latitude, **fields: Slot(workplace=Workplace(latitude=latitude, longitude=13.0), **fields),
    latitude=st.sampled_from(PLACES),
    pk=st.sampled_from(IDS),
    kinds=st.lists(st.sampled_from(KINDS), unique=True),
    grades=st.lists(st.integers(7, 10), unique=True),
    min_age=st.none() | st.integers(13, 18),
    starts_at=st.builds(time, st.integers(4, 9)),
    ends_at=st.builds(time, st.integers(14, 23)),
    break_minutes=st.sampled_from([0, 30, 60]),
    status=st.sampled_from(SlotStatus.values),
)


@given(
    st.lists(learners, min_size=1, max_size=4),
    st.lists(slots, min_size=1, max_size=4),
    st.dictionaries(st.tuples(st.sampled_from(IDS), st.sampled_from(WEEKS)), st.integers(-1, 3)),
)
def test_a_table_holds_the_answer_of_every_question(people, places, free):
    clauses = Clauses()
    cases = [[Case(facts, slot, WEEKS, TODAY, free) for slot in places] for facts in people]
    tables = [_table(asked, cases, clauses) for asked in BLOCKING]
    for number, facts in enumerate(people):
        for other, slot in enumerate(places):
            expected = reasons_against(facts=facts, slot=slot, weeks=WEEKS, today=TODAY, free=free)
            found = [clauses.found[code - 1] for table in tables if (code := table[number, other])]
            assert found == [(reason.code, reason.clause) for reason in expected]


def _table(asked: Rule, cases: list[list[Case]], clauses: Clauses):
    """A rule that reads only of learners and only of slots is asked for the two sides; any other for every pair."""
    if set(asked.reads) <= OF_KINDS:
        of_learner = ("protected", "kind", "grade_level", "age", "first_day", "tenant_hours")
        of_slot = ("status", "kinds", "grades", "min_age", "starts_at", "ends_at", "break_minutes")
        people = [_row(row[0], of_learner) for row in cases]
        return judge(asked, people, [_row(case, of_slot) for case in cases[0]], clauses=clauses)
    pairs = [_row(case, asked.reads) for row in cases for case in row]
    return judge(asked, pairs, clauses=clauses).reshape(len(cases), -1)


def _row(case: Case, names: tuple[str, ...]) -> dict:
    found = {name: getattr(case, name) for name in names}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}


@pytest.mark.parametrize("asked", [found for found in RULES if found.blocks], ids=lambda found: found.code)
def test_a_run_knows_where_to_ask_every_rule(asked):
    reads = set(asked.reads)
    assert sum([reads <= OF_KINDS, reads <= OF_WEEKS, reads <= OF_JOURNEYS, reads <= OF_PAIRS and len(reads) == 1]) == 1


def test_a_rule_that_reads_more_than_it_says_fails_at_once():
    sly = Rule("sly", "", ("kind",), date.min, blocks=True, check=lambda case: str(case.grade_level))
    with pytest.raises(AttributeError, match="grade_level"):
        judge(sly, [{"kind": "prao", "grade_level": 8}], clauses=Clauses())


def test_a_rule_with_a_date_reads_the_first_day():
    new = Rule("new", "", ("kind", "first_day"), date(2027, 5, 1), blocks=True, check=lambda _case: "nej")
    rows = [{"kind": "prao", "first_day": WEEKS[0]}, {"kind": "prao", "first_day": WEEKS[0] + timedelta(weeks=5)}]
    assert judge(new, rows, clauses=Clauses()).tolist() == [0, 1]


@given(st.dates(date(1990, 1, 1), date(2020, 12, 31)), st.dates(date(2021, 1, 1), date(2030, 12, 31)))
def test_age_changes_on_the_birthday(born, day):
    had_birthday = (day.month, day.day) >= (born.month, born.day)
    assert age_on(day_number(born), day_number(day)) == day.year - born.year - (not had_birthday)
