"""The week page tells of a collision before anything is saved, and books what was asked for."""

from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.enums import Role
from core.weeks import Term, range_label, school_year, term_of, today, week_label
from schools.models import PeriodWeek, PlacementPeriod, SchoolClass
from tests.factories.employers import make_seats
from tests.factories.placements import make_round
from tests.factories.schools import make_class, make_closed_week, make_period, make_school


@pytest.fixture
def term() -> Term:
    """A whole term ahead, so that no week of it is past."""
    return term_of(today()).next()


@pytest.fixture
def school_class(school, seeding, term):
    with seeding():
        made = make_class(school, learners=3)
        SchoolClass.objects.filter(pk=made.pk).update(school_year=school_year(term.weeks[0]))
    return made


@pytest.fixture
def client(member_client, school):
    return member_client(school, Role.CAREER_COUNSELLOR)


def address(name, org, **kwargs):
    return reverse(f"schools:{name}", kwargs={"org": org.organisation.slug, **kwargs})


@pytest.fixture
def asked(term, school_class):
    def build(first=5, last=6, **changes):
        weeks = term.weeks
        return {
            "termin": term.code,
            "school_class": str(school_class.pk),
            "first": weeks[first].isoformat(),
            "last": weeks[last].isoformat(),
            **changes,
        }

    return build


def booked(seeding):
    with seeding():
        return list(PeriodWeek.objects.order_by("week_on").values_list("week_on", flat=True))


def test_looking_at_weeks_with_room_offers_to_book_them(client, school, slot, seeding, term, asked):
    with seeding():
        make_seats(slot, term.weeks, seats=10)
    response = client.get(address("week_matrix", school), asked())
    assert (response.status_code, response.context["outlook"].collides) == (200, False)
    assert response.context["words"].heading == f"Det finns plats {range_label(term.weeks[5:7])}"
    assert booked(seeding) == []


def test_a_collision_is_told_before_saving(client, school, stranger_school, slot, seeding, term, asked):
    weeks = term.weeks
    with seeding():
        make_seats(slot, weeks[5:7], seats=20)
        make_seats(slot, weeks[7:9], seats=4)
        make_period(make_class(stranger_school), weeks[5:6], learners=33)
        make_period(make_class(stranger_school, "8X"), weeks[6:7], learners=27)
    context = client.get(address("week_matrix", school), asked()).context
    v5, v6 = (week_label(week) for week in weeks[5:7])
    assert context["words"].heading == f"16 platser fattas {v5} och 10 platser {v6}"
    assert context["words"].sentence == (
        "En annan skola har redan bokat. Bokar du ändå saknar 16 elever plats tills fler arbetsplatser lägger in."
    )
    assert [words for _address, words in context["alternatives"]] == [f"{range_label(weeks[7:9])}, 4 lediga"]
    pressure = context["matrix"].rows[0].cells[5]
    assert (pressure.text, pressure.label) == ("−16", f"{v5}, 16 platser fattas med din bokning")


def test_booking_without_room_must_be_said_twice(client, school, seeding, term, asked):
    url = address("week_book", school)
    response = client.post(url, asked())
    assert (response.status_code, booked(seeding)) == (422, [])
    response = client.post(url, asked(anyway="1"))
    assert (response.status_code, booked(seeding)) == (302, list(term.weeks[5:7]))


def test_booking_weeks_with_room(client, school, slot, seeding, term, asked):
    with seeding():
        make_seats(slot, term.weeks, seats=10)
    response = client.post(address("week_book", school), asked(), follow=True)
    with seeding():
        period = PlacementPeriod.objects.get()
    assert (period.label, period.learners, period.kind) == ("8D", 3, "prao")
    undo = address("week_unbook", school, period_id=period.pk)
    assert response.content.decode().count(f'action="{undo}"') == 1


def test_upper_secondary_classes_book_apl(client, school, school_class, seeding, asked):
    with seeding():
        SchoolClass.objects.update(grade_level=11)
    client.post(address("week_book", school), asked(anyway="1"))
    with seeding():
        assert PlacementPeriod.objects.get().kind == "apl"


def test_a_closed_week_is_refused_and_others_are_offered(client, school, region, slot, seeding, term, asked):
    with seeding():
        make_seats(slot, term.weeks, seats=10)
        make_closed_week(region, term.weeks[5], "sportlov")
    response = client.post(address("week_book", school), asked(anyway="1"))
    label = week_label(term.weeks[5])
    assert response.status_code == 422
    assert response.context["trial"].reasons == (
        f"Sportlov {label}, då är skolan stängd. Välj veckor före eller efter.",
    )
    assert len(response.context["alternatives"]) == 2
    assert booked(seeding) == []


