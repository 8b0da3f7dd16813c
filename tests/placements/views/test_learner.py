from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.weeks import today
from placements.allocation import seed_commitment
from placements.models import Choice, ChoiceList, Placement, Round
from tests.factories.employers import make_employer, make_seats, make_slot, make_workplace
from tests.factories.placed import place
from tests.factories.placements import make_assignment, make_choices, make_round, make_run
from tests.factories.schools import make_period

WEEKS, BROWSE, CHOICES = (reverse(f"placements:learner_{name}") for name in ("weeks", "browse", "choices"))
SUBMIT, PLACE = (reverse(f"placements:learner_{name}") for name in ("submit", "placement"))


def heading(response):
    text = response.content.decode()
    return " ".join(text[text.index("<h1>") + 4 : text.index("</h1>")].split())


@pytest.fixture
def make_open_slots(region, seeding, weeks):
    def make(*names, seats=2, **fields):
        with seeding():
            made = [make_slot(make_workplace(make_employer(region, name)), **fields) for name in names]
            for slot in made:
                make_seats(slot, weeks, seats)
        return made

    return make


@pytest.fixture
def make_season(school_class, weeks, seeding):
    def make(phase="choosing", **fields):
        with seeding():
            return make_round(make_period(school_class, weeks), phase=phase, **fields)

    return make


def names_in_order(learner, seeding):
    with seeding():
        rows = Choice.objects.filter(learner=learner).order_by("rank")
        return list(rows.values_list("slot__workplace__name", flat=True))


def test_pages_ask_a_visitor_to_sign_in(client, db):
    for url in (WEEKS, BROWSE, CHOICES, PLACE):
        assert client.get(url).status_code == 302


def test_pages_of_a_learner_without_a_round_say_so(learner, learner_client):
    browser = learner_client(learner)
    assert [heading(browser.get(url)) for url in (WEEKS, BROWSE, CHOICES, PLACE)] == [
        "Inga veckor än",
        "Platserna visas inte än",
        "Du kan inte välja än",
        "Du har ingen plats än",
    ]


@pytest.mark.parametrize(
    ("phase", "expected"),
    [("viewing", "Titta på platserna nu"), ("choosing", "Välj minst 3 platser"), ("closed", "Valet har stängt")],
)
def test_weeks_say_what_to_do_now(phase, expected, make_season, learner, learner_client):
    make_season(phase)
    assert heading(learner_client(learner).get(WEEKS)) == expected


def test_weeks_ask_for_saved_wishes_to_be_sent(make_season, make_open_slots, learner, learner_client, seeding):
    found = make_season(min_choices=1)
    with seeding():
        held = make_choices(found, learner, make_open_slots("Hulta Bageri"), submitted=False)
    browser = learner_client(learner)
    assert heading(browser.get(WEEKS)) == "Skicka in dina val"
    with seeding():
        ChoiceList.objects.filter(pk=held.pk).update(submitted_at=timezone.now())
    assert heading(browser.get(WEEKS)) == "Dina val är inskickade"


def test_browse_shows_what_fits_and_folds_the_rest_with_the_reason(
    make_season, make_open_slots, learner, learner_client
):
    make_season()
    make_open_slots("Hulta Bageri", "Kinna Plåt")
    make_open_slots("Vuxenverkstaden", min_age=18)
    response = learner_client(learner).get(BROWSE)
    assert heading(response) == f"2 platser passar dig {response.context['season'].week_label}".replace("\u00a0", " ")
    assert [row.name for row, _demand in response.context["rows"]] == ["Hulta Bageri", "Kinna Plåt"]
    [unfit] = response.context["unfitting"]
    assert [reason.message for reason in unfit.reasons] == ["Kan inte bokas: platsen kräver fyllda 18."]


def test_browse_filters_by_text_field_and_town(
    make_season, make_open_slots, region, learner, learner_client, seeding, weeks
):
    make_season()
    make_open_slots("Hulta Bageri")
    with seeding():
        slot = make_slot(make_workplace(make_employer(region, "Kinna Plåt"), city="Kinna"), occupation_field="industry")
        make_seats(slot, weeks, 1)
    browser = learner_client(learner)

    def found(**query):
        return [row.name for row, _demand in browser.get(BROWSE, query).context["rows"]]

    assert found(q="BAGERI") == ["Hulta Bageri"]
    assert found(ort="Kinna") == ["Kinna Plåt"]
    assert found(yrkesomrade="craft") == ["Hulta Bageri"]
    assert found(q="finns inte") == []


def test_browse_is_closed_before_the_places_are_shown(make_season, make_open_slots, learner, learner_client):
    make_season("planned")
    [slot] = make_open_slots("Hulta Bageri")
    browser = learner_client(learner)
    assert browser.get(BROWSE).context["browse"] is None
    assert browser.get(reverse("placements:learner_slot", args=[slot.pk])).status_code == 302


