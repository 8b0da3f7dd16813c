"""The start page of a school."""

import pytest
from django.urls import reverse

from accounts.enums import Role
from tests.factories.schools import make_class


@pytest.mark.parametrize(
    ("role", "shown"),
    [(Role.AUTHORITY_COORDINATOR, True), (Role.ELECTED_REPRESENTATIVE, False), (Role.PROGRAMME_COORDINATOR, False)],
)
def test_small_groups_are_for_those_who_may_see_the_learners(
    authority, school, seeding, member_client, role, shown
) -> None:
    with seeding():
        make_class(school, "9A", grade_level=9, learners=1)
    url = reverse("dashboards:today", kwargs={"org": school.organisation.slug})

    context = member_client(authority, role).get(url).context

    assert (bool(context.get("day_groups")), bool(context.get("classes"))) == (shown, shown)
