"""The register: what is seen is what is counted, sorted, paged and exported."""

from io import BytesIO

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.enums import Role
from core.outbox.services import deliver_due
from employers.enums import OccupationField, SlotStatus
from employers.models import Employer
from tests.factories.employers import make_employer, make_seats, make_slot, make_workplace


@pytest.fixture
def client(region, member_client):
    return member_client(region, Role.REGIONAL_COORDINATOR)


@pytest.fixture
def url(region):
    def make(name: str, **kwargs: object) -> str:
        return reverse(f"employers:{name}", kwargs={"org": region.slug, **kwargs})

    return make


@pytest.fixture
def three(region, slot, weeks, seeding) -> list[Employer]:
    """Hulta Bageri with 4 seats in Borås, Kinna Plåt with a submitted slot in Mark, and Viskadalen with nothing."""
    with seeding():
        make_seats(slot, weeks, seats=2)
        smith = make_employer(region, "Kinna Plåt")
        place = make_workplace(smith, city="Kinna", municipality_code="1463")
        make_slot(place, status=SlotStatus.SUBMITTED, occupation_field=OccupationField.INDUSTRY)
        return [slot.workplace.employer, smith, make_employer(region, "Viskadalens Åkeri")]


def names(client, url, query: str = "") -> list[str]:
    return [employer.name for employer, _confirmed in client.get(url("employer_list") + query).context["rows"]]


def test_employer_list_counts_what_is_offered(client, url, three):
    response = client.get(url("employer_list"))
    rows = [(e.name, e.cities, e.published, e.waiting, e.seats) for e, _confirmed in response.context["rows"]]
    assert rows == [
        ("Hulta Bageri", "Borås", 1, 0, 4),
        ("Kinna Plåt", "Kinna", 0, 1, 0),
        ("Viskadalens Åkeri", "", 0, 0, 0),
    ]
    assert response.context["bar"].count == "3 av 3"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=kinna", ["Kinna Plåt"]),
        ("?q=hulta", ["Hulta Bageri"]),
        ("?municipality=1463", ["Kinna Plåt"]),
        ("?field=craft", ["Hulta Bageri"]),
        ("?status=submitted", ["Kinna Plåt"]),
        ("?status=published&municipality=1463", []),
        ("?sort=-name", ["Viskadalens Åkeri", "Kinna Plåt", "Hulta Bageri"]),
        ("?sort=-seats", ["Hulta Bageri", "Kinna Plåt", "Viskadalens Åkeri"]),
        ("?sort=nonsense", ["Hulta Bageri", "Kinna Plåt", "Viskadalens Åkeri"]),
    ],
)
def test_employer_list_narrows_and_sorts_by_the_url(client, url, three, authority, stranger_authority, query, found):
    assert names(client, url, query) == found


def test_employer_list_names_the_filters_in_force(client, url, three, stranger_authority):
    bar = client.get(url("employer_list") + "?q=plåt&municipality=1463&sort=name").context["bar"]
    assert [(str(chip.label), chip.remove_url) for chip in bar.chips] == [
        ("Text: plåt", "?municipality=1463&sort=name"),
        ("Kommun: Mark", "?q=pl%C3%A5t&sort=name"),
    ]
    assert (bar.count, bar.keep) == ("1 av 3", [("sort", "name")])


def test_employer_list_needs_as_many_queries_for_three_as_for_one(client, url, slot, region, seeding):
    assert queries(client, url)[0] == 1
    one = queries(client, url)[1]
    with seeding():
        for number in range(2):
            make_slot(make_workplace(make_employer(region, f"Arbetsgivare {number}")))
    assert queries(client, url) == (3, one)


def queries(client, url) -> tuple[int, int]:
    with CaptureQueriesContext(connection) as made:
        response = client.get(url("employer_list"))
    return len(response.context["rows"]), len(made)


def test_employer_export_holds_exactly_what_is_seen(client, url, three):
    response = client.get(url("employer_export", kind="csv") + "?status=published")
    heads, *lines = response.content.decode("utf-8-sig").splitlines()
    assert heads == "Arbetsgivare;Ort;Publicerade;Väntar;Veckoplatser framåt;Senast bekräftad"
    assert [line.split(";")[:5] for line in lines] == [["Hulta Bageri", "Borås", "1", "0", "4"]]
    book = load_workbook(BytesIO(client.get(url("employer_export", kind="xlsx") + "?sort=-name").content))
    column = [row[0] for row in book.active.iter_rows(min_row=2, values_only=True)]
    assert column == ["Viskadalens Åkeri", "Kinna Plåt", "Hulta Bageri"]
    assert client.get(url("employer_export", kind="pdf")).status_code == 404


def test_employer_detail_shows_all_about_one(client, url, three, slot):
    bakery = three[0]
    context = client.get(url("employer_detail", employer_id=bakery.pk)).context
    assert [row.slot for row in context["slot_rows"]] == [slot]
    assert [contact.name for contact in context["contacts"]] == ["Petra Holm"]
    assert [place.name for place, _municipality in context["workplaces"]] == ["Hulta Bageri"]


def test_authority_coordinators_see_the_register_without_contacts(authority, three, member_client):
    reader = member_client(authority, Role.AUTHORITY_COORDINATOR)
    slug = authority.organisation.slug
    assert reader.get(reverse("employers:employer_list", kwargs={"org": slug})).status_code == 200
    page = reverse("employers:employer_detail", kwargs={"org": slug, "employer_id": three[0].pk})
    assert reader.get(page).context["contacts"] == []
    assert reader.get(reverse("employers:employer_invite", kwargs={"org": slug})).status_code == 404


def test_employer_invite_mails_a_link(client, url, region, seeding):
    fields = {"name": "Hulta Bageri", "organisation_number": "556036-0793", "email": "petra@example.se"}
    response = client.post(url("employer_invite"), fields)
    with seeding():
        made = Employer.objects.get()
    assert response.url == url("employer_detail", employer_id=made.pk)
    deliver_due()
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["petra@example.se"], "Inbjudan till Hulta Bageri i Bryggan")
    ]


def test_employer_invite_shows_a_wrong_number_at_its_field(client, url, seeding):
    fields = {"name": "Hulta Bageri", "organisation_number": "556036-0790", "email": "petra@example.se"}
    response = client.post(url("employer_invite"), fields)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["organisation_number"]
    assert response.context["form"]["name"].value() == "Hulta Bageri"
    with seeding():
        assert Employer.objects.count() == 0
