"""Demand and closed weeks, over the whole region."""

from core.weeks import WEEK
from schools.models import PlacementPeriod
from schools.selectors.periods import closed_weeks, demand_by_week
from tests.factories.schools import make_class, make_closed_week, make_period


def test_demand_sums_every_school_and_names_empty_weeks(school, stranger_school, school_class, as_org, seeding, weeks):
    with seeding():
        make_period(school_class, weeks, learners=22)
        make_period(make_class(stranger_school), weeks[:1], learners=30)
    with as_org(school):
        wanted = [*weeks, weeks[-1] + WEEK]
        assert demand_by_week(weeks=wanted) == {wanted[0]: 52, wanted[1]: 22, wanted[2]: 0}


def test_demand_can_be_asked_for_one_kind(school, school_class, as_org, seeding, weeks):
    with seeding():
        make_period(school_class, weeks, learners=22)
        PlacementPeriod.objects.update(kind="apl")
    with as_org(school):
        assert demand_by_week(weeks=weeks, kind="prao") == dict.fromkeys(weeks, 0)
        assert demand_by_week(weeks=weeks, kind="apl") == dict.fromkeys(weeks, 22)


def test_closed_weeks_hold_where_they_say(region, school, as_org, seeding, weeks):
    with seeding():
        make_closed_week(region, weeks[0], "höstlov")
        make_closed_week(region, weeks[1], "sportlov", ["1490"])
    with as_org(school):
        assert closed_weeks(weeks=weeks) == {weeks[0]: "höstlov"}
        assert closed_weeks(weeks=weeks, municipality_code="1490") == {weeks[0]: "höstlov", weeks[1]: "sportlov"}
        assert closed_weeks(weeks=weeks, municipality_code="1463") == {weeks[0]: "höstlov"}
