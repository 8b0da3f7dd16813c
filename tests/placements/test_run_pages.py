"""The pages of allocation runs, opened by the people who use them."""

import subprocess
import sys
import zipfile
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.enums import Role
from core.tenancy import SystemReason, system_scope
from core.tenancy.tasks import scope_of
from placements.allocation import seed_commitment
from placements.enums import RunStatus
from placements.models import AllocationRun, Assignment, PlacementLock
from placements.services.run_work import perform_run
from tests.factories import employers, placements, schools

COUNSELLOR, COORDINATOR, MENTOR = Role.CAREER_COUNSELLOR, Role.AUTHORITY_COORDINATOR, Role.MENTOR


@pytest.fixture
def case(school, employer, weeks, seeding):
    """A class of three, two workplaces with a seat each, everybody wants the first."""
    with seeding():
        school_class = schools.make_class(school)
        period = schools.make_period(school_class, weeks, learners=3)
        made = placements.make_round(period, phase="closed")
        workplace = employers.make_workplace(employer, risk_assessed_on=None)
        first, second = (employers.make_slot(workplace, title=title) for title in ("Bageriet", "Verkstaden"))
        for slot in (first, second):
            employers.make_seats(slot, weeks)
        learners = [schools.make_learner(school_class, name) for name in ("Amina", "Bo", "Cia")]
        for learner in learners:
            placements.make_choices(made, learner, [first, second])
    return SimpleNamespace(round=made, school=school, slots=(first, second), learners=learners, klass=school_class)


@pytest.fixture
def finished(case, seeding):
    """A run of the case that a worker has done."""
    with seeding():
        run = placements.make_run(case.round)
        perform_run(run_id=run.pk, in_scope=scope_of(run.authority_id))
        return AllocationRun.objects.get(pk=run.pk)


def url(case, name: str, **ids) -> str:
    return reverse(f"placements:{name}", kwargs={"org": case.school.organisation.slug, **ids})


def test_index_shows_round_and_latest_run(case, finished, member_client):
    page = member_client(case.school, COUNSELLOR).get(url(case, "run_index"))
    (row,) = page.context["rows"]
    assert (row.row.round, row.run, row.name, str(row.state.word)) == (
        case.round,
        finished,
        "Körning 1",
        "Inte publicerad",
    )


def test_start_queues_a_run_and_goes_to_it(case, member_client):
    client = member_client(case.school, COUNSELLOR)
    answer = client.post(url(case, "run_start", round_id=case.round.pk), {"policy": "greedy"})
    with system_scope(SystemReason.SEED):
        run = AllocationRun.objects.get()
    assert answer.url == url(case, "run_detail", run_id=run.pk)
    assert (run.status, run.policy, run.is_trial, run.requested_by.name) == ("queued", "greedy", False, "Malin Ekdahl")
    page = client.get(answer.url)
    assert page.context["progress"].poll_url == answer.url


def test_turns_by_lot_and_a_shared_shortage_do_not_go_together(case, member_client):
    asked = {"policy": "serial", "shares_shortage": "on"}
    page = member_client(case.school, COUNSELLOR).post(url(case, "run_start", round_id=case.round.pk), asked)
    assert page.status_code == 422
    (error,) = page.context["form"].errors["shares_shortage"]
    assert error == "Lottad turordning kan inte dela bristen. Välj en annan regel."


def test_the_second_of_two_coordinators_is_told_who_started(case, member_client):
    address = url(case, "run_start", round_id=case.round.pk)
    member_client(case.school, COUNSELLOR).post(address, {"policy": "optimum"})
    page = member_client(case.school, COUNSELLOR, "Johan Lindqvist").post(address, {"policy": "optimum"})
    assert page.status_code == 422
    (error,) = page.context["form"].non_field_errors()
    assert error.startswith("Malin Ekdahl startade en körning ")


def test_a_finished_run_refreshes_the_progress_panel(case, finished, member_client):
    address = url(case, "run_detail", run_id=finished.pk)
    page = member_client(case.school, COUNSELLOR).get(address, headers={"HX-Request": "true"})
    assert page["HX-Refresh"] == "true"


