"""Requests that no person makes."""

from accounts.enums import Role


def test_a_nul_in_the_query_is_a_bad_request(region, member_client) -> None:
    client = member_client(region, Role.REGIONAL_COORDINATOR)
    assert client.get(f"/o/{region.slug}/arbetsgivare/?q=%00").status_code == 400


def test_a_figure_that_is_no_number_is_passed_over(school, member_client) -> None:
    client = member_client(school, Role.CAREER_COUNSELLOR)
    assert client.get(f"/o/{school.organisation.slug}/klasser/?lasar=²").status_code == 200


def test_a_learner_taken_out_while_signed_in_meets_404(learner, learner_client, seeding) -> None:
    client = learner_client(learner)
    with seeding():
        learner.delete()
    assert client.get("/elev/").status_code == 404
