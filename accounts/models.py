"""Users, the organisation tree, memberships, invitations and the access log."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import ColorScheme, LoggedAccess, OrganisationKind, Role
from core.tenancy import Party, Scope
from core.tenancy.models import TenantModel
from core.tenancy.policies import RowPolicy


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user; without a password, sign-in is by a mailed code only."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person with a sign-in of their own. Learners have none: they come in by codes."""

    tenancy_exempt = "a person may belong to several regions; memberships carry the wall"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-post"), unique=True)
    name = models.CharField(_("namn"), max_length=150)
    language = models.CharField(_("språk"), max_length=5, choices=[("sv", "Svenska"), ("en", "English")], default="sv")
    color_scheme = models.CharField(_("utseende"), max_length=10, choices=ColorScheme, default=ColorScheme.DEVICE)
    digest_mail = models.BooleanField(_("samlat mejl om det som väntar"), default=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        """Return at most two capitals: "ME" for Malin Ekdahl."""
        words = self.name.split() or [self.email]
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()


class Organisation(models.Model):
    """A node of the tree region → authority → school unit, or region → employer. Its id is its members' scope."""

    tenancy_exempt = "names and addresses of organisations are public, and needed before any scope is known"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=OrganisationKind)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    region = models.ForeignKey("self", models.PROTECT, related_name="+", help_text="a region is its own region")
    name = models.CharField(_("namn"), max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    municipality_code = models.CharField(_("kommunkod"), max_length=4, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="region", parent=None)
                | (~models.Q(kind="region") & models.Q(parent__isnull=False)),
                name="accounts_organisation_only_regions_are_roots",
            )
        ]
        indexes = [models.Index(fields=["region", "kind", "name"], name="accounts_org_region_kind_name")]

    def __str__(self) -> str:
        return self.name

    def scope(self) -> Scope:
        """Return the scope in which this organisation's members act."""
        if self.kind == OrganisationKind.REGION:
            return Scope(Party.REGION, region=self.pk)
        if self.kind == OrganisationKind.EMPLOYER:
            return Scope(Party.EMPLOYER, region=self.region_id, employer=self.pk)
        authority = self.pk if self.kind == OrganisationKind.AUTHORITY else self.parent_id
        return Scope(Party.AUTHORITY, region=self.region_id, authority=authority)


class Membership(TenantModel):
    """A role of a person in an organisation. Read by accounts.selectors only."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=40, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["region", "organisation", "user", "role"], name="accounts_membership_once_per_role"
            ),
            RowPolicy.regional(
                "accounts_membership_rows",
                writers=("region", "authority", "employer"),
                owners={"organisation": "organisation_id"},
            ),
        ]
        indexes = [models.Index(fields=["user"], name="accounts_membership_user")]

    def __str__(self) -> str:
        return f"{self.role} {self.organisation_id}"


class Invitation(TenantModel):
    """An offer of a role, sent by mail. The link carries the signed id; it works once, until it expires."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-post"))
    role = models.CharField(_("roll"), max_length=40, choices=Role)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            RowPolicy.regional(
                "accounts_invitation_rows",
                writers=("region", "authority", "employer"),
                owners={"organisation": "organisation_id"},
            ),
        ]
        indexes = [models.Index(fields=["region", "organisation"], name="accounts_invitation_org")]

    def __str__(self) -> str:
        return f"{self.role} {self.organisation_id}"

    @property
    def is_expired(self) -> bool:
        """Tell whether the link has stopped working."""
        return self.expires_at <= timezone.now()


class AccessLog(TenantModel):
    """Who opened whose page, when. Holds ids only, and is never changed."""

    authority = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    user_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=200)
    action = models.CharField(max_length=80, choices=LoggedAccess)
    subject_id = models.UUIDField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [RowPolicy.authority("accounts_accesslog_rows", learner="subject_id")]
        indexes = [models.Index(fields=["region", "authority", "-at"], name="accounts_accesslog_time")]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d %H:%M}"
