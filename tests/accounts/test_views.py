"""Pages about people."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role
from accounts.models import AccessLog, Membership, User
from accounts.services import invitation_token, invite, log_access
from tests.factories.accounts import make_member, make_user


def test_home_leads_straight_to_the_only_organisation(school, member_client) -> None:
    response = member_client(school, Role.MENTOR).get(reverse("accounts:home"))
    assert (response.status_code, response["Location"]) == (302, f"/o/{school.organisation.slug}/")


def test_home_without_a_role_says_what_to_do(client, db) -> None:
    client.force_login(make_user())
    assert "Be din samordnare eller chef bjuda in dig" in client.get(reverse("accounts:home")).content.decode()


def test_person_list_invites_and_says_so(school, member_client) -> None:
    client = member_client(school, Role.PRINCIPAL)
    url = reverse("accounts:person_list", kwargs={"org": school.organisation.slug})

    page = client.post(url, {"email": "ny@skola.se", "role": Role.MENTOR}, follow=True).content.decode()

    assert ("Inbjudan är på väg till ny@skola.se" in page, "Inbjudna som inte har svarat" in page) == (True, True)


def test_person_list_keeps_what_was_typed(school, member_client) -> None:
    url = reverse("accounts:person_list", kwargs={"org": school.organisation.slug})
    response = member_client(school, Role.PRINCIPAL).post(url, {"email": "inte en adress", "role": Role.MENTOR})
    assert (response.status_code, "inte en adress" in response.content.decode()) == (422, True)


def test_person_list_takes_the_same_queries_for_one_and_three(school, member_client, seeding) -> None:
    client = member_client(school, Role.PRINCIPAL)
    url = reverse("accounts:person_list", kwargs={"org": school.organisation.slug})
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as counted:
            client.get(url)
        counts.append(len(counted))
        with seeding():
            make_member(school.organisation, Role.MENTOR)
            make_member(school.organisation, Role.MENTOR)
    assert counts[0] == counts[1]


def test_invitation_lets_a_new_person_in(client, school, as_org, actor_of) -> None:
    with as_org(school):
        made = invite(organisation=school.organisation, email="a@b.se", role=Role.MENTOR, actor=actor_of(school))
    url = reverse("accounts:invitation_accept", kwargs={"token": invitation_token(made.pk)})
    assert "Du är inbjuden som Mentor" in client.get(url).content.decode()

    response = client.post(url, {"name": "Karin Åberg", "password": ""})

    assert response["Location"] == f"/o/{school.organisation.slug}/"
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)


def test_invitation_with_a_weak_password_keeps_the_name(client, school, as_org, actor_of) -> None:
    with as_org(school):
        made = invite(organisation=school.organisation, email="a@b.se", role=Role.MENTOR, actor=actor_of(school))
    url = reverse("accounts:invitation_accept", kwargs={"token": invitation_token(made.pk)})

    response = client.post(url, {"name": "Karin Åberg", "password": "kort"})

    assert (response.status_code, "Karin Åberg" in response.content.decode()) == (422, True)


def test_a_wrong_invitation_link_says_what_to_do(client, db) -> None:
    response = client.get(reverse("accounts:invitation_accept", kwargs={"token": "fel"}))
    assert (response.status_code, "Öppna den direkt från mejlet" in response.content.decode()) == (410, True)


def test_a_member_of_another_organisation_cannot_end_a_membership(
    school, stranger_school, member_client, seeding
) -> None:
    with seeding():
        theirs = make_member(school.organisation, Role.MENTOR).memberships.get()
    client = member_client(stranger_school, Role.PRINCIPAL)
    url = reverse(
        "accounts:membership_end", kwargs={"org": stranger_school.organisation.slug, "membership_id": theirs.pk}
    )

    assert client.post(url).status_code == 404
    with seeding():
        assert Membership.objects.filter(pk=theirs.pk).exists()


def test_settings_are_saved_and_remembered(client, db) -> None:
    user = make_user()
    client.force_login(user)
    fields = {"name": "Malin E", "language": "en", "color_scheme": "dark", "digest_mail": "on"}

    response = client.post(reverse("accounts:my_settings"), fields)

    user.refresh_from_db()
    assert (user.language, user.color_scheme) == ("en", "dark")
    assert (response.cookies["django_language"].value, response.cookies["scheme"].value) == ("en", "dark")


def test_roles_that_need_a_second_step_are_sent_to_set_it_up(region, member_client, settings) -> None:
    settings.BRYGGAN_REQUIRE_MFA_ROLES = [Role.REGIONAL_COORDINATOR]
    response = member_client(region, Role.REGIONAL_COORDINATOR).get(f"/o/{region.slug}/")
    assert (response.status_code, response["Location"]) == (302, reverse("mfa_index"))


def test_access_log_shows_the_authority_its_own_entries(authority, stranger_authority, member_client, as_org, actor_of):
    for owner, action in ((authority, "schools:class_detail"), (stranger_authority, "schools:leak")):
        with as_org(owner):
            log_access(actor=actor_of(owner), action=action)

    url = reverse("accounts:access_log", kwargs={"org": authority.organisation.slug})
    page = member_client(authority, Role.AUTHORITY_COORDINATOR).get(url).content.decode()

    assert ("Klassens elever" in page, "schools:leak" in page) == (True, False)


def test_log_access_outside_an_authority_writes_nothing(region, as_org, actor_of) -> None:
    with as_org(region):
        log_access(actor=actor_of(region), action="x")
        assert AccessLog.objects.count() == 0
