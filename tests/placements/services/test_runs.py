"""Who may run, what must be accepted, and the way from draft to reviewed and back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.models import StateChange
from core.tenancy import scope
from core.weeks import WEEK
from placements.enums import RunPurpose, RunStatus
from placements.models import AllocationRun, Assignment, Round
from placements.selectors.rights import sharing_schools
from placements.selectors.run_inputs import round_digest
from placements.services.runs import (
    RunRefused,
    accept_warning,
    reopen_run,
    request_run,
    review_run,
    withdraw_acceptance,
)
from tests.factories import schools
from tests.factories.placements import make_round
from tests.factories.published import Season, make_season


@pytest.fixture
def season(region: Any, weeks: Any, seeding: Any) -> Season:
    """Three learners; Amina and Elias have the bakery, Viktor nothing. The run is a draft."""
    with seeding():
        made = make_season(region, weeks)
        AllocationRun.objects.filter(pk=made.run.pk).update(
            status=RunStatus.DRAFT, reviewed_at=None, accepted={}, inputs_hash=round_digest(made.round, run=made.run)
        )
        made.run.refresh_from_db()
    return made


@pytest.fixture
def act(season: Season) -> Callable[..., Any]:
    """Do something with the run as the school's counsellor."""

    def call(service: Callable[..., Any], **fields: Any) -> Any:
        with scope(season.school.organisation.scope()):
            run = AllocationRun.objects.select_related("round").get(pk=season.run.pk)
            return service(run=run, actor=season.actor, **fields)

    return call


@pytest.fixture
def stored(season: Season, seeding: Any) -> Callable[[], AllocationRun]:
    def read() -> AllocationRun:
        with seeding():
            return AllocationRun.objects.get(pk=season.run.pk)

    return read


def request(season: Season, **fields: Any) -> AllocationRun:
    with scope(season.school.organisation.scope()):
        values = {"is_trial": False, "policy": "optimum", **fields}
        return request_run(round=season.round, actor=season.actor, **values)


# -- accepting and reviewing


def test_a_draft_with_an_open_warning_is_not_reviewed(act, stored):
    with pytest.raises(RunRefused) as refused:
        act(review_run)
    assert str(refused.value.message) == "Godta varningarna först: 1 elev saknar plats."
    assert stored().status == RunStatus.DRAFT


def test_an_accepted_draft_is_reviewed_by_name_and_time(act, stored, season, seeding):
    act(accept_warning, code="unplaced")
    act(review_run)
    run = stored()
    assert (run.status, run.accepted["unplaced"]["by"], run.accepted["unplaced"]["count"]) == (
        RunStatus.REVIEWED,
        "Malin Ekdahl",
        1,
    )
    assert timezone.now() - run.reviewed_at < timedelta(minutes=1)
    with seeding():
        lines = StateChange.objects.filter(subject_id=run.pk).order_by("at").values_list("before", "after", "reason")
        assert list(lines) == [
            ("draft", "draft", "Godtog: 1 elev saknar plats"),
            ("draft", "reviewed", ""),
        ]


def test_an_acceptance_lapses_when_its_count_changes(act, season, seeding):
    act(accept_warning, code="unplaced")
    with seeding():
        Assignment.objects.filter(run=season.run, learner=season.learners[0]).update(slot=None, rank=None)
    with pytest.raises(RunRefused) as refused:
        act(review_run)
    assert str(refused.value.message) == "Godta varningarna först: 2 elever saknar plats."


def test_an_acceptance_can_be_taken_back(act, stored):
    act(accept_warning, code="unplaced")
    act(withdraw_acceptance, code="unplaced")
    assert stored().accepted == {}
    with pytest.raises(RunRefused):
        act(review_run)


def test_places_withdrawn_since_cannot_be_accepted(act, season, seeding):
    with seeding():
        season.slots[0].weeks.update(seats=1)
    act(accept_warning, code="unplaced")
    with pytest.raises(RunRefused) as refused:
        act(accept_warning, code="withdrawn")
    assert str(refused.value.message) == ("Platser som är tillbakadragna går inte att godta. Kör fördelningen igen.")
    with pytest.raises(RunRefused, match="Platser har dragits tillbaka efter körningen, för 2 elever: Hulta Bageri"):
        act(review_run)


@pytest.mark.parametrize("code", ["far", "nonsense"])
def test_a_warning_that_does_not_hold_is_not_accepted(act, stored, code):
    with pytest.raises(RunRefused) as refused:
        act(accept_warning, code=code)
    assert str(refused.value.message) == "Varningen gäller inte längre. Ladda om sidan."
    assert stored().accepted == {}


def test_a_trial_is_never_reviewed(act, season, seeding):
    with seeding():
        AllocationRun.objects.filter(pk=season.run.pk).update(is_trial=True)
    with pytest.raises(RunRefused, match="En provkörning publiceras aldrig"):
        act(review_run)


