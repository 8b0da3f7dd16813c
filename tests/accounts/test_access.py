"""What every page that asks who you are has in common."""

from django.urls import reverse

from accounts.enums import Role


def test_pages_about_people_are_kept_out_of_caches(client, school, learner, member_client, learner_client) -> None:
    org = {"org": school.organisation.slug}
    asked = [
        (member_client(school, Role.PRINCIPAL), reverse("accounts:person_list", kwargs=org)),
        (member_client(school, Role.PRINCIPAL), reverse("accounts:my_settings")),
        (learner_client(learner), reverse("placements:learner_weeks")),
        (client, reverse("accounts:invitation_accept", kwargs={"token": "fel"})),
    ]
    assert ["no-store" in browser.get(url).get("Cache-Control", "") for browser, url in asked] == [True] * len(asked)
