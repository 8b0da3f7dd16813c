"""Who has chosen: a page that is found by the classes' numbers is the same as one read from the whole list."""

import pytest

from placements.selectors import choices_overview
from placements.selectors.choices_overview import choices_of, class_progress
from schools.enums import ProtectionMode
from schools.models import Learner
from tests.factories.employers import make_employer, make_slot, make_workplace
from tests.factories.placements import make_choices, make_round
from tests.factories.schools import make_class, make_learner, make_period, make_school


@pytest.fixture
def classes(authority, region, weeks, scoped):
    """Three classes in two schools, with learners in every state."""
    slot, periods, lists = make_slot(make_workplace(make_employer(region))), [], []
    for school_name, name in (("Åsskolan", "8A"), ("Öknaskolan", "8A"), ("Åsskolan", "8B")):
        school = next((unit for unit in authority.units.all() if unit.name == school_name), None)
        school_class = make_class(school or make_school(authority, school_name), name)
        learners = [make_learner(school_class, first, last_name="Ek") for first in ("Örjan", "Åsa", "Bo", "Ärla")]
        make_learner(school_class, "Hemlig", protection_mode=ProtectionMode.OUTSIDE)
        lists += [(learners[0], True), (learners[1], False)]
        periods.append(make_period(school_class, weeks))
    made = make_round(*periods)
    for learner, submitted in lists:
        make_choices(made, learner, [slot], submitted=submitted)
    return class_progress([made.pk], authority.organisation).classes


def test_classes_are_counted_state_by_state(classes):
    assert [(each.school, each.class_name) for each in classes] == [
        ("Åsskolan", "8A"),
        ("Åsskolan", "8B"),
        ("Öknaskolan", "8A"),
    ]
    assert {(each.learners, each.sent, each.saved, each.not_started) for each in classes} == {(4, 1, 1, 2)}


@pytest.mark.parametrize("sort", ["", "-state", "class", "-class", "name", "-name", "n"])
@pytest.mark.parametrize("state", ["", "not_started"])
def test_pages_are_parts_of_the_whole_list(classes, authority, sort, state):
    found = choices_of(classes, authority.organisation, sort=sort, state=state)
    whole = list(found)
    pages = [row for start in range(0, found.count(), 5) for row in found[start : start + 5]]
    assert [row.learner_id for row in pages] == [row.learner_id for row in whole]
    assert len(whole) == found.count() == (6 if state else 12)


def test_those_who_have_not_begun_come_first_in_swedish_order(classes, authority):
    rows = choices_of(classes, authority.organisation)[0:7]
    assert [(row.first_name, row.class_name, row.school, row.state) for row in rows] == [
        ("Bo", "8A", "Åsskolan", "not_started"),
        ("Ärla", "8A", "Åsskolan", "not_started"),
        ("Bo", "8B", "Åsskolan", "not_started"),
        ("Ärla", "8B", "Åsskolan", "not_started"),
        ("Bo", "8A", "Öknaskolan", "not_started"),
        ("Ärla", "8A", "Öknaskolan", "not_started"),
        ("Åsa", "8A", "Åsskolan", "saved"),
    ]


def test_a_page_reads_the_classes_it_falls_in_only(classes, authority, django_assert_num_queries):
    with django_assert_num_queries(1):
        rows = choices_of(classes, authority.organisation, sort="class")[4:8]
    assert {(row.school, row.class_name) for row in rows} == {("Åsskolan", "8B")}


def test_numbers_of_very_many_are_kept_and_say_when_they_were_counted(classes, authority, monkeypatch):
    round_id = classes[0].round_id
    assert class_progress([round_id], authority.organisation).counted_at is None
    monkeypatch.setattr(choices_overview, "MANY_LEARNERS", 3)
    before = class_progress([round_id], authority.organisation)
    Learner.objects.update(protection_mode=ProtectionMode.OUTSIDE)
    assert before.counted_at
    assert class_progress([round_id], authority.organisation) == before
    assert class_progress([round_id], authority.units.first().organisation).classes == []
