"""Invitations: once, in time, to the right role."""

from datetime import timedelta

import pytest
from django.core import signing
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Invitation, Membership, User
from accounts.selectors import seat_of, seats_of
from accounts.services import (
    InvitationRefused,
    accept_invitation,
    end_membership,
    invitation_token,
    invite,
    open_invitation,
    withdraw_invitation,
)
from core.outbox.models import OutboxMessage
from tests.factories.accounts import make_member


@pytest.fixture
def invitation(school, as_org, actor_of) -> Invitation:
    with as_org(school):
        return invite(
            organisation=school.organisation,
            email="Karin@Skola.se ",
            role=Role.CAREER_COUNSELLOR,
            actor=actor_of(school, Role.PRINCIPAL),
        )


def test_invite_writes_the_invitation_and_one_message(invitation, school, as_org) -> None:
    with as_org(school):
        message = OutboxMessage.objects.get()
        assert (invitation.email, message.key, message.context) == (
            "karin@skola.se",
            f"invitation:{invitation.pk}",
            {"invitation": str(invitation.pk)},
        )


def test_invite_refuses_a_role_of_another_kind_of_organisation(school, as_org, actor_of) -> None:
    with as_org(school), pytest.raises(InvitationRefused) as refused:
        invite(
            organisation=school.organisation,
            email="karin@skola.se",
            role=Role.REGIONAL_COORDINATOR,
            actor=actor_of(school),
        )
    assert refused.value.field == "role"


def test_invite_refuses_a_role_the_person_has(school, as_org, seeding, actor_of) -> None:
    with seeding():
        user = make_member(school.organisation, Role.MENTOR)
    with as_org(school), pytest.raises(InvitationRefused, match="redan den rollen"):
        invite(organisation=school.organisation, email=user.email, role=Role.MENTOR, actor=actor_of(school))


def test_accept_makes_the_account_and_the_membership(invitation, school) -> None:
    user = accept_invitation(token=invitation_token(invitation.pk), name="Karin Åberg", password="ett-langt-ord-26")

    seat = seat_of(user=user, slug=school.organisation.slug)
    assert (user.email, user.check_password("ett-langt-ord-26"), seat.roles) == (
        "karin@skola.se",
        True,
        {Role.CAREER_COUNSELLOR},
    )


def test_accept_without_a_password_leaves_sign_in_by_code(invitation) -> None:
    user = accept_invitation(token=invitation_token(invitation.pk), name="Karin Åberg", password="")
    assert not user.has_usable_password()


def test_accept_keeps_an_existing_account(invitation, db) -> None:
    User.objects.create_user("karin@skola.se", "det-gamla-ordet", name="Karin")

    user = accept_invitation(token=invitation_token(invitation.pk), name="Någon Annan", password="ett-nytt-ord-26")

    assert (user.name, user.check_password("det-gamla-ordet")) == ("Karin", True)


def test_accept_twice_is_refused(invitation) -> None:
    token = invitation_token(invitation.pk)
    accept_invitation(token=token, name="Karin", password="")
    with pytest.raises(InvitationRefused, match="redan använd"):
        accept_invitation(token=token, name="Karin", password="")


def test_open_refuses_an_expired_invitation(invitation, seeding) -> None:
    with seeding():
        Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(InvitationRefused, match="gått ut"):
        open_invitation(invitation_token(invitation.pk))


@pytest.mark.parametrize("token", ["", "x", signing.dumps("x", salt="another")])
def test_open_refuses_a_link_that_is_not_ours(db, token) -> None:
    with pytest.raises(InvitationRefused, match="inte hel"):
        open_invitation(token)


def test_withdraw_ends_the_link(invitation, school, as_org) -> None:
    with as_org(school):
        withdraw_invitation(invitation=invitation)
    with pytest.raises(InvitationRefused, match="finns inte längre"):
        open_invitation(invitation_token(invitation.pk))


def test_end_membership_refuses_ones_own(school, as_org, seeding, actor_of) -> None:
    with seeding():
        own = make_member(school.organisation, Role.PRINCIPAL).memberships.get()
    actor = actor_of(school)
    object.__setattr__(actor, "user_id", own.user_id)
    with as_org(school), pytest.raises(InvitationRefused, match="din egen roll"):
        end_membership(membership=own, actor=actor)


def test_end_membership_takes_the_role(school, as_org, seeding, actor_of) -> None:
    with seeding():
        theirs = make_member(school.organisation, Role.MENTOR).memberships.get()
    with as_org(school):
        end_membership(membership=theirs, actor=actor_of(school))
        assert Membership.objects.count() == 0


def test_an_authoritys_member_may_act_for_its_schools(authority, school, stranger_school, seeding) -> None:
    with seeding():
        user = make_member(authority.organisation, Role.AUTHORITY_COORDINATOR)

    assert seat_of(user=user, slug=school.organisation.slug).roles == {Role.AUTHORITY_COORDINATOR}
    assert seat_of(user=user, slug=stranger_school.organisation.slug) is None
    assert [seat.organisation for seat in seats_of(user)] == [authority.organisation]
