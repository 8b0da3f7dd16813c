"""A list is shown before it is saved, and saved as it was shown."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from accounts.enums import Role
from core.weeks import school_year, today
from schools.models import Learner, SchoolClass
from tests.factories.schools import make_school

TEXT = "Förnamn;Efternamn;Födelsedatum\nÅsa;Öberg;2012-05-04\nBo;Ek;\n"


@pytest.fixture
def client(member_client, school):
    return member_client(school, Role.CAREER_COUNSELLOR)


@pytest.fixture
def url(school):
    return reverse("schools:class_import", kwargs={"org": school.organisation.slug})


def data(**changes):
    return {"name": "8E", "grade_level": "8", "school_year": str(school_year(today())), "text": TEXT, **changes}


def preview(client, url, **changes):
    response = client.post(url, data(**changes))
    assert response.status_code == 200
    context = response.context
    return {**data(**changes), "text": context["text"], "seen": context["plan"].digest}


def counts(seeding):
    with seeding():
        return SchoolClass.objects.count(), Learner.objects.count()


def test_the_preview_saves_nothing(client, url, seeding):
    preview(client, url)
    assert counts(seeding) == (0, 0)


def test_what_was_seen_is_saved(client, url, seeding):
    response = client.post(url, preview(client, url))
    assert response.status_code == 302
    assert counts(seeding) == (1, 2)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1"])
def test_a_file_survives_the_preview(client, url, seeding, encoding):
    file = SimpleUploadedFile("8E.csv", TEXT.encode(encoding))
    seen = client.post(url, data(text="", file=file)).context
    client.post(url, data(text=seen["text"], seen=seen["plan"].digest))
    with seeding():
        assert sorted(Learner.objects.values_list("last_name", flat=True)) == ["Ek", "Öberg"]


def test_a_class_changed_in_between_is_shown_again(client, url, seeding):
    first = preview(client, url)
    second = preview(client, url)
    client.post(url, first)
    response = client.post(url, second)
    assert (response.status_code, response.context["changed"]) == (200, True)
    assert counts(seeding) == (1, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Välj en fil, eller klistra in listan."),
        ("Förnamn;Efternamn\n", "Listan har rubriker men inga elever. Lägg in minst en elev."),
        (
            "Namn;Klass\nÅsa Öberg;8E",
            (
                "Listan saknar kolumnerna Förnamn och Efternamn. Kolumner som finns: Namn, Klass. "
                "Skriv rubrikerna på första raden, eller börja från mallen."
            ),
        ),
        (
            "Förnamn;Efternamn;Nr\nÅsa;Öberg;20120504-1234",
            (
                "Listan innehåller personnummer (rad 2). Bryggan behöver dem inte och sparar dem inte. "
                "Ta bort dem, eller skriv födelsedatum som 2012-05-04, och läs in listan igen."
            ),
        ),
    ],
)
def test_a_list_that_cannot_be_read_says_why(client, url, seeding, text, message):
    response = client.post(url, data(text=text))
    assert (response.status_code, response.context["form"].errors["file"]) == (422, [message])
    assert counts(seeding) == (0, 0)


def test_faulty_rows_are_shown_with_their_numbers_and_stop_everything(client, url, seeding):
    response = client.post(url, data(text=TEXT + "Eva;;i maj\n"))
    [faulty] = [one for one in response.context["plan"].rows if one.row.errors]
    assert (response.status_code, faulty.row.number, len(faulty.row.errors)) == (422, 4, 2)
    assert counts(seeding) == (0, 0)


def test_a_file_that_is_no_table_is_refused(client, url):
    response = client.post(url, data(text="", file=SimpleUploadedFile("bild.xlsx", b"PK\x03\x04nonsense")))
    assert response.context["form"].errors["file"] == [
        "Filen går inte att öppna. Spara den på nytt som xlsx eller csv och försök igen."
    ]


def test_a_new_list_for_a_class_starts_from_its_details(client, url, school_class):
    form = client.get(url, {"klass": str(school_class.pk)}).context["form"]
    assert (form.initial["name"], form.initial["mentor_name"]) == ("8D", "Karin Åberg")


def test_an_authority_chooses_the_school(member_client, authority, school, stranger_school, seeding):
    with seeding():
        other = make_school(authority, "Viskaskolan")
    client = member_client(authority, Role.AUTHORITY_COORDINATOR)
    url = reverse("schools:class_import", kwargs={"org": authority.organisation.slug})
    assert client.post(url, data()).status_code == 422
    assert client.post(url, data(school_unit=str(stranger_school.pk))).status_code == 422
    client.post(url, preview(client, url, school_unit=str(other.pk)))
    with seeding():
        assert SchoolClass.objects.get().school_unit_id == other.pk


def test_the_template_can_be_read_in(client, url, school, seeding):
    found = client.get(reverse("schools:class_template", kwargs={"org": school.organisation.slug}))
    assert load_workbook(BytesIO(found.content)).worksheets[0]["A1"].value == "Förnamn"
    response = client.post(url, data(text="", file=SimpleUploadedFile("mall.xlsx", found.content)))
    assert (response.status_code, response.context["created"]) == (200, 2)