def test_outcome_shows_the_figures_of_the_engine(case, finished, member_client):
    page = member_client(case.school, COUNSELLOR).get(url(case, "run_detail", run_id=finished.pk))
    outcome = page.context["outcome"]
    assert [figure.value for figure in outcome.figures] == ["2 av 3", "1", "2", "0", "1"]
    assert [(row.reason, row.count, row.act) for row in outcome.unplaced] == [
        ("shortage", 1, "3 elever når bara 2 platser. Be arbetsplatserna om fler.")
    ]
    assert [(warning.code, warning.count) for warning in outcome.warnings] == [("unplaced", 1), ("risk_assessment", 2)]
    assert (outcome.check.commitment, outcome.check.is_revealed) == (seed_commitment(case.round.seed), False)
    assert case.round.seed not in page.content.decode()


def test_a_withdrawn_seat_is_noticed(case, finished, member_client, seeding):
    with seeding():
        case.slots[0].weeks.update(seats=0)
    page = member_client(case.school, COUNSELLOR).get(url(case, "run_detail", run_id=finished.pk))
    assert page.context["outcome"].warnings[0].heading == "Platser har dragits tillbaka efter körningen, för 1 elev"


def test_a_failed_run_says_why(case, member_client, seeding):
    with seeding():
        run = placements.make_run(case.round, status=RunStatus.FAILED, error="Platserna räcker inte.")
    page = member_client(case.school, COUNSELLOR).get(url(case, "run_detail", run_id=run.pk))
    progress = page.context["progress"]
    assert (progress.failed, progress.sentence, progress.poll_url) == (True, "Platserna räcker inte.", "")


def test_results_say_place_wish_and_why(case, finished, member_client):
    page = member_client(case.school, COUNSELLOR).get(url(case, "run_results", run_id=finished.pk))
    by_place = {row.place: (row.words, list(row.why)) for row in page.context["rows"]}
    lost = [f"{title} lottades: 3 sökte 1 plats." for title in ("Bageriet", "Verkstaden")]
    assert by_place == {
        "Bageriet": ("Val 1", []),
        "Verkstaden": ("Val 2", lost[:1]),
        "": ("Fler elever än platser", lost),
    }


def test_filter_and_export_show_the_same(case, finished, member_client):
    client = member_client(case.school, COUNSELLOR)
    address = url(case, "run_results", run_id=finished.pk)
    page = client.get(address, {"utfall": "unplaced", "klass": str(case.klass.pk)})
    book = load_workbook(BytesIO(client.get(address, {"utfall": "unplaced", "export": "xlsx"}).content))
    exported = [row[2] for row in book.active.iter_rows(min_row=2, values_only=True)]
    assert exported == [row.name for row in page.context["rows"]]
    assert len(exported) == 1


def test_file_reveals_the_seed_only_when_published(case, finished, member_client, seeding):
    client, address = member_client(case.school, COUNSELLOR), url(case, "run_file", run_id=finished.pk)
    assert zipfile.ZipFile(BytesIO(client.get(address).content)).namelist() == ["LÄS-MIG.txt", "underlag.npz"]
    with seeding():
        now = timezone.now()
        AllocationRun.objects.update(status=RunStatus.PUBLISHED, published_at=now, undo_until=now, results_at=now)
    names = zipfile.ZipFile(BytesIO(client.get(address).content)).namelist()
    assert names == ["LÄS-MIG.txt", "underlag.npz", "resultat.npz"]


def test_an_outsider_verifies_a_published_run_with_one_command(case, finished, member_client, seeding, tmp_path):
    with seeding():
        now = timezone.now()
        AllocationRun.objects.update(status=RunStatus.PUBLISHED, published_at=now, undo_until=now, results_at=now)
    answer = member_client(case.school, COUNSELLOR).get(url(case, "run_file", run_id=finished.pk))
    zipfile.ZipFile(BytesIO(answer.content)).extractall(tmp_path)
    (command,) = [
        line.partition(":")[2].split()[1:]
        for line in (tmp_path / "LÄS-MIG.txt").read_text().splitlines()
        if line.startswith("Kontrollera:")
    ]
    files = [str(tmp_path / word) if word.endswith(".npz") else word for word in command]
    done = subprocess.run([sys.executable, *files], env={"PATH": ""}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout.split(",")[0]) == (0, "", "verified: 2 of 3 placed")


