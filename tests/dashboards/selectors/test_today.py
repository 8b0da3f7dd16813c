"""What needs each role today."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import Role
from core.weeks import today
from dashboards.selectors.today.page import today_for
from dashboards.selectors.today.school import school_tasks
from dashboards.selectors.today.tasks import Due, today_page
from employers.enums import SlotStatus
from placements.models import Placement
from tests.factories import employers, placements, schools


def titles(page) -> list[str]:
    return [task.title for group in page.groups for task in group.tasks]


@pytest.mark.parametrize(
    ("days", "heading", "note"),
    [
        (-2, "En sak behöver dig idag", "sedan 2 dagar"),
        (0, "En sak behöver dig idag", ""),
        (30, "Inget behöver dig idag", "om 30 dagar"),
    ],
)
def test_heading_counts_what_is_due_today(days, heading, note) -> None:
    page = today_page([Due(today() + timedelta(days=days), "Ring", "Ring", "#")])
    assert (page.heading, page.groups[0].tasks[0].deadline_note) == (heading, note)


def test_nothing_due() -> None:
    assert (today_page([]).heading, today_page([]).lead) == ("Inget behöver dig idag", "Du är ikapp.")


def test_school_sees_an_open_round_and_who_has_not_sent(school, school_class, weeks, seeding, as_org, actor_of) -> None:
    with seeding():
        placements.make_round(schools.make_period(school_class, weeks))
    with as_org(school):
        page = today_for(actor_of(school, Role.CAREER_COUNSELLOR), school.organisation)
    assert titles(page) == ["8D väljer: 0 av 3 har skickat in"]


def test_school_sees_a_closed_round_to_allocate(school, school_class, weeks, seeding, as_org, actor_of) -> None:
    with seeding():
        placements.make_round(schools.make_period(school_class, weeks), phase="closed")
    with as_org(school):
        page = today_for(actor_of(school, Role.CAREER_COUNSELLOR), school.organisation)
    assert (page.heading, titles(page)) == ("En sak behöver dig idag", ["Prao åk 8: valet har stängt"])


def test_school_does_not_see_a_strangers_round(school, stranger_school, weeks, seeding, as_org, actor_of) -> None:
    with seeding():
        theirs = schools.make_class(stranger_school, "9A", learners=1)
        placements.make_round(schools.make_period(theirs, weeks))
    with as_org(school):
        page = today_for(actor_of(school, Role.CAREER_COUNSELLOR), school.organisation)
    assert titles(page) == []


def test_mentor_is_not_asked_to_allocate(school, school_class, weeks, seeding, as_org, actor_of) -> None:
    with seeding():
        placements.make_round(schools.make_period(school_class, weeks), phase="closed")
    with as_org(school):
        assert titles(today_for(actor_of(school, Role.MENTOR), school.organisation)) == []


def test_employer_without_a_workplace_is_told_where_to_begin(employer, as_org, actor_of) -> None:
    with as_org(employer):
        page = today_for(actor_of(employer, Role.EMPLOYER_ADMINISTRATOR), employer.organisation)
    assert titles(page) == ["Lägg in er första arbetsplats"]


def test_employer_sees_who_waits_for_an_answer(employer, slot, learner, weeks, seeding, as_org, actor_of) -> None:
    with seeding():
        period = schools.make_period(learner.school_class, weeks)
        made = placements.make_round(period)
        Placement.objects.create(
            region_id=employer.region_id,
            authority_id=learner.authority_id,
            employer=employer,
            slot=slot,
            learner=learner,
            school_unit_id=learner.school_unit_id,
            round=made,
            period=period,
            learner_name="Amina Warsame",
            class_name="8D",
            school_name="Norrängsskolan",
            starts_on=weeks[0],
            ends_on=weeks[1],
        )
    with as_org(employer):
        page = today_for(actor_of(employer, Role.EMPLOYER_ADMINISTRATOR), employer.organisation)
    assert titles(page) == ["En elev väntar på ert svar"]


def test_region_sees_slots_to_assure_and_weeks_that_fall_short(
    region, workplace, school_class, weeks, seeding, as_org, actor_of
) -> None:
    with seeding():
        employers.make_slot(workplace, status=SlotStatus.SUBMITTED, submitted_at=timezone.now())
        schools.make_period(school_class, weeks)
    with as_org(region):
        page = today_for(actor_of(region, Role.REGIONAL_COORDINATOR), region)
    assert [title.split(" ", 1)[1] for title in titles(page)] == [
        "plats väntar på kvalitetssäkring",
        f"platser för prao saknas {titles(page)[1].split('saknas ')[1]}",
    ]


def test_school_page_takes_the_same_queries_for_one_and_three_rounds(school, weeks, seeding, as_org, actor_of) -> None:
    actor, counts = actor_of(school, Role.CAREER_COUNSELLOR), []
    for names in (["8A"], ["8B", "8C"]):
        with seeding():
            for name in names:
                placements.make_round(schools.make_period(schools.make_class(school, name, learners=2), weeks))
        with as_org(school), CaptureQueriesContext(connection) as counted:
            today_for(actor, school.organisation)
        counts.append(len(counted))
    assert counts[0] == counts[1]


def test_authority_is_told_how_many_classes_lack_weeks(authority, school, seeding, as_org, actor_of) -> None:
    def titles():
        with as_org(authority):
            actor = actor_of(authority, Role.AUTHORITY_COORDINATOR)
            return [found.title for found in school_tasks(actor, authority.organisation)]

    with seeding():
        for unit in (school, schools.make_school(authority, "Viskaskolan")):
            schools.make_class(unit, "8A", learners=1)
            schools.make_class(unit, "8B", learners=1)
    assert titles() == ["8A, 8B, 8A, 8B har inga veckor bokade"]
    with seeding():
        schools.make_class(school, "8C", learners=1)
    assert titles() == ["8A, 8B, 8C, 8A, 8B har inga veckor bokade"]
    with seeding():
        for number in range(10):
            schools.make_class(school, f"9{number}", learners=1)
    assert titles() == ["15 klasser på 2 skolor har inga veckor bokade"]
