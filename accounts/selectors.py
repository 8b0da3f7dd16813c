"""Who somebody is: the only reader of memberships."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.enums import OrganisationKind, Role
from accounts.models import AccessLog, Invitation, Membership, Organisation, User
from core.tenancy import SystemReason, system_scope


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's place in an organisation."""

    organisation: Organisation
    roles: frozenset[str]

    @property
    def role(self) -> str:
        """The label of the role shown in the frame: the first in the order of the roles."""
        return next(str(role.label) for role in Role if role in self.roles)


def seat_of(*, user: User, slug: str) -> Seat | None:
    """Return the person's seat in the organisation, or None. An authority's members may act for its school units."""
    with system_scope(SystemReason.RESOLVE_ACTOR):
        organisation = Organisation.objects.select_related("parent").filter(slug=slug).first()
        if organisation is None:
            return None
        where = Q(organisation=organisation)
        if organisation.kind == OrganisationKind.SCHOOL_UNIT:
            where |= Q(organisation_id=organisation.parent_id)
        roles = frozenset(Membership.objects.filter(where, user=user).values_list("role", flat=True))
    return Seat(organisation, roles) if roles else None


def seats_of(user: User) -> list[Seat]:
    """Return every organisation the person belongs to, by name."""
    with system_scope(SystemReason.RESOLVE_ACTOR):
        held = list(
            Membership.objects.filter(user=user)
            .select_related("organisation__parent")
            .order_by("organisation__name", "organisation_id")
        )
    roles: dict[Organisation, set[str]] = {}
    for membership in held:
        roles.setdefault(membership.organisation, set()).add(membership.role)
    return [Seat(organisation, frozenset(found)) for organisation, found in roles.items()]


def has_second_step(user: User) -> bool:
    """Tell whether the person has an authenticator app or a passkey."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return Authenticator.objects.filter(user=user, type__in=kinds).exists()


def has_account(email: str) -> bool:
    """Tell whether somebody already signs in with this address."""
    return User.objects.filter(email=email).exists()


def members_of(organisation: Organisation) -> QuerySet[Membership]:
    """Return the roles given in the organisation, by name of the person."""
    return (
        Membership.objects.filter(organisation=organisation)
        .select_related("user")
        .order_by("user__name", "user__email", "role")
    )


def open_invitations_of(organisation: Organisation) -> QuerySet[Invitation]:
    """Return invitations that nobody has accepted, newest first."""
    return Invitation.objects.filter(organisation=organisation, accepted_at=None).order_by("-created_at")


def access_log_of(organisation: Organisation) -> QuerySet[AccessLog]:
    """Return the authority's access log, newest first."""
    return AccessLog.objects.filter(authority_id=organisation.scope().authority).order_by("-at")


def emails_with_roles(organisation_ids: Iterable[UUID], roles: Iterable[str]) -> dict[UUID, list[User]]:
    """Return the people to write to in each organisation, by id. For outbox readers and digests."""
    found: dict[UUID, list[User]] = {}
    held = Membership.objects.filter(organisation_id__in=list(organisation_ids), role__in=list(roles))
    for membership in held.select_related("user").order_by("user__email"):
        found.setdefault(membership.organisation_id, []).append(membership.user)
    return found


def open_invitations_to_employers(region: Organisation) -> QuerySet[Invitation]:
    """Return invitations to the region's employers that nobody has accepted."""
    return Invitation.objects.filter(
        region=region, organisation__kind=OrganisationKind.EMPLOYER, accepted_at=None, expires_at__gt=timezone.now()
    )
