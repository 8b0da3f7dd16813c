from collections.abc import Callable
from typing import Any

import pytest

from core.weeks import WEEK, term_of, today
from dashboards.selectors import wishes
from dashboards.selectors.wishes import wishes_of_region
from schools.enums import ProtectionMode
from schools.models import Learner
from tests.factories.employers import make_slot
from tests.factories.placements import make_choices, make_round
from tests.factories.schools import make_class, make_period

TERM = term_of(today()).next()
WEEKS = list(TERM.weeks)[8:11]
PLACED = [("woman", 1)] * 6


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, as_org: Any, region: Any) -> Callable[[], dict[str, str]]:
    """What the region may read of the wishes, counted anew each time."""
    monkeypatch.setattr(wishes, "KEPT_SECONDS", 0)

    def count() -> dict[str, str]:
        with as_org(region):
            found = wishes_of_region(region.pk, kind="prao", term=TERM)
        return {field: str(cell) for field, cell in found.by_field.items()}

    return count


def test_wishes_are_the_weeks_of_first_choices(
    seeding: Any, counted: Any, school: Any, workplace: Any, published_class: Callable
) -> None:
    with seeding():
        slot = make_slot(workplace, occupation_field="it")
        published_class(school, slot, PLACED, WEEKS[:2], name="9A")
        published_class(school, slot, PLACED, WEEKS[2:], name="9B")
        published_class(school, slot, PLACED, [TERM.weeks[0] - WEEK, WEEKS[0]], name="9C")

    assert counted() == {"it": str(6 * 2 + 6 + 6)}


def test_a_learner_with_wishes_in_two_rounds_is_one_learner(
    seeding: Any, counted: Any, school: Any, workplace: Any, published_class: Callable
) -> None:
    with seeding():
        slot = make_slot(workplace, occupation_field="it")
        period = published_class(school, slot, PLACED[:4], WEEKS[:1])
        second = make_round(make_period(period.school_class, WEEKS[1:]), phase="choosing")
        for learner in Learner.objects.filter(school_class=period.school_class):
            make_choices(second, learner, [slot])

    assert counted() == {"it": "färre än 5"}


def test_wishes_of_the_protected_are_not_counted_and_those_who_moved_are_without_weeks(
    seeding: Any, counted: Any, school: Any, workplace: Any, published_class: Callable
) -> None:
    with seeding():
        slot = make_slot(workplace, occupation_field="it")
        period = published_class(school, slot, [*PLACED, *PLACED[:2]], WEEKS[:2])
        protected, moved, *_others = Learner.objects.filter(school_class=period.school_class)
        Learner.objects.filter(pk=protected.pk).update(protection_mode=ProtectionMode.OUTSIDE)
        Learner.objects.filter(pk=moved.pk).update(school_class=make_class(school, "9X"))

    assert counted() == {"it": "12"}


def test_wishes_are_kept_and_say_when_they_were_counted(
    seeding: Any, as_org: Any, region: Any, school: Any, slot: Any, published_class: Callable
) -> None:
    with as_org(region):
        before = wishes_of_region(region.pk, kind="prao", term=TERM)
    with seeding():
        published_class(school, slot, PLACED, WEEKS)

    with as_org(region):
        assert wishes_of_region(region.pk, kind="prao", term=TERM) == before
        other = wishes_of_region(region.pk, kind="apl", term=TERM)
    assert other.counted_at > before.counted_at
