import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role
from placements.allocation import seed_commitment
from placements.models import Round
from tests.factories.employers import make_employer, make_seats, make_slot, make_workplace
from tests.factories.placements import make_choices, make_round
from tests.factories.schools import make_class, make_learner, make_period, make_school


def url(name, school, *args):
    return reverse(f"placements:{name}", args=[school.organisation.slug, *args])


def heading(response):
    text = response.content.decode()
    return " ".join(text[text.index("<h1>") + 4 : text.index("</h1>")].split())


@pytest.fixture
def browser(school, member_client):
    return member_client(school, Role.CAREER_COUNSELLOR)


@pytest.fixture
def period(school_class, weeks, seeding):
    with seeding():
        return make_period(school_class, weeks)


def filled(form):
    """The form as the page prefills it."""
    values = {}
    for bound in form:
        value = bound.value()
        values[bound.name] = bound.field.widget.format_value(value) if hasattr(value, "year") else value
    return values


def test_the_proposed_round_is_opened_as_it_stands(browser, school, period):
    page = browser.get(url("round_open", school))
    response = browser.post(url("round_open", school), filled(page.context["form"]))
    made = browser.get(response["Location"])
    assert made.context["round"].title == page.context["form"]["title"].value()
    assert made.context["row"].class_names == [period.label]


def test_a_round_that_closes_before_it_opens_is_explained_at_the_field(browser, school, period, seeding):
    form = browser.get(url("round_open", school)).context["form"]
    values = filled(form)
    response = browser.post(url("round_open", school), {**values, "close_at": values["view_at"]})
    assert response.status_code == 422
    assert response.context["form"].errors["close_at"] == ["Valet stänger innan det öppnar. Välj en senare stängning."]
    assert "<title>Fel:" in " ".join(response.content.decode().split())
    with seeding():
        assert Round.objects.count() == 0


def test_no_periods_and_empty_class_are_explained(browser, school, school_class, period, weeks, seeding):
    with seeding():
        empty = make_period(make_class(school, "8E"), weeks)
    values = filled(browser.get(url("round_open", school)).context["form"])
    without = browser.post(url("round_open", school), {**values, "periods": []})
    assert without.context["form"].errors["periods"] == ["Välj minst en klass som ska vara med."]
    with_empty = browser.post(url("round_open", school), {**values, "periods": [str(empty.pk)]})
    assert with_empty.context["form"].errors["periods"] == [
        "8E har inga elever. Importera klassen först, eller ta bort den ur urvalet."
    ]


def test_round_page_shows_who_has_chosen_and_the_lotterys_commitment(
    browser, school, school_class, period, region, learner, weeks, seeding
):
    with seeding():
        slot = make_slot(make_workplace(make_employer(region)))
        make_seats(slot, weeks, 2)
        found = make_round(period)
        make_choices(found, learner, [slot])
        make_choices(found, make_learner(school_class), [slot], submitted=False)
    page = browser.get(url("round_detail", school, found.pk))
    assert heading(page) == "Prao åk 8: 1 av 5 har skickat in"
    assert page.context["counts"] == {"sent": 1, "saved": 1, "none": 3, "total": 5}
    assert "".join(page.context["commitment"]) == seed_commitment(found.seed)
    assert found.seed not in page.content.decode()
    assert (page.context["supply"].slots, page.context["supply"].seats) == (1, 2)


def test_reminding_gives_a_receipt_and_can_be_undone(browser, school, period, seeding):
    with seeding():
        found = make_round(period)
    page = browser.post(url("round_remind", school, found.pk), follow=True)
    assert [str(message) for message in page.context["messages"]] == ["Påminnelse skickas till 3 elever om 10 minuter."]
    undone = browser.post(url("round_remind_undo", school, found.pk), follow=True)
    assert [str(message) for message in undone.context["messages"]] == ["Påminnelsen är stoppad."]


