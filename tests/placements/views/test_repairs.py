"""The repair's page: start, progress, two options side by side, and what is refused."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from core.tenancy import scope
from employers.models import Slot
from placements.enums import RepairOption, RunPurpose, RunStatus
from placements.models import AllocationRun, Assignment, Placement
from placements.selectors.publishing import publishing_preview
from placements.selectors.run_inputs import current_digest
from placements.selectors.run_warnings import warnings_of
from placements.services.answers import Answer, answer
from tests.factories import placements
from tests.factories.published import make_season

COUNSELLOR = Role.CAREER_COUNSELLOR


@pytest.fixture
def season(region, weeks, seeding):
    """Amina and Elias had a place each at the bakery, Viktor none; the bakery has said no to Amina."""
    with seeding():
        made = make_season(region, weeks).publish()
    with scope(made.employers[0].organisation.scope()):
        row = Placement.objects.get(learner_name__startswith="Amina")
        answer(answers=[Answer(row.pk, yes=False)], actor=made.employer_actor())
    return made


def page(season, name: str, **ids) -> str:
    return reverse(f"placements:{name}", kwargs={"org": season.school.organisation.slug, **ids})


@pytest.fixture
def counted(season, seeding):
    """Both options are there: the second moves Elias, whom the bakery has said yes to."""
    bakery, haulier = season.slots
    amina, elias, viktor = season.learners
    with seeding():
        Placement.objects.filter(learner=elias).update(confirmed_at=timezone.now())
        runs = [
            placements.make_run(
                season.round,
                purpose=RunPurpose.REPAIR,
                option=option,
                status=RunStatus.DRAFT,
                finished_at=timezone.now(),
            )
            for option in RepairOption
        ]
        for run, places in zip(
            runs,
            [((amina, None), (elias, bakery), (viktor, None)), ((amina, None), (elias, haulier), (viktor, bakery))],
            strict=True,
        ):
            for learner, slot in places:
                row = placements.make_assignment(run, learner, season.period, slot, None)
                if learner == elias and slot == haulier:
                    Assignment.objects.filter(pk=row.pk).update(moved_from=bakery, rank=2)
    return season


def test_the_page_names_who_has_no_place_and_starts_both_ways(season, member_client, seeding):
    client = member_client(season.school, COUNSELLOR)
    here = page(season, "repair_detail", round_id=season.round.pk)

    shown = client.get(here)
    answered = client.post(page(season, "repair_start", round_id=season.round.pk))

    assert (shown.context["repair"].heading, [each.name for each in shown.context["repair"].lost]) == (
        "En elev har förlorat sin plats",
        ["Amina Warsame", "Viktor Warsame"],
    )
    assert (answered.status_code, answered.url) == (302, here)
    with seeding():
        run = AllocationRun.objects.get(purpose=RunPurpose.REPAIR)
    assert (run.option, run.status, run.requested_by.name) == ("stay", "queued", "Malin Ekdahl")
    assert client.get(here).context["repair"].progress.poll_url == here


def test_the_second_who_starts_is_told_that_somebody_has(season, member_client):
    start = page(season, "repair_start", round_id=season.round.pk)
    member_client(season.school, COUNSELLOR).post(start)
    refused = member_client(season.school, COUNSELLOR, "Johan Lindqvist").post(start)
    assert refused.status_code == 409
    assert refused.context["refused"].startswith("Malin Ekdahl startade en körning ")


def test_both_ways_stand_side_by_side_with_those_moved_by_name(counted, member_client):
    shown = member_client(counted.school, COUNSELLOR).get(page(counted, "repair_detail", round_id=counted.round.pk))
    text = " ".join(shown.content.decode().split())
    assert [option.title for option in shown.context["repair"].options] == [
        "Rör ingen annan",
        "Flytta så få som möjligt",
    ]
    assert text.count("Publicera reparationen") == 2
    assert text.count("Bekräftad av arbetsplatsen") == 1
    assert "En elev flyttas från en arbetsplats som har sagt ja." in text


def test_a_way_with_warnings_leads_to_them_and_then_to_publishing(counted, member_client, seeding):
    client = member_client(counted.school, COUNSELLOR)
    with seeding():
        run = AllocationRun.objects.filter(purpose=RunPurpose.REPAIR).latest("number")
        AllocationRun.objects.filter(pk=run.pk).update(inputs_hash=current_digest(run))
    choose = page(counted, "repair_publish", run_id=run.pk)

    first = client.post(choose)
    with seeding():
        warnings = warnings_of(AllocationRun.objects.select_related("round").get(pk=run.pk))
    for warning in warnings:
        client.post(page(counted, "run_warning", run_id=run.pk, code=warning.code))
    second = client.post(choose)

    assert (first.url, second.url) == (
        page(counted, "run_detail", run_id=run.pk),
        page(counted, "run_publish", run_id=run.pk),
    )
    with seeding():
        assert AllocationRun.objects.get(pk=run.pk).status == RunStatus.REVIEWED


def test_only_a_repair_is_chosen_as_a_repair(counted, member_client):
    answered = member_client(counted.school, COUNSELLOR).post(page(counted, "repair_publish", run_id=counted.run.pk))
    assert answered.status_code == 404


def test_a_finished_pair_refreshes_the_progress_panel(counted, member_client):
    here = page(counted, "repair_detail", round_id=counted.round.pk)
    shown = member_client(counted.school, COUNSELLOR).get(here, headers={"HX-Request": "true"})
    assert shown["HX-Refresh"] == "true"


def test_results_and_class_lead_to_the_repair(season, member_client):
    client = member_client(season.school, COUNSELLOR)
    here = page(season, "repair_detail", round_id=season.round.pk)
    for path in (page(season, "result_list"), page(season, "result_class", period_id=season.period.pk)):
        shown = client.get(path)
        (loss,) = shown.context["losses"]
        assert (loss.heading, here in shown.content.decode()) == ("En elev har förlorat sin plats", True)


def test_those_who_may_not_run_are_not_asked_to(season, member_client):
    client = member_client(season.school, Role.MENTOR)
    assert client.get(page(season, "result_list")).context["losses"] == []
    assert client.get(page(season, "repair_detail", round_id=season.round.pk)).status_code == 404


def test_today_asks_for_the_repair_instead_of_place_by_place(season, member_client):
    org = season.school.organisation.slug

    def tasks(role: str) -> list[tuple[str, str]]:
        groups = member_client(season.school, role).get(f"/o/{org}/").context["page"].groups
        return [
            (task.title, task.action)
            for group in groups
            for task in group.tasks
            if "plats" in task.action.lower() or task.action == "Reparera"
        ]

    assert tasks(COUNSELLOR) == [("Prao åk 8: en elev har förlorat sin plats", "Reparera")]
    assert tasks(Role.PRAO_TEACHER) == [("Hulta Bageri tackade nej till en elev", "Välj ny plats")]


def test_the_preview_of_a_repair_counts_only_those_it_is_about(counted, member_client, seeding):
    with seeding():
        run = AllocationRun.objects.filter(purpose=RunPurpose.REPAIR).select_related("round").latest("number")
        preview = publishing_preview(run, counted.school.pk, timezone.now())
    told = (preview.placed, preview.moved, preview.unplaced, preview.learners_written, preview.guardians_written)
    # Elias moves and Viktor gets a place; Amina remains without, and has been told so.
    assert told == (2, 1, 1, 2, 2)
    assert sorted(share.learners for share in preview.workplaces) == [1, 1]


def test_those_who_keep_their_place_raise_no_warning(counted, seeding):
    with seeding():
        Slot.objects.filter(pk=counted.slots[0].pk).update(supervisor_name="")
        stay, least = AllocationRun.objects.filter(purpose=RunPurpose.REPAIR).select_related("round").order_by("number")
        found = [{warning.code: warning.count for warning in warnings_of(run)} for run in (stay, least)]
    assert [warnings.get("supervisor") for warnings in found] == [None, 1]