def test_a_run_whose_round_was_edited_is_not_reviewed(act, season, seeding):
    act(accept_warning, code="unplaced")
    with seeding():
        Round.objects.filter(pk=season.round.pk).update(max_choices=9)
    with pytest.raises(RunRefused) as refused:
        act(review_run)
    assert str(refused.value.message) == (
        "Elever, val, platser eller låsningar har ändrats efter körningen. Kör fördelningen igen."
    )


def test_a_reviewed_run_can_be_opened_again_and_keeps_what_was_accepted(act, stored):
    act(accept_warning, code="unplaced")
    act(review_run)
    with pytest.raises(RunRefused, match="inte ett utkast längre"):
        act(review_run)
    act(reopen_run)
    run = stored()
    assert (run.status, run.reviewed_at, run.reviewed_by_id, list(run.accepted)) == ("draft", None, None, ["unplaced"])


# -- who may run


@pytest.fixture
def neighbour(season: Season, seeding: Any) -> Any:
    """Another school of the authority with the same weeks, in no round yet."""
    with seeding():
        school = schools.make_school(season.school.authority, "Ängsskolan")
        return schools.make_period(schools.make_class(school, "8E"), season.weeks[:1], learners=20)


def test_a_school_that_shares_its_weeks_does_not_run_alone(season, neighbour):
    with pytest.raises(RunRefused) as refused:
        request(season)
    sentence = "Skolan delar veckor med Ängsskolan: huvudmannens samordnare kör fördelningen."
    assert str(refused.value.message) == sentence
    with pytest.raises(RunRefused) as refused:
        request(season, is_trial=True)
    assert str(refused.value.message) == sentence


def test_the_authority_runs_all_the_same(season, neighbour, actor_of):
    with scope(season.school.authority.organisation.scope()):
        run = request_run(round=season.round, is_trial=False, policy="optimum", actor=actor_of(season.school.authority))
    assert run.status == RunStatus.QUEUED


def test_a_school_that_shares_its_weeks_does_not_review_alone(season, neighbour, act):
    act(accept_warning, code="unplaced")
    with pytest.raises(RunRefused, match="Skolan delar veckor med Ängsskolan"):
        act(review_run)


def test_weeks_are_not_shared_with_those_already_placed(season, neighbour, seeding):
    with seeding():
        assert sharing_schools(season.round) == ["Ängsskolan"]
        theirs = make_round(neighbour, phase="published")
        assert sharing_schools(season.round) == []
        Round.objects.filter(pk=theirs.pk).update(published_at=None)
        assert sharing_schools(season.round) == ["Ängsskolan"]


@pytest.mark.parametrize("change", ["kind", "weeks", "authority"])
def test_weeks_are_not_shared_across_kind_time_or_authority(season, region, seeding, change):
    with seeding():
        owner = season.school.authority if change != "authority" else schools.make_authority(region, "Mark", "1463")
        school_class = schools.make_class(schools.make_school(owner, "Ängsskolan"), "8E")
        weeks = [season.weeks[-1] + 4 * WEEK] if change == "weeks" else season.weeks
        period = schools.make_period(school_class, weeks, learners=20)
        if change == "kind":
            type(period).objects.filter(pk=period.pk).update(kind="apl")
        assert sharing_schools(season.round) == []


# -- the second round


def test_a_second_round_needs_a_published_one(season):
    with pytest.raises(RunRefused) as refused:
        request(season, purpose=RunPurpose.REST)
    assert str(refused.value.message) == "Omgången är inte publicerad än. Kör hela omgången först."


def test_a_second_round_is_for_those_left_without_a_place(season, seeding):
    with seeding():
        AllocationRun.objects.filter(pk=season.run.pk).update(status=RunStatus.REVIEWED, inputs_hash="")
        season.publish()
    run = request(season, purpose=RunPurpose.REST)
    assert (run.purpose, run.number, run.status) == ("rest", 2, "queued")


def test_a_second_round_is_refused_when_all_have_a_place(season, seeding):
    with seeding():
        Assignment.objects.filter(run=season.run, slot=None).update(slot=season.slots[1], rank=2)
        AllocationRun.objects.filter(pk=season.run.pk).update(status=RunStatus.REVIEWED, inputs_hash="")
        season.publish()
    with pytest.raises(RunRefused) as refused:
        request(season, purpose=RunPurpose.REST)
    assert str(refused.value.message) == "Alla elever i omgången har en plats. Det finns inget att fördela."


def test_the_whole_round_is_not_run_again_once_published(season, seeding):
    with seeding():
        AllocationRun.objects.filter(pk=season.run.pk).update(status=RunStatus.REVIEWED, inputs_hash="")
        season.publish()
    with pytest.raises(RunRefused) as refused:
        request(season)
    assert str(refused.value.message) == "Omgången är publicerad. Kör andra omgången för dem som saknar plats."
