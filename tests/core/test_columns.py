"""Columns read through the ORM, inside the wall."""

from datetime import date
from uuid import UUID

import numpy as np
import pytest
from django.db.models import Value
from django.db.models.functions import NullIf
from hypothesis import given
from hypothesis import strategies as st

from core.columns import BOOL, DATE, FLOAT, ID, INT, MISSING, IdBytes, Index, column_of, ids_of, read, sorted_by, uuids
from core.tenancy import NoScope
from employers.models import Slot, SlotWeek, Workplace
from schools.models import Learner
from tests.factories import employers, schools


def test_every_kind_comes_back_as_it_lies(scoped, workplace):
    Workplace.objects.filter(pk=workplace.pk).update(latitude=57.721, longitude=-12.94, risk_assessed_on="2026-08-17")
    columns = read(
        Workplace.objects.annotate(yes=Value(True), number=Value(-7)).values_list(
            "pk", "latitude", "longitude", "risk_assessed_on", "yes", "number"
        ),
        pk=ID,
        latitude=FLOAT,
        longitude=FLOAT,
        day=DATE,
        yes=BOOL,
        number=INT,
    )
    assert uuids(columns["pk"]) == [workplace.pk]
    rest = {name: column.tolist() for name, column in columns.items() if name != "pk"}
    assert rest == {
        "latitude": [57.721],
        "longitude": [-12.94],
        "day": [date(2026, 8, 17)],
        "yes": [True],
        "number": [-7],
    }
    assert {name: str(column.dtype) for name, column in columns.items()} == {
        "pk": "|S16",
        "latitude": "float64",
        "longitude": "float64",
        "day": "datetime64[D]",
        "yes": "bool",
        "number": "int32",
    }


def test_null_has_its_own_value_in_each_kind(scoped, workplace):
    slot = employers.make_slot(workplace)
    rows = Workplace.objects.filter(pk=workplace.pk)
    rows.update(latitude=None, risk_assessed_on=None)
    rows = rows.annotate(none=NullIf("pk", Value(workplace.pk)))
    columns = read(rows.values_list("latitude", "risk_assessed_on", "none"), latitude=FLOAT, day=DATE, none=ID)
    assert np.isnan(columns["latitude"]).tolist() == [True]
    assert np.isnat(columns["day"]).tolist() == [True]
    assert uuids(columns["none"]) == [UUID(int=0)]
    age = read(Slot.objects.filter(pk=slot.pk).values_list("min_age"), age=INT)["age"]
    assert age.tolist() == [MISSING]


def test_a_truth_value_cannot_be_missing(scoped, workplace):
    rows = Workplace.objects.annotate(none=NullIf(Value(True), Value(True))).values_list("none")
    with pytest.raises(ValueError, match=r"^none holds NULL in 1 of 1 rows$"):
        read(rows, none=BOOL)


@pytest.mark.parametrize("which", [{}, {"week_on__in": []}])
def test_no_rows_give_empty_columns(scoped, which):
    columns = read(SlotWeek.objects.filter(**which).values_list("slot_id", "week_on"), slot=ID, week=DATE)
    assert {name: (len(column), str(column.dtype)) for name, column in columns.items()} == {
        "slot": (0, "|S16"),
        "week": (0, "datetime64[D]"),
    }


def test_rows_keep_together_and_parameters_are_passed(scoped, slot, weeks):
    employers.make_seats(slot, weeks, seats=3)
    employers.make_seats(slot, [date(2030, 1, 7)], seats=9)
    rows = SlotWeek.objects.filter(week_on__in=weeks, slot__title=slot.title).order_by("-week_on")
    columns = sorted_by(read(rows.values_list("week_on", "seats"), week=DATE, seats=INT), "week")
    assert list(zip(columns["week"].tolist(), columns["seats"].tolist(), strict=True)) == [
        (weeks[0], 3),
        (weeks[1], 3),
    ]


def test_only_rows_inside_the_wall_are_read(as_org, school_class, stranger_authority, authority):
    with as_org(authority):
        assert len(read(Learner.objects.values_list("pk"), pk=ID)["pk"]) == 3
    with as_org(stranger_authority):
        assert len(read(Learner.objects.values_list("pk"), pk=ID)["pk"]) == 0


def test_nothing_is_read_without_a_scope(db):
    with pytest.raises(NoScope):
        read(Learner.objects.values_list("pk"), pk=ID)


def test_ids_of_a_group(scoped, school_class):
    row = Learner.objects.values("school_class").annotate(ids=IdBytes("pk")).get()
    assert sorted(uuids(ids_of(row["ids"]))) == sorted(Learner.objects.values_list("pk", flat=True))


def test_learner_with_a_nul_at_the_end_keeps_it(scoped, school_class):
    pk = UUID("00112233-4455-4677-8899-aabbccddee00")
    schools.make_learner(school_class, pk=pk)
    (found,) = uuids(read(Learner.objects.filter(pk=pk).values_list("pk"), pk=ID)["pk"])
    assert found == pk


# Few different halves, so that ids share their first or last eight bytes, or end in NUL.
IDS = st.builds(
    lambda head, tail: UUID(bytes=head + tail),
    st.sampled_from([bytes(8), b"\x00" * 7 + b"\x01", b"\xff" * 8]),
    st.sampled_from([bytes(8), b"\x01" + bytes(7), b"\xff" * 8]),
)


@given(held=st.sets(IDS), wanted=st.lists(IDS))
def test_index_finds_what_a_dictionary_does(held, wanted):
    ordered = sorted(held)
    positions = {each: number for number, each in enumerate(ordered)}
    found = Index(column_of(ordered)).find(column_of(wanted))
    assert found.tolist() == [positions.get(each, -1) for each in wanted]


@given(st.lists(IDS))
def test_a_column_of_ids_goes_there_and_back(ids):
    assert uuids(column_of(ids)) == ids
