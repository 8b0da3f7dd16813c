"""The page of questions about a run, and the links that lead to it."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role
from accounts.models import AccessLog
from core.tenancy import SystemReason, system_scope
from core.tenancy.tasks import scope_of
from placements.models import AllocationRun, Assignment, RunFile
from placements.services.run_work import perform_run
from tests.factories import employers, placements, schools

pytestmark = pytest.mark.django_db(transaction=True)

COUNSELLOR = Role.CAREER_COUNSELLOR


@pytest.fixture
def case(school, employer, weeks, seeding):
    """Amina and Bo want the bakery's one seat, then the garage's one; Cia has not chosen."""
    with seeding():
        school_class = schools.make_class(school)
        period = schools.make_period(school_class, weeks, learners=3)
        made = placements.make_round(period, phase="closed")
        workplace = employers.make_workplace(employer)
        bakery, garage = (employers.make_slot(workplace, title=title) for title in ("Bageriet", "Verkstaden"))
        for slot in (bakery, garage):
            employers.make_seats(slot, weeks)
        learners = [schools.make_learner(school_class, name) for name in ("Amina", "Bo", "Cia")]
        for learner in learners[:2]:
            placements.make_choices(made, learner, [bakery, garage])
        run = placements.make_run(made)
    perform_run(run_id=run.pk, in_scope=scope_of(run.authority_id))
    with system_scope(SystemReason.SEED):
        second = Assignment.objects.get(run=run, slot=garage).learner
    return SimpleNamespace(
        school=school,
        round=made,
        run=run,
        klass=school_class,
        period=period,
        bakery=bakery,
        garage=garage,
        second=second,
    )


def url(case, name: str = "run_whatif", **ids) -> str:
    values = ids or {"run_id": case.run.pk}
    return reverse(f"placements:{name}", kwargs={"org": case.school.organisation.slug, **values})


def test_a_learner_s_wishes_are_listed_and_one_is_asked_about(case, member_client):
    client = member_client(case.school, COUNSELLOR)
    listed = client.get(url(case), {"elev": case.second.pk})
    asked = client.get(url(case), {"elev": case.second.pk, "plats": case.bakery.pk})
    assert [(wish.title, wish.granted) for wish in listed.context["wishes"]] == [
        ("Bageriet", False),
        ("Verkstaden", True),
    ]
    assert f"plats={case.bakery.pk}" in listed.content.decode()
    assert asked.context["answer"].heading == "En annan elev byter plats, ingen blir utan"
    assert asked.context["answer"].effects[0].name == str(case.second)
    with system_scope(SystemReason.SEED):
        assert {log.subject_id for log in AccessLog.objects.all()} == {case.second.pk}


def test_a_late_learner_and_a_seat_are_asked_about(case, member_client, seeding):
    with seeding():
        late = schools.make_learner(case.klass, "Zara")
    client = member_client(case.school, COUNSELLOR)
    shown = client.get(url(case))
    assert [label for _key, label in shown.context["late_form"].fields["ny"].choices] == ["Zara Warsame, 8D"]
    key, label = shown.context["seat_form"].fields["bort"].choices[0]
    assert label.startswith("Bageriet, v.")
    assert client.get(url(case), {"ny": late.pk}).context["answer"].heading == "Eleven får ingen plats"
    assert client.get(url(case), {"bort": key}).context["answer"].heading == "En elev blir utan plats"


@pytest.mark.parametrize("asked", [{"elev": "x"}, {"bort": "x"}, {"ny": "x"}, {"plats": "x"}, {"bort": "x" * 99}])
def test_an_address_that_asks_nonsense_gets_a_page(case, member_client, asked):
    shown = member_client(case.school, COUNSELLOR).get(url(case), asked)
    assert (shown.status_code, shown.context.get("answer")) == (200, None)


def test_a_stranger_s_learner_is_not_found(case, stranger_school, member_client, seeding):
    with seeding():
        theirs = schools.make_learner(schools.make_class(stranger_school, "9A"), "Okänd")
    client = member_client(case.school, COUNSELLOR)
    assert client.get(url(case), {"elev": theirs.pk}).status_code == 404
    assert client.get(url(case), {"ny": theirs.pk}).context["unanswered"].startswith("Eleven är inte med i omgången")


def test_a_run_without_its_file_says_so_and_offers_a_run(case, member_client, seeding):
    with seeding():
        RunFile.objects.all().delete()
    shown = member_client(case.school, COUNSELLOR).get(url(case), {"elev": case.second.pk})
    assert shown.context["refusal"].startswith("Körningens underlag finns inte kvar")


def test_the_lists_lead_to_the_question(case, member_client, seeding):
    client = member_client(case.school, COUNSELLOR)
    results = client.get(url(case, "run_results", run_id=case.run.pk)).content.decode()
    with seeding():
        row = Assignment.objects.get(run=case.run, learner=case.second)
    lock = client.get(url(case, "lock_make", run_id=case.run.pk, assignment_id=row.pk)).content.decode()
    wanted = f"{url(case)}?elev={case.second.pk}"
    assert [wanted in page for page in (results, lock)] == [True, True]


def test_a_learner_never_sees_it(case, learner_client):
    client = learner_client(case.second)
    assert client.get(url(case)).status_code in (302, 404)
    with system_scope(SystemReason.SEED):
        assert AllocationRun.objects.get(pk=case.run.pk).status == "draft"


def test_queries_do_not_grow_with_the_learners(case, member_client, seeding):
    client = member_client(case.school, COUNSELLOR)

    def count() -> int:
        client.get(url(case), {"elev": case.second.pk})
        with CaptureQueriesContext(connection) as counted:
            client.get(url(case), {"elev": case.second.pk})
        return len(counted)

    before = count()
    with seeding():
        for number in range(5):
            learner = schools.make_learner(case.klass, f"Elev {number}")
            placements.make_assignment(case.run, learner, case.period, case.garage, None)
            schools.make_learner(case.klass, f"Sen {number}")
    assert count() == before