def test_weeks_in_the_past_are_refused(client, school, seeding, asked):
    now = term_of(today())
    gone = Term(now.year - 1, autumn=now.autumn)
    with seeding():
        SchoolClass.objects.update(school_year=school_year(gone.weeks[0]))
    week = gone.weeks[0].isoformat()
    response = client.post(
        address("week_book", school), {**asked(anyway="1"), "termin": gone.code, "first": week, "last": week}
    )
    assert (response.status_code, response.context["trial"].reasons) == (
        422,
        (f"Det går inte att boka {week_label(gone.weeks[0])}, som redan har börjat. Välj en senare vecka.",),
    )


def test_a_class_without_learners_is_refused(client, school, seeding, asked):
    with seeding():
        empty = make_class(school, "8E")
        SchoolClass.objects.filter(pk=empty.pk).update(school_year=SchoolClass.objects.get(name="8D").school_year)
    response = client.post(address("week_book", school), asked(school_class=str(empty.pk), anyway="1"))
    assert (response.status_code, response.context["trial"].reasons) == (
        422,
        ("8E har inga elever. Läs in klassens elever först.",),
    )


@pytest.mark.parametrize("changes", [{"first": 6, "last": 5}, {"first": 5, "last": 6, "school_class": ""}])
def test_what_cannot_be_asked_is_422(client, school, asked, changes):
    for response in (client.get(address("week_matrix", school), asked(**changes)),
                     client.post(address("week_book", school), asked(**changes))):  # fmt: skip
        assert response.status_code == 422


def test_another_schools_class_cannot_be_booked(client, school, stranger_school, seeding, asked):
    with seeding():
        theirs = make_class(stranger_school, learners=2)
    response = client.post(address("week_book", school), asked(school_class=str(theirs.pk), anyway="1"))
    assert (response.status_code, booked(seeding)) == (422, [])


def test_unbooking_asks_and_then_frees(client, school, school_class, seeding, term):
    with seeding():
        period = make_period(school_class, term.weeks[3:5])
    url = address("week_unbook", school, period_id=period.pk)
    assert client.get(url).status_code == 200
    assert len(booked(seeding)) == 2
    assert client.post(url).url == f"{address('week_matrix', school)}?termin={term.code}"
    assert booked(seeding) == []


def test_a_period_in_a_round_says_why_it_stays(client, school, school_class, seeding, term):
    with seeding():
        period = make_period(school_class, term.weeks[3:5])
        make_round(period)
    response = client.post(address("week_unbook", school, period_id=period.pk))
    assert (response.status_code, str(response.context["error"])) == (
        422,
        "8D ingår i en omgång med de här veckorna. Ta bort klassen ur omgången först.",
    )
    assert len(booked(seeding)) == 2


def test_a_neighbours_period_cannot_be_unbooked(client, school, stranger_school, seeding, term):
    with seeding():
        period = make_period(make_class(stranger_school, learners=1), term.weeks[3:5])
    assert client.post(address("week_unbook", school, period_id=period.pk)).status_code == 404
    assert len(booked(seeding)) == 2


def test_a_regional_coordinator_looks_without_booking(member_client, region, school_class, seeding, term):
    with seeding():
        make_period(school_class, term.weeks[3:5])
    client = member_client(region, Role.REGIONAL_COORDINATOR)
    url = reverse("schools:week_matrix", kwargs={"org": region.slug})
    response = client.get(url, {"termin": term.code})
    assert (response.status_code, response.context["form"]) == (200, None)
    assert [one.name for one in response.context["page"].matrix.schools] == ["Norrängsskolan"]


def test_the_export_holds_what_is_seen(client, school, school_class, slot, seeding, term):
    with seeding():
        make_seats(slot, term.weeks[:1], seats=10)
        make_period(school_class, term.weeks[:1], learners=22)
    response = client.get(address("week_matrix", school), {"termin": term.code, "export": "xlsx"})
    rows = list(load_workbook(BytesIO(response.content)).worksheets[0].values)
    assert [row[:3] for row in rows[1:]] == [
        ("Platser", None, 10),
        ("Bokade elever", None, 22),
        ("Lediga platser", None, -12),
        ("Norrängsskolan", "Borås", 22),
    ]


@pytest.mark.parametrize("schools", [1, 3])
def test_queries_do_not_grow_with_schools(client, school, authority, school_class, seeding, term, asked, schools):
    url = address("week_matrix", school)
    client.get(url, asked())

    def queries():
        with CaptureQueriesContext(connection) as seen:
            client.get(url, asked())
        return len(seen)

    before = queries()
    with seeding():
        for number in range(schools):
            make_period(make_class(make_school(authority, f"Skola {number}"), learners=1), term.weeks[:9])
            make_period(make_class(school, f"9{number}", learners=1), term.weeks[:2])
    # One's first booking is read with its weeks for the list, and its weeks for what is tried: three more, once.
    assert queries() - before <= 3
