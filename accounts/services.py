"""Invite people, let them in, and keep their settings."""

from datetime import timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import ROLES_BY_KIND
from accounts.models import AccessLog, Invitation, Membership, Organisation, User
from core.errors import DomainError
from core.outbox.services import enqueue
from core.permissions import Actor
from core.tenancy import SystemReason, system_scope

INVITATION_DAYS = 14
_SALT = "accounts.invitation"


class InvitationRefused(DomainError):
    """The invitation cannot be made, or its link no longer works."""

    code = "invitation_refused"


@transaction.atomic
def invite(*, organisation: Organisation, email: str, role: str, actor: Actor) -> Invitation:
    """Invite somebody to a role in an organisation, and mail them the link.

    Raises:
        InvitationRefused: the organisation cannot give this role, or the person already has it.
    """
    if role not in ROLES_BY_KIND[organisation.kind]:
        raise InvitationRefused(_("Den rollen finns inte i %(name)s.") % {"name": organisation.name}, field="role")
    email = email.strip().lower()
    if Membership.objects.filter(organisation=organisation, user__email=email, role=role).exists():
        raise InvitationRefused(_("Personen har redan den rollen här."), field="email")
    invitation = Invitation.objects.create(
        region_id=organisation.region_id,
        organisation=organisation,
        email=email,
        role=role,
        invited_by_id=actor.user_id,
        expires_at=timezone.now() + timedelta(days=INVITATION_DAYS),
    )
    scope = organisation.scope()
    enqueue(
        key=f"invitation:{invitation.pk}",
        event="accounts/invitation",
        region_id=organisation.region_id,
        authority_id=scope.authority if actor.authority_id == scope.authority else None,
        employer_id=scope.employer,
        context={"invitation": str(invitation.pk)},
    )
    return invitation


def invitation_token(invitation_id: UUID) -> str:
    """Return the token that stands in the invitation's link."""
    return signing.dumps(str(invitation_id), salt=_SALT)


def open_invitation(token: str) -> Invitation:
    """Return the invitation behind a link, with its organisation and the one who invited.

    Raises:
        InvitationRefused: the link is wrong, used or too old.
    """
    try:
        pk = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise InvitationRefused(_("Länken är inte hel. Öppna den direkt från mejlet.")) from error
    with system_scope(SystemReason.ANSWER_INVITATION):
        found = Invitation.objects.select_related("organisation__parent", "invited_by").filter(pk=pk).first()
    if found is None:
        raise InvitationRefused(_("Inbjudan finns inte längre. Be den som bjöd in dig om en ny."))
    if found.accepted_at:
        raise InvitationRefused(_("Inbjudan är redan använd. Logga in med din e-postadress."), code="used")
    if found.expires_at < timezone.now():
        raise InvitationRefused(_("Inbjudan har gått ut. Be den som bjöd in dig om en ny."), code="expired")
    return found


@transaction.atomic
def accept_invitation(*, token: str, name: str, password: str) -> User:
    """Make the invited person a member; makes the account too, if there is none for the address.

    An existing account keeps its name and password: whoever holds the mailed link owns the address.

    Raises:
        InvitationRefused: the link is wrong, used or too old.
    """
    invitation = open_invitation(token)
    with system_scope(SystemReason.ANSWER_INVITATION, region=invitation.region_id):
        claimed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(accepted_at=timezone.now())
        if claimed != 1:
            raise InvitationRefused(_("Inbjudan är redan använd. Logga in med din e-postadress."), code="used")
        user = User.objects.filter(email=invitation.email).first()
        if user is None:
            user = User.objects.create_user(invitation.email, password or None, name=name)
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        Membership.objects.get_or_create(
            region_id=invitation.region_id, organisation=invitation.organisation, user=user, role=invitation.role
        )
    return user


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation) -> None:
    """Take back an invitation that nobody has accepted.

    Raises:
        InvitationRefused: it was accepted meanwhile.
    """
    deleted, _each = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).delete()
    if not deleted:
        raise InvitationRefused(_("Inbjudan är redan använd. Ta bort rollen i listan i stället."))


@transaction.atomic
def end_membership(*, membership: Membership, actor: Actor) -> None:
    """Take a role from a person.

    Raises:
        InvitationRefused: it is the actor's own: somebody else has to take it, so that nobody locks themselves out.
    """
    if membership.user_id == actor.user_id:
        raise InvitationRefused(_("Du kan inte ta bort din egen roll. Be en kollega."))
    membership.delete()


@transaction.atomic
def save_settings(*, user: User, name: str, language: str, color_scheme: str, digest_mail: bool) -> None:
    """Save a person's own settings."""
    user.name, user.language, user.color_scheme, user.digest_mail = name, language, color_scheme, digest_mail
    user.save(update_fields=["name", "language", "color_scheme", "digest_mail"])


def log_access(*, actor: Actor, action: str, subject_id: UUID | None = None) -> None:
    """Note that somebody opened a page about a learner. Only for actors of an authority."""
    if actor.authority_id is None or actor.region_id is None:
        return
    AccessLog.objects.create(
        region_id=actor.region_id,
        authority_id=actor.authority_id,
        user_id=actor.user_id,
        actor_label=actor.label,
        action=action,
        subject_id=subject_id,
    )
