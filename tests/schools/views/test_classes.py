"""Class pages show what a school may see, and no name that is protected."""

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.enums import Role
from schools.models import Learner
from tests.factories.schools import make_class, make_guardian, make_learner, make_period, make_school

HIDDEN = "Hemligalind"


def address(name, org, **kwargs):
    return reverse(f"schools:{name}", kwargs={"org": org.organisation.slug, **kwargs})


@pytest.fixture
def client(member_client, school):
    return member_client(school, Role.CAREER_COUNSELLOR)


@pytest.fixture
def with_protected(school_class, seeding):
    with seeding():
        make_learner(school_class, HIDDEN, protection_mode="outside_system")
        make_learner(school_class, HIDDEN, protection_mode="alias")
    return school_class


def test_the_list_shows_the_schools_classes_only(client, school, school_class, authority, seeding):
    with seeding():
        make_class(make_school(authority, "Viskaskolan"), "9X")
    response = client.get(address("class_list", school))
    assert [row.school_class.name for row in response.context["rows"]] == ["8D"]


def test_an_authority_sees_the_classes_of_all_its_schools(member_client, authority, school_class, seeding, school):
    with seeding():
        make_class(make_school(authority, "Viskaskolan"), "9X")
    client = member_client(authority, Role.AUTHORITY_COORDINATOR)
    response = client.get(address("class_list", authority))
    assert [row.school_class.name for row in response.context["rows"]] == ["8D", "9X"]


def test_search_and_export_give_the_same_rows(client, school, school_class, seeding):
    with seeding():
        make_class(school, "9A")
    response = client.get(address("class_list", school), {"q": "9a", "export": "xlsx"})
    page = load_workbook(BytesIO(response.content)).worksheets[0]
    assert [row[0].value for row in page.iter_rows()] == ["Klass", "9A"]


def test_a_long_list_is_paged_and_exported_whole(client, school, seeding, monkeypatch):
    monkeypatch.setattr("schools.views.classes.PER_PAGE", 2)
    with seeding():
        for name in ("8A", "8B", "8C"):
            make_class(school, name)
    page = client.get(address("class_list", school), {"page": 2})
    assert [row.school_class.name for row in page.context["rows"]] == ["8C"]
    assert "3 klasser" in page.content.decode()
    export = client.get(address("class_list", school), {"export": "csv", "page": 2})
    assert len(export.content.decode("utf-8-sig").splitlines()) == 4


def test_list_queries_do_not_grow(client, school, seeding, weeks, django_assert_num_queries):
    def queries():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as seen:
            client.get(address("class_list", school))
        return len(seen)

    with seeding():
        make_period(make_class(school, "8A", learners=2), weeks)
    queries()
    one = queries()
    with seeding():
        for name in ("8B", "8C"):
            make_period(make_class(school, name, learners=2), weeks)
    assert queries() == one


@pytest.mark.parametrize("export", ["", "csv", "xlsx"])
def test_a_class_page_never_names_the_protected(client, school, with_protected, export):
    response = client.get(address("class_detail", school, class_id=with_protected.pk), {"export": export})
    content = response.content
    if export == "xlsx":
        content = str(list(load_workbook(BytesIO(content)).worksheets[0].values)).encode()
    assert (response.status_code, HIDDEN.encode() in content, b"Warsame" in content) == (200, False, True)


def test_the_officer_sees_an_alias(member_client, authority, school, with_protected):
    client = member_client(authority, Role.PROTECTED_IDENTITY_OFFICER)
    response = client.get(address("class_detail", school, class_id=with_protected.pk))
    assert [one.first_name for one in response.context["roll"].learners].count(HIDDEN) == 1


def test_a_class_page_shows_guardians_and_no_codes(client, school, school_class, learner, seeding):
    with seeding():
        make_guardian(learner)
    page = client.get(address("class_detail", school, class_id=school_class.pk)).content.decode()
    assert ("Hodan Warsame" in page, learner.personal_code in page, school_class.code in page) == (True, False, False)


def test_another_schools_class_does_not_exist(client, school, stranger_school, authority, seeding):
    with seeding():
        others = [make_class(stranger_school), make_class(make_school(authority, "Viskaskolan"))]
    found = [client.get(address(name, school, class_id=one.pk)).status_code
             for one in others for name in ("class_detail", "class_codes", "class_codes_renew")]  # fmt: skip
    assert found == [404] * 6


def test_cards_hold_both_codes_and_no_protected_name(client, school, with_protected, learner):
    page = client.get(address("class_codes", school, class_id=with_protected.pk)).content.decode()
    assert (with_protected.code in page, learner.personal_code in page, HIDDEN in page) == (True, True, False)


def test_renewing_asks_first_and_then_changes_every_code(client, school, school_class, learner, seeding):
    url = address("class_codes_renew", school, class_id=school_class.pk)
    client.get(url)
    with seeding():
        assert Learner.objects.get(pk=learner.pk).personal_code == learner.personal_code
    response = client.post(url)
    assert response.url == address("class_codes", school, class_id=school_class.pk)
    with seeding():
        assert Learner.objects.get(pk=learner.pk).personal_code != learner.personal_code


def test_a_mentor_may_not_renew_codes_or_import(member_client, school, school_class):
    client = member_client(school, Role.MENTOR)
    urls = [address("class_codes_renew", school, class_id=school_class.pk), address("class_import", school)]
    assert [client.get(url).status_code for url in urls] == [404, 404]