def test_dates_are_changed_and_a_round_taken_away(browser, school, period, seeding):
    with seeding():
        found = make_round(period, phase="planned")
    form = browser.get(url("round_change", school, found.pk)).context["form"]
    browser.post(url("round_change", school, found.pk), {**filled(form), "title": "Prao v. 15"})
    assert browser.get(url("round_detail", school, found.pk)).context["round"].title == "Prao v. 15"
    browser.post(url("round_delete", school, found.pk))
    assert browser.get(url("round_list", school)).context["rows"] == []


def test_choices_are_listed_filtered_and_exported(browser, school, period, region, learner, seeding):
    with seeding():
        found = make_round(period)
        make_choices(found, learner, [make_slot(make_workplace(make_employer(region)))])
    page = browser.get(url("round_choices", school))
    assert heading(page) == "3 av 4 elever har inte skickat in"
    sent = browser.get(url("round_choices", school), {"lage": "submitted"})
    assert [row.name for row, _title in sent.context["rows"]] == [str(learner)]
    export = browser.get(url("round_choices", school), {"lage": "submitted", "export": "csv"})
    rows = export.content.decode("utf-8-sig").splitlines()
    assert [row.split(";")[:5] for row in rows] == [
        ["Elev", "Klass", "Omgång", "Läge", "Val"],
        ["Amina Warsame", "8D", "Prao åk 8", "Har skickat in", "1"],
    ]


def test_a_school_sees_its_own_learners_only_in_a_round_of_the_authority(
    browser, authority, school, period, learner, weeks, seeding, member_client
):
    with seeding():
        theirs = make_class(make_school(authority, "Sjöboskolan"), "8Z")
        make_learner(theirs, "Xerxes")
        found = make_round(period, make_period(theirs, weeks))
        Round.objects.filter(pk=found.pk).update(school_unit=None)
    coordinator = member_client(authority, Role.AUTHORITY_COORDINATOR)
    pages = [("round_detail", found.pk), ("round_choices",)]

    seen = [
        ["Xerxes" in page.content.decode(), "Amina" in page.content.decode()]
        for who, owner in ((browser, school), (coordinator, authority))
        for name, *args in pages
        for page in [who.get(url(name, owner, *args))]
    ]

    assert seen == [[False, True], [False, True], [True, True], [True, True]]


@pytest.fixture
def two_schools(authority, school, period, learner, weeks, seeding):
    """A round of the authority with an 8D in each of two schools."""
    with seeding():
        theirs = make_class(make_school(authority, "Åsskolan"), period.label)
        make_learner(theirs, "Xerxes", last_name="Åkerö")
        found = make_round(period, make_period(theirs, weeks))
        Round.objects.filter(pk=found.pk).update(school_unit=None)
    return found


@pytest.fixture
def coordinator(authority, member_client):
    return member_client(authority, Role.AUTHORITY_COORDINATOR)


def test_classes_of_the_same_name_are_kept_apart(coordinator, authority, two_schools):
    page = coordinator.get(url("round_detail", authority, two_schools.pk))
    assert [(rows[0].class_name, rows[0].school, len(rows)) for rows in page.context["classes"]] == [
        ("8D", "Norrängsskolan", 4),
        ("8D", "Åsskolan", 1),
    ]
    assert "<caption>8D, Åsskolan</caption>" in page.content.decode()


def test_many_classes_are_counted_with_most_missing_first(
    coordinator, authority, school, two_schools, weeks, learner, region, seeding
):
    with seeding():
        for number in range(1, 9):
            period = make_period(make_class(school, f"9{number}", learners=number), weeks)
            two_schools.round_periods.create(region=region, authority=authority, period=period)
        make_choices(two_schools, learner, [make_slot(make_workplace(make_employer(region)))])
    page = coordinator.get(url("round_detail", authority, two_schools.pk))
    rows = [(row.class_name, row.learners, row.sent, row.not_started) for row in page.context["page"]]
    assert (rows[0], len(rows)) == (("98", 8, 0, 8), 10)
    assert ("8D", 4, 1, 3) in rows
    assert page.context["counts"] == {"sent": 1, "saved": 0, "none": 40, "total": 41}
    assert "Xerxes" not in page.content.decode()

    listed = coordinator.get(
        url("round_choices", authority), {"omgang": two_schools.pk, "klass": page.context["page"][0].class_id}
    )
    assert {row.class_name for row, _title in listed.context["rows"]} == {"98"}
    assert f"?omgang={two_schools.pk}&amp;klass={page.context['page'][0].class_id}" in page.content.decode()


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"q": "åsskolan xerx"}, ["Xerxes Åkerö"]),
        ({"q": "8d amina"}, ["Amina Warsame"]),
        ({"sort": "-name", "q": "e"}, "reversed"),
    ],
)
def test_an_authority_searches_names_classes_and_schools(coordinator, authority, two_schools, asked, names):
    page = coordinator.get(url("round_choices", authority), asked)
    found = [row.name for row, _title in page.context["rows"]]
    if names == "reversed":
        assert found[0] == "Xerxes Åkerö"
    else:
        assert found == names