def test_slot_page_tells_where_when_and_how_many(make_season, make_open_slots, learner, learner_client, seeding):
    found = make_season()
    [slot] = make_open_slots("Hulta Bageri", bring="inneskor")
    with seeding():
        make_choices(found, learner, [slot], submitted=False)
    response = learner_client(learner).get(reverse("placements:learner_slot", args=[slot.pk]))
    assert (heading(response), response.context["demand"]) == ("Hulta Bageri", "1 söker, 2 platser")
    for text in ("Hultagatan 14, 507 42 Borås", "08.00–15.00, rast 45 min", "inneskor", "Ta bort ur mina val"):
        assert text in response.content.decode()


def test_wishes_are_added_moved_and_sent_without_script(make_season, make_open_slots, learner, learner_client, seeding):
    make_season(min_choices=2)
    first, second = make_open_slots("Hulta Bageri", "Kinna Plåt")
    browser = learner_client(learner)
    assert heading(browser.get(CHOICES)) == "Du har inga val än, välj minst 2"
    browser.post(CHOICES, {"add": first.pk})
    assert heading(browser.get(CHOICES)) == "Du har 1 val, 1 till behövs"
    browser.post(CHOICES, {"add": second.pk})
    assert heading(browser.get(CHOICES)) == "Du har 2 val, nog för att skicka in"
    response = browser.post(CHOICES, {"up": second.pk})
    assert response["Location"] == f"{CHOICES}?flyttad={second.pk}"
    assert names_in_order(learner, seeding) == ["Kinna Plåt", "Hulta Bageri"]
    browser.post(SUBMIT)
    assert heading(browser.get(CHOICES)) == "Dina 2 val är inskickade"


def test_a_move_by_script_answers_with_the_list_alone(make_season, make_open_slots, learner, learner_client, seeding):
    found = make_season()
    slots = make_open_slots("Hulta Bageri", "Kinna Plåt")
    with seeding():
        make_choices(found, learner, slots, submitted=False)
    response = learner_client(learner).post(CHOICES, {"down": slots[0].pk}, headers={"HX-Request": "true"})
    text = response.content.decode()
    assert (response.status_code, "<html" in text, 'hx-swap-oob="true"' in text) == (200, False, True)
    assert text.index("Kinna Plåt") < text.index("Hulta Bageri")


def test_sending_too_few_says_how_many_more(make_season, make_open_slots, learner, learner_client):
    make_season()
    [slot] = make_open_slots("Hulta Bageri")
    browser = learner_client(learner)
    browser.post(CHOICES, {"add": slot.pk})
    response = browser.post(SUBMIT)
    assert response.status_code == 422
    assert response.context["error"] == "Lägg till 2 val till, sedan kan du skicka in."


def test_ranking_after_closing_is_refused_and_nothing_is_lost(
    make_season, make_open_slots, learner, learner_client, seeding
):
    found = make_season()
    slots = make_open_slots("Hulta Bageri", "Kinna Plåt")
    with seeding():
        make_choices(found, learner, slots)
        Round.objects.filter(pk=found.pk).update(close_at=timezone.now() - timedelta(seconds=1))
    browser = learner_client(learner)
    response = browser.post(CHOICES, {"up": slots[1].pk})
    assert response.status_code == 422
    assert response.context["error"].endswith("Dina val är kvar som de var.")
    assert b"data-ranking" not in response.content
    assert names_in_order(learner, seeding) == ["Hulta Bageri", "Kinna Plåt"]
    assert heading(browser.get(CHOICES)) == "Valet har stängt"


@pytest.mark.parametrize("value", ["", "inte-ett-id", "7f1f6c9e-0000-4000-8000-000000000000"])
def test_an_unknown_place_is_not_found(value, make_season, learner, learner_client):
    make_season()
    assert learner_client(learner).post(CHOICES, {"add": value}).status_code == 404


def test_the_place_is_shown_with_why(make_season, make_open_slots, learner, learner_client, seeding):
    found = make_season("published")
    first, second = make_open_slots("Djurkliniken Ätran", "Hulta Bageri")
    entry = {"rank": 1, "slot": str(first.pk), "reason": "lottery",
             "applicants": 14, "ranked_as_high": 9, "seats": 2, "taken": 2}  # fmt: skip
    with seeding():
        run = make_published_run(found)
        assignment = make_assignment(run, learner, found.round_periods.get().period, second, 2)
        type(assignment).objects.filter(pk=assignment.pk).update(explanation=[entry])
    response = learner_client(learner).get(PLACE)
    assert heading(response) == "Du fick Hulta Bageri, ditt andra val"
    assert response.context["sentences"] == ["Djurkliniken Ätran lottades: 14 sökte 2 platser."]


