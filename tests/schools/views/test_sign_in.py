"""Learners come in by two codes; nobody learns which of them was wrong."""

import pytest
from django.urls import reverse

from accounts.access import LEARNER_SESSION_KEY
from accounts.enums import Role
from schools.views.sign_in import TRIES_PER_ADDRESS

WRONG = "Koderna stämmer inte. Kontrollera båda på ditt kort, eller be din mentor om ett nytt."


@pytest.fixture
def url(db):
    return reverse("learner_sign_in")


def test_the_right_codes_let_the_learner_in(client, url, learner, school_class):
    response = client.post(
        url, {"class_code": school_class.code.lower(), "personal_code": f" {learner.personal_code} "}
    )
    assert (response.status_code, response.url) == (302, "/elev/")
    assert client.session[LEARNER_SESSION_KEY] == {
        "id": str(learner.pk),
        "region": str(learner.region_id),
        "authority": str(learner.authority_id),
        "school": str(learner.school_unit_id),
    }


@pytest.mark.parametrize("wrong", ["class_code", "personal_code"])
def test_a_wrong_code_does_not_tell_which(client, url, learner, school_class, wrong):
    codes = {"class_code": school_class.code, "personal_code": learner.personal_code, wrong: "XXXXXX"}
    response = client.post(url, codes)
    assert (response.status_code, response.context["form"].non_field_errors()) == (422, [WRONG])
    assert LEARNER_SESSION_KEY not in client.session


def test_nothing_is_left_of_who_sat_here_before(member_client, url, school, learner, school_class):
    client = member_client(school, Role.CAREER_COUNSELLOR)
    before = client.session.session_key
    client.post(url, {"class_code": school_class.code, "personal_code": learner.personal_code})
    assert client.session.session_key != before
    assert list(client.session.keys()) == [LEARNER_SESSION_KEY]


def test_too_many_tries_are_stopped_even_with_the_right_codes(client, url, learner, school_class):
    for _try in range(TRIES_PER_ADDRESS):
        client.post(url, {})
    response = client.post(url, {"class_code": school_class.code, "personal_code": learner.personal_code})
    assert response.status_code == 429
    assert response.context["form"].non_field_errors() == [
        "Du har försökt många gånger. Vänta 5 minuter och försök igen."
    ]


def test_signing_out_ends_the_session(learner_client, learner, url):
    client = learner_client(learner)
    assert client.get(url).url == "/elev/"
    assert client.post(reverse("learner_sign_out")).url == url
    assert LEARNER_SESSION_KEY not in client.session
