"""The answer page: works without an account, and only as long as the link does."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.outbox.models import OutboxMessage
from core.tenancy import SystemReason, system_scope
from placements.models import AnswerLink, Placement
from placements.selectors.links import answer_token
from tests.factories.published import Season, make_season


@pytest.fixture
def season(region: Any, weeks: list[date], seeding: Any) -> Season:
    with seeding():
        return make_season(region, weeks).publish()


def address(season: Season, name: str = "answer_link") -> str:
    with system_scope(SystemReason.SEED):
        return reverse(f"placements:{name}", args=[answer_token(season.link())])


def statuses() -> list[str]:
    with system_scope(SystemReason.SEED):
        return list(Placement.objects.order_by("learner_name").values_list("status", flat=True))


def keys(season: Season) -> list[str]:
    with system_scope(SystemReason.SEED):
        return [row.pk.hex for row in Placement.objects.order_by("learner_name")]


def test_answer_page_shows_each_learner_with_school_and_weeks(season: Season) -> None:
    response = Client().get(address(season))

    shown = [row.guest.placement for row in response.context["form"].rows]
    rows = [(placement.learner_name, placement.school_name) for placement in shown]
    assert response.status_code == 200
    assert rows == [("Amina Warsame", "Norrängsskolan"), ("Elias Warsame", "Norrängsskolan")]


def test_answer_yes_to_all_in_one_tap(season: Season) -> None:
    response = Client().post(address(season), {"yes_to_all": "1"}, follow=True)

    assert (response.status_code, statuses()) == (200, ["employer_confirmed", "employer_confirmed"])
    assert [guest.placement.learner_name for guest in response.context["coming"]] == ["Amina Warsame", "Elias Warsame"]


def test_answer_each_with_a_reason(season: Season) -> None:
    amina, elias = keys(season)

    Client().post(address(season), {f"answer_{amina}": "yes", f"answer_{elias}": "no", f"reason_{elias}": "Ombyggnad"})

    assert statuses() == ["employer_confirmed", "declined_employer"]
    form = Client().get(address(season)).context["form"]
    assert [(row.answer.initial, row.reason.initial) for row in form.rows] == [("yes", ""), ("no", "Ombyggnad")]


def test_answer_yes_to_all_leaves_an_earlier_no(season: Season) -> None:
    _amina, elias = keys(season)
    Client().post(address(season), {f"answer_{elias}": "no"})

    codes = [Client().post(address(season), {"yes_to_all": "1"}).status_code for _ in range(2)]

    assert (codes, statuses()) == ([302, 302], ["employer_confirmed", "declined_employer"])


def test_answer_nothing_is_an_error(season: Season) -> None:
    response = Client().post(address(season), {})

    assert (response.status_code, statuses()) == (422, ["reserved", "reserved"])
    assert response.context["form"].non_field_errors() == ["Välj Ja eller Nej för minst en elev, eller Ja till alla."]


@pytest.mark.parametrize("token", ["x", "WyJhIiwwXQ:1w:abc", "eyJhIjoxfQ"])
def test_answer_link_that_is_wrong(db: None, token: str) -> None:
    response = Client().get(reverse("placements:answer_link", args=[token]))

    assert (response.status_code, response.templates[0].name) == (404, "placements/answer_unknown.html")


def expire(season: Season) -> None:
    with system_scope(SystemReason.SEED):
        AnswerLink.objects.update(expires_at=timezone.now() - timedelta(days=1))


def test_answer_link_that_has_expired_takes_no_answer(season: Season) -> None:
    expire(season)

    response = Client().post(address(season), {"yes_to_all": "1"})

    assert (response.status_code, response.templates[0].name) == (410, "placements/answer_expired.html")
    assert statuses() == ["reserved", "reserved"]


def test_answer_link_is_renewed_by_mail_and_the_old_one_stops(season: Season) -> None:
    expire(season)
    old = address(season)

    Client().post(address(season, "answer_renew"))

    with system_scope(SystemReason.SEED):
        messages = OutboxMessage.objects.filter(event="placements/employer_digest").count()
    assert messages == 2
    assert [Client().get(old).status_code, Client().get(address(season)).status_code] == [410, 200]


def test_answer_link_is_renewed_three_times_an_hour_at_most(season: Season) -> None:
    codes = [Client().post(address(season, "answer_renew")).status_code for _ in range(4)]

    assert codes == [302, 302, 302, 429]


def test_answer_link_opens_only_its_own_employers_learners(season: Season, seeding: Any) -> None:
    with seeding():
        make_season(season.school.organisation.region, season.weeks).publish()

    response = Client().get(address(season))

    assert len(response.context["form"].rows) == 2
