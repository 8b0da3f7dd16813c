"""From draft to published and back, page by page, as those who do it press the buttons."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.enums import Role
from core.tenancy.tasks import scope_of
from placements.enums import RunStatus
from placements.models import AllocationRun, Assignment, Placement
from placements.selectors.run_inputs import round_digest
from placements.services.publishing import perform_publishing
from placements.services.retracting import perform_retraction
from tests.factories import placements, schools
from tests.factories.published import Season, make_season

COUNSELLOR = Role.CAREER_COUNSELLOR
SUMMARY = {
    "learners": 3, "placed": 2, "by_rank": {"1": 2}, "first": 2, "first_to_third": 2, "furthest": 1, "outside": 0,
    "locked": 0, "unplaced": {"shortage": 1}, "shortage": {}, "schools": [], "classes": [], "unsent": 0, "silent": 0,
    "placed_before": 0, "arcs": 6, "seats": 2, "seconds": 0.1,
    "policies": {"optimum": {"placed": 2, "first": 2, "first_to_third": 2, "furthest": 1, "outside": 0, "moves": 0}},
}  # fmt: skip


@pytest.fixture
def season(region: Any, weeks: Any, seeding: Any) -> Season:
    """A draft: Amina and Elias have the bakery, Viktor nothing."""
    with seeding():
        made = make_season(region, weeks)
        digest = round_digest(made.round, run=made.run)
        AllocationRun.objects.filter(pk=made.run.pk).update(
            status=RunStatus.DRAFT, reviewed_at=None, accepted={}, inputs_hash=digest, summary=SUMMARY,
            finished_at=timezone.now(),
        )  # fmt: skip
    return made


@pytest.fixture
def malin(season: Season, member_client: Any) -> Any:
    return member_client(season.school, COUNSELLOR)


def url(season: Season, name: str, **ids: Any) -> str:
    ids = ids or {"run_id": season.run.pk}
    return reverse(f"placements:{name}", kwargs={"org": season.school.organisation.slug, **ids})


def status_of(season: Season, seeding: Any) -> str:
    with seeding():
        return AllocationRun.objects.get(pk=season.run.pk).status


def review(season: Season, client: Any) -> None:
    client.post(url(season, "run_warning", run_id=season.run.pk, code="unplaced"), {"act": "accept"})
    client.post(url(season, "run_review"))


def publish(season: Season, client: Any, **fields: Any) -> Any:
    answer = client.post(url(season, "run_publish"), fields or {"when": "now"})
    perform_publishing(run_id=season.run.pk, in_scope=scope_of(season.run.authority_id))
    return answer


def test_a_warning_is_accepted_and_the_page_returns_to_it(season, malin):
    answer = malin.post(url(season, "run_warning", run_id=season.run.pk, code="unplaced"), {"act": "accept"})
    assert answer.url == f"{url(season, 'run_detail')}#varning-unplaced"
    page = malin.get(url(season, "run_detail"))
    (warning,) = page.context["outcome"].warnings
    assert (warning.accepted.by, page.context["open_warnings"]) == ("Malin Ekdahl", 0)
    assert b'id="varning-unplaced" tabindex="-1"' in page.content
    malin.post(url(season, "run_warning", run_id=season.run.pk, code="unplaced"), {"act": "withdraw"})
    assert malin.get(url(season, "run_detail")).context["open_warnings"] == 1


def test_a_review_without_acceptance_is_refused_on_the_page(season, malin, seeding):
    page = malin.post(url(season, "run_review"))
    assert (page.status_code, page.context["refusal"]) == (409, "Godta varningarna först: 1 elev saknar plats.")
    assert status_of(season, seeding) == RunStatus.DRAFT


def test_review_and_open_again(season, malin, seeding):
    review(season, malin)
    assert status_of(season, seeding) == RunStatus.REVIEWED
    history = [(event.text, event.who) for event in malin.get(url(season, "run_detail")).context["history"]]
    assert history == [("Granskad", "Malin Ekdahl"), ("Godtog: 1 elev saknar plats", "Malin Ekdahl")]
    malin.post(url(season, "run_reopen"))
    assert status_of(season, seeding) == RunStatus.DRAFT


def test_a_draft_cannot_be_published(season, malin, seeding):
    page = malin.get(url(season, "run_publish"))
    assert page.context["preview"].obstacle.startswith("Fördelningen är inte granskad.")
    assert malin.post(url(season, "run_publish"), {"when": "now"}).status_code == 409
    assert status_of(season, seeding) == RunStatus.DRAFT


def test_what_changed_since_the_review_stops_publishing(season, malin, seeding):
    review(season, malin)
    with seeding():
        Assignment.objects.filter(run=season.run, learner=season.learners[0]).update(slot=None, rank=None)
    page = malin.post(url(season, "run_publish"), {"when": "now"})
    assert (page.status_code, page.context["refusal"]) == (
        409,
        "Något har ändrats sedan granskningen. Godta varningarna först: 2 elever saknar plats.",
    )
    malin.post(url(season, "run_warning", run_id=season.run.pk, code="unplaced"), {"act": "accept"})
    assert malin.get(url(season, "run_publish")).context["preview"].obstacle == ""


def test_the_page_before_publishing_tells_what_will_happen(season, malin):
    review(season, malin)
    preview = malin.get(url(season, "run_publish")).context["preview"]
    assert (preview.placed, preview.unplaced, preview.employers, preview.undo_minutes, preview.obstacle) == (
        2,
        1,
        1,
        15,
        "",
    )
    assert [(share.workplace, share.learners) for share in preview.workplaces] == [("Hulta Bageri", 2)]
    assert preview.without_place == ["Viktor Warsame, 8B"]


def test_publishing_shows_progress_then_a_way_back_then_takes_back(season, malin, seeding):
    review(season, malin)
    answer = malin.post(url(season, "run_publish"), {"when": "now"})
    assert answer.url == url(season, "run_detail")
    page = malin.get(answer.url)
    assert (page.context["progress"].title, page.context["progress"].poll_url) == ("Resultatet publiceras", answer.url)
    perform_publishing(run_id=season.run.pk, in_scope=scope_of(season.run.authority_id))
    page = malin.get(answer.url)
    assert (page.context["may_undo"], page.context["missing"]) == (True, 1)
    assert season.round.seed in page.content.decode()
    preview = malin.get(url(season, "run_undo")).context["preview"]
    assert (preview.placements, preview.employers, preview.obstacle) == (2, 1, "")
    assert malin.post(url(season, "run_undo")).url == answer.url
    assert malin.get(answer.url).context["progress"].title == "Publiceringen tas tillbaka"
    perform_retraction(run_id=season.run.pk, in_scope=scope_of(season.run.authority_id))
    with seeding():
        assert (Placement.objects.count(), status_of(season, seeding)) == (0, RunStatus.REVIEWED)


def test_publishing_is_not_taken_back_after_the_window(season, malin, seeding):
    review(season, malin)
    publish(season, malin)
    with seeding():
        AllocationRun.objects.update(undo_until=timezone.now() - timedelta(seconds=1))
    assert malin.get(url(season, "run_detail")).context["may_undo"] is False
    page = malin.post(url(season, "run_undo"))
    assert (page.status_code, page.context["refusal"].split(".")[0]) == (
        409,
        "Ångertiden är slut och breven är skickade",
    )
    assert status_of(season, seeding) == RunStatus.PUBLISHED


def test_a_set_hour_is_kept(season, malin, seeding):
    review(season, malin)
    hour = (timezone.localtime() + timedelta(days=3)).replace(hour=8, minute=0, second=0, microsecond=0)
    publish(season, malin, when="later", at=f"{hour:%Y-%m-%dT%H:%M}")
    with seeding():
        run = AllocationRun.objects.get()
        assert (run.results_at, set(Placement.objects.values_list("shown_at", flat=True))) == (hour, {hour})


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("", "Skriv dag och klockslag, eller välj När ångertiden är slut."),
        ("2020-01-01T08:00", "Välj en tid efter ångertiden, tidigast "),
        ("2099-01-01T08:00", "Välj en tid inom två månader."),
    ],
)
def test_an_hour_that_cannot_be_is_refused_at_its_field(season, malin, seeding, at, words):
    review(season, malin)
    page = malin.post(url(season, "run_publish"), {"when": "later", "at": at})
    assert page.status_code == 422
    assert page.context["form"].errors["at"][0].startswith(words)
    assert status_of(season, seeding) == RunStatus.REVIEWED


def test_after_publishing_the_round_offers_a_second_round(season, malin, seeding):
    review(season, malin)
    publish(season, malin)
    page = malin.get(url(season, "run_list", round_id=season.round.pk))
    assert (page.context["missing"], page.context["refusal_real"], page.context["form"]["purpose"].value()) == (
        1,
        "",
        "rest",
    )
    malin.post(url(season, "run_start", round_id=season.round.pk), {"policy": "optimum", "purpose": "rest"})
    with seeding():
        assert AllocationRun.objects.get(number=2).purpose == "rest"


def test_a_mentor_looks_and_presses_nothing(season, member_client):
    client = member_client(season.school, Role.MENTOR)
    assert client.get(url(season, "run_detail")).status_code == 200
    for name in ("run_review", "run_reopen", "run_publish", "run_undo"):
        assert client.post(url(season, name)).status_code == 404


def test_a_school_that_shares_weeks_reads_who_runs(season, malin, seeding):
    with seeding():
        other = schools.make_school(season.school.authority, "Ängsskolan")
        schools.make_period(schools.make_class(other, "8E"), season.weeks, learners=20)
    sentence = "Skolan delar veckor med Ängsskolan: huvudmannens samordnare kör fördelningen."
    page = malin.get(url(season, "run_list", round_id=season.round.pk))
    assert (page.context["refusal"], sentence in page.content.decode()) == (sentence, True)
    assert malin.get(url(season, "run_detail")).context["by_right"] == sentence


# -- two runs side by side


@pytest.fixture
def other_run(season: Season, seeding: Any) -> AllocationRun:
    """A second run, in which Viktor has the bakery and Amina the haulier."""
    with seeding():
        run = placements.make_run(season.round, status=RunStatus.DRAFT, summary={**SUMMARY, "placed": 3, "first": 1})
        amina, elias, viktor = season.learners
        placements.make_assignment(run, amina, season.period, season.slots[1], 2)
        placements.make_assignment(run, elias, season.period, season.slots[0], 1)
        placements.make_assignment(run, viktor, season.period, season.slots[0], 1)
    return run


def test_compare_shows_figures_and_who_moves(season, other_run, malin):
    page = malin.get(url(season, "run_compare", round_id=season.round.pk))
    assert [(letter, run.number) for letter, run, _label in page.context["pair"]] == [("A", 1), ("B", 2)]
    assert [row.name for row in page.context["rows"]] == ["Amina Warsame", "Viktor Warsame"]
    assert (page.context["total"], page.context["figures"][0].better) == (2, "b")


def test_compare_filters_and_exports_what_is_seen(season, other_run, malin):
    address = url(season, "run_compare", round_id=season.round.pk)
    asked = {"a": str(season.run.pk), "b": str(other_run.pk), "riktning": "gains"}
    page = malin.get(address, asked)
    assert [row.name for row in page.context["rows"]] == ["Viktor Warsame"]
    book = load_workbook(BytesIO(malin.get(address, {**asked, "export": "xlsx"}).content))
    rows = list(book.active.iter_rows(min_row=2, values_only=True))
    assert [tuple(value or "" for value in row[2:]) for row in rows] == [
        ("Viktor Warsame", "", "utan plats", "Hulta Bageri", "val 1")
    ]


@pytest.mark.parametrize("query", ["klass", "q"])
@pytest.mark.parametrize("name", ["run_results", "run_compare"])
def test_an_authority_finds_a_class_among_too_many_to_choose_from(
    season, other_run, member_client, monkeypatch, name, query
):
    monkeypatch.setattr("placements.forms.offering.OPTIONS_OFFERED", 0)
    authority = season.school.authority
    client = member_client(authority, Role.AUTHORITY_COORDINATOR)
    ids = {"round_id": season.round.pk} if name == "run_compare" else {"run_id": other_run.pk}
    address = reverse(f"placements:{name}", kwargs={"org": authority.organisation.slug, **ids})
    everyone = client.get(address)
    assert "klass" not in everyone.context["filter_form"].fields
    assert everyone.context["bar"].search_label == "Sök elev, klass eller skola"

    wanted = {"klass": season.school_class.pk, "q": f"{season.school_class.name} {season.school.name}"}
    found = client.get(address, {query: wanted[query]})
    assert [row.name for row in found.context["rows"]] == [row.name for row in everyone.context["rows"]]
    assert client.get(address, {"q": "9Z"}).context["rows"] == []


def test_a_school_searches_names_only(season, malin):
    page = malin.get(url(season, "run_results"), {"q": season.school_class.name})
    assert page.context["bar"].search_label == "Sök elev"
    assert page.context["rows"] == []


def test_compare_says_when_there_is_nothing_to_compare(season, malin):
    page = malin.get(url(season, "run_compare", round_id=season.round.pk))
    assert (page.status_code, page.context["pair"]) == (200, None)


def test_compare_takes_the_same_queries_for_many(season, other_run, malin, seeding):
    address = url(season, "run_compare", round_id=season.round.pk)
    malin.get(address)
    with CaptureQueriesContext(connection) as few:
        malin.get(address)
    with seeding():
        for number in range(5):
            learner = schools.make_learner(season.school_class, f"Elev{number}")
            placements.make_assignment(season.run, learner, season.period, season.slots[0], 1)
            placements.make_assignment(other_run, learner, season.period, season.slots[1], 2)
    with CaptureQueriesContext(connection) as many:
        assert malin.get(address).context["total"] == 7
    assert len(many) == len(few)