def test_a_school_is_chosen_before_its_class(coordinator, authority, school, two_schools):
    page = coordinator.get(url("round_choices", authority), {"skola": school.pk})
    form = page.context["filter_form"]
    assert [label for _value, label in form.fields["klass"].choices[1:]] == ["8D"]
    assert {row.school for row, _title in page.context["rows"]} == {school.name}
    everyone = coordinator.get(url("round_choices", authority)).context["filter_form"]
    assert [label for _value, label in everyone.fields["klass"].choices[1:]] == ["8D, Norrängsskolan", "8D, Åsskolan"]


def test_options_too_many_to_choose_from_are_not_offered(
    coordinator, authority, school_class, two_schools, monkeypatch
):
    monkeypatch.setattr("placements.forms.offering.OPTIONS_OFFERED", 1)
    plain = coordinator.get(url("round_choices", authority)).context["filter_form"]
    assert list(plain.fields) == ["omgang", "lage"]
    narrowed = coordinator.get(url("round_choices", authority), {"klass": school_class.pk})
    assert narrowed.context["filter_form"].fields["klass"].choices[1:] == [(str(school_class.pk), "8D, Norrängsskolan")]
    assert len(narrowed.context["rows"]) == 4


def test_the_list_of_rounds_is_paged(browser, school, period, weeks, seeding, monkeypatch):
    monkeypatch.setattr("placements.views.rounds.ROUNDS_PER_PAGE", 1)
    with seeding():
        make_round(period)
        make_round(make_period(make_class(school, "8E", learners=1), weeks), title="Prao 8E")
    page = browser.get(url("round_list", school))
    assert (heading(page), len(page.context["rows"])) == ("2 omgångar är öppna för val", 1)
    assert 'rel="next"' in page.content.decode()


def test_another_schools_round_does_not_exist(browser, school, stranger_school, weeks, seeding):
    with seeding():
        theirs = make_round(make_period(make_class(stranger_school, learners=1), weeks))
    for name in ("round_detail", "round_change", "round_delete"):
        assert browser.get(url(name, school, theirs.pk)).status_code == 404
    assert browser.post(url("round_remind", school, theirs.pk)).status_code == 404


def test_a_mentor_looks_and_changes_nothing(school, period, member_client, seeding):
    with seeding():
        found = make_round(period)
    mentor = member_client(school, Role.MENTOR)
    assert mentor.get(url("round_detail", school, found.pk)).context["mine"] is False
    assert mentor.get(url("round_change", school, found.pk)).status_code == 404
    assert mentor.post(url("round_remind", school, found.pk)).status_code == 404


@pytest.mark.parametrize("name", ["round_list", "round_choices"])
def test_the_number_of_queries_does_not_grow(name, browser, school, period, weeks, seeding):
    with seeding():
        make_round(period)

    def count():
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(url(name, school)).status_code == 200
        return len(seen)

    one = count()
    with seeding():
        for label in ("8E", "8F"):
            make_round(make_period(make_class(school, label, learners=2), weeks))
    assert count() == one


def test_a_closed_round_leads_to_its_runs(browser, school, period, seeding):
    with seeding():
        found = make_round(period, phase="closed")
    page = browser.get(url("round_detail", school, found.pk))
    assert url("run_list", school, found.pk) in page.content.decode()