def coming_february():
    return timezone.make_aware(datetime.combine(date(today().year + 1, 2, 3), time(8)))


def make_published_run(found, **fields):
    """A run published an hour ago, shown since a minute."""
    now = timezone.now()
    times = {
        "published_at": now - timedelta(hours=1),
        "undo_until": now - timedelta(minutes=45),
        "results_at": now - timedelta(minutes=1),
    }
    return make_run(found, status="published", **{**times, **fields})


def test_the_lottery_is_told_in_numbers_and_can_be_checked(
    make_season, make_open_slots, learner, learner_client, seeding
):
    found = make_season("published")
    first, second = make_open_slots("Djurkliniken Ätran", "Hulta Bageri")
    entry = {"rank": 1, "slot": str(first.pk), "reason": "lottery", "applicants": 14, "ranked_as_high": 9, "seats": 2,
             "taken": 2, "draw_equals": 9, "draw_number": 5, "draw_last": 2}  # fmt: skip
    with seeding():
        assignment = make_assignment(make_published_run(found), learner, found.round_periods.get().period, second, 2)
        type(assignment).objects.filter(pk=assignment.pk).update(explanation=[entry])
    response = learner_client(learner).get(PLACE)
    assert response.context["sentences"] == [
        (
            "Djurkliniken Ätran lottades: 14 sökte 2 platser. "
            "Ni var 9 som stod lika. Du drog nummer 5, sista platsen gick till nummer 2."
        )
    ]
    text = response.content.decode()
    assert (found.seed in text, seed_commitment(found.seed) in text.replace("<wbr>", "")) == (True, True)


@pytest.mark.parametrize("waits_for", ["results_at", "undo_until"])
def test_the_result_waits_for_its_hour_on_both_pages(
    make_season, make_open_slots, learner, learner_client, seeding, weeks, waits_for
):
    found = make_season("published")
    [slot] = make_open_slots("Hulta Bageri")
    hour = coming_february()
    with seeding():
        run = make_published_run(found, **{waits_for: hour})
        make_assignment(run, learner, found.round_periods.get().period, slot, 1)
        place(learner, found.round_periods.get().period, found, slot, weeks, 1)
        Placement.objects.update(shown_at=hour)
    browser = learner_client(learner)
    for url in (PLACE, WEEKS):
        response = browser.get(url)
        assert heading(response) == "Resultatet visas den 3 februari kl. 8.00"
        assert "Hulta Bageri" not in response.content.decode()
        assert found.seed not in response.content.decode()


def test_a_place_lost_and_a_new_one_that_waits(make_season, make_open_slots, learner, learner_client, seeding, weeks):
    found = make_season("published")
    first, second = make_open_slots("Hulta Bageri", "Kinna Plåt")
    hour = coming_february()
    with seeding():
        period = found.round_periods.get().period
        make_assignment(make_published_run(found), learner, period, first, 1)
        gone = place(learner, period, found, first, weeks, 1)
        gone.weeks.update(live=False)
        type(gone).objects.filter(pk=gone.pk).update(status="replaced", ended_at=timezone.now())
        repair = make_published_run(found, purpose="repair", number=2, results_at=hour)
        make_assignment(repair, learner, period, second, 2)
        place(learner, period, found, second, weeks, 2)
        Placement.objects.filter(slot=second).update(shown_at=hour)
    browser = learner_client(learner)
    assert heading(browser.get(PLACE)) == "Resultatet visas den 3 februari kl. 8.00"
    assert "Kinna Plåt" not in browser.get(PLACE).content.decode()


def test_an_unpublished_run_is_not_shown(make_season, make_open_slots, learner, learner_client, seeding):
    found = make_season("closed")
    [slot] = make_open_slots("Hulta Bageri")
    with seeding():
        run = make_run(found, status="draft")
        make_assignment(run, learner, found.round_periods.get().period, slot, 1)
    assert heading(learner_client(learner).get(PLACE)) == "Du har ingen plats än"


@pytest.mark.parametrize("url", [BROWSE, CHOICES])
def test_the_number_of_queries_does_not_grow(url, make_season, make_open_slots, learner, learner_client, seeding):
    found = make_season()
    browser = learner_client(learner)
    [first] = make_open_slots("Hulta Bageri")
    with seeding():
        held = make_choices(found, learner, [first], submitted=False)

    def count():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert browser.get(url).status_code == 200
        return len(seen)

    one = count()
    more = make_open_slots("Kinna Plåt", "Åsunden Hotell")
    with seeding():
        held.delete()
        make_choices(found, learner, [first, *more], submitted=False)
    assert count() == one