def test_discard_asks_then_sets_aside(case, finished, member_client):
    client, address = member_client(case.school, COUNSELLOR), url(case, "run_discard", run_id=finished.pk)
    assert client.get(address).status_code == 200
    assert client.post(address).url == url(case, "run_list", round_id=case.round.pk)
    assert client.post(address).status_code == 409
    with system_scope(SystemReason.SEED):
        assert AllocationRun.objects.get().status == RunStatus.DISCARDED


def test_lock_from_the_row_and_unlock(case, finished, member_client):
    with system_scope(SystemReason.SEED):
        unplaced = Assignment.objects.get(slot=None)
    client = member_client(case.school, COUNSELLOR)
    address = url(case, "lock_make", run_id=finished.pk, assignment_id=unplaced.pk)
    answer = client.post(address, {"slot": str(case.slots[0].pk), "reason": "Nära hemmet"})
    assert answer.url == url(case, "run_list", round_id=case.round.pk)
    with system_scope(SystemReason.SEED):
        held = PlacementLock.objects.get()
    assert (held.learner_id, held.slot_id, held.reason) == (unplaced.learner_id, case.slots[0].pk, "Nära hemmet")
    client.post(url(case, "lock_remove", round_id=case.round.pk, lock_id=held.pk))
    with system_scope(SystemReason.SEED):
        assert PlacementLock.objects.count() == 0


def test_a_mentor_reads_but_starts_nothing(case, finished, member_client):
    client = member_client(case.school, MENTOR)
    assert client.get(url(case, "run_detail", run_id=finished.pk)).status_code == 200
    assert client.post(url(case, "run_start", round_id=case.round.pk), {"policy": "optimum"}).status_code == 404
    assert client.post(url(case, "run_discard", run_id=finished.pk)).status_code == 404


def test_strangers_find_nothing(case, finished, stranger_school, member_client):
    client = member_client(stranger_school, COUNSELLOR)
    address = reverse("placements:run_detail", kwargs={"org": stranger_school.organisation.slug, "run_id": finished.pk})
    assert client.get(address).status_code == 404


def test_a_school_sees_its_own_learners_of_an_authority_s_run(case, authority, employer, weeks, seeding, member_client):
    with seeding():
        other = schools.make_school(authority, "Ängsskolan")
        theirs = schools.make_class(other, "8E")
        period = schools.make_period(theirs, weeks, learners=1)
        placements.make_round(period, title="annan")
        learner = schools.make_learner(theirs, "Dana")
        type(case.round).objects.filter(pk=case.round.pk).update(school_unit=None)
        run = placements.make_run(case.round, status=RunStatus.DRAFT)
        placements.make_assignment(run, learner, period, None, None)
        placements.make_assignment(run, case.learners[0], case.klass.periods.get(), None, None)
    client = member_client(case.school, COUNSELLOR)
    page = client.get(url(case, "run_results", run_id=run.pk))
    assert [row.name for row in page.context["rows"]] == ["Amina Warsame"]
    assert client.post(url(case, "run_start", round_id=case.round.pk), {"policy": "optimum"}).status_code == 404


@pytest.mark.parametrize("name", ["run_index", "run_list", "run_detail", "run_results"])
def test_queries_do_not_grow_with_rows(case, finished, member_client, seeding, weeks, name):
    ids = {"run_list": {"round_id": case.round.pk}, "run_index": {}}.get(name, {"run_id": finished.pk})
    client = member_client(case.school, COUNSELLOR)
    client.get(url(case, name, **ids))  # what is cached is cached
    with CaptureQueriesContext(connection) as few:
        client.get(url(case, name, **ids))
    with seeding():
        case.slots[0].weeks.update(seats=5)
        for _ in range(2):
            placements.make_run(case.round, status=RunStatus.DISCARDED)
            learner = schools.make_learner(case.klass)
            placements.make_assignment(finished, learner, case.klass.periods.get(), case.slots[0], 1)
            other = schools.make_period(schools.make_class(case.school, f"9{_}"), weeks, learners=1)
            placements.make_run(placements.make_round(other), status=RunStatus.DISCARDED)
    with CaptureQueriesContext(connection) as many:
        client.get(url(case, name, **ids))
    assert len(many) == len(few)
