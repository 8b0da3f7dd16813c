"""People with a sign-in: those of the guide, and staff at every school, with one well-known password."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.text import slugify

from accounts.enums import Role
from accounts.models import Invitation, Membership, Organisation, User
from core.permissions import Actor, ActorKind
from dashboards.demo.dice import Dice
from dashboards.demo.names import draw_adult
from schools.models import Learner, SchoolClass

PASSWORD: Final = "bryggan-demo-1"  # noqa: S105 -- printed for whoever tries the demo
LEARNER_SIGN_IN: Final = "/elev/logga-in/"


@dataclass(frozen=True, slots=True)
class SignIn:
    """One line of the list of sign-ins."""

    role: str
    name: str
    user: str
    password: str
    page: str
    shows: str


class PeopleMaker:
    """Makes users, memberships and invitations."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.hash = make_password(PASSWORD)
        self.users: list[User] = []
        self.memberships: list[Membership] = []
        self.invitations: list[Invitation] = []
        self.sign_ins: list[SignIn] = []
        self.staff: dict[tuple[object, str], User] = {}
        self._addresses: set[str] = set()

    def member(self, organisation: Organisation, role: str, name: str = "", shows: str = "", mail: str = "") -> User:
        """Make a person with a role; with `shows` they stand in the list of sign-ins."""
        name = name or draw_adult(self.dice)
        user = User(
            id=self.dice.uuid(), email=self._address(name, mail or organisation.slug), name=name, password=self.hash
        )
        self.users.append(user)
        self.memberships.append(
            Membership(
                id=self.dice.uuid(), region_id=organisation.region_id, organisation=organisation, user=user, role=role
            )
        )
        self.staff[organisation.pk, role] = user
        if shows:
            label = f"{Role(role).label}, {organisation.name}"
            self.sign_ins.append(SignIn(label, name, user.email, PASSWORD, f"/o/{organisation.slug}/", shows))
        return user

    def learner(self, learner: Learner, school_class: SchoolClass, shows: str) -> None:
        """Put a learner into the list of sign-ins: class code and personal code."""
        self.sign_ins.append(
            SignIn(
                f"Elev i {school_class.name}",
                str(learner),
                school_class.code,
                learner.personal_code,
                LEARNER_SIGN_IN,
                shows,
            )
        )

    def invite(self, organisation: Organisation, role: str, email: str, by: User, at: datetime) -> None:
        """Leave an invitation unanswered. No mail goes out: the demo starts quietly."""
        self.invitations.append(
            Invitation(
                id=self.dice.uuid(),
                region_id=organisation.region_id,
                organisation=organisation,
                email=email,
                role=role,
                invited_by=by,
                expires_at=at + timedelta(days=14),
            )
        )

    def write(self) -> None:
        """Insert everything, parents first. Addresses are verified, so that sign-in works at once."""
        User.objects.bulk_create(self.users, batch_size=1000)
        EmailAddress.objects.bulk_create(
            [EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in self.users]
        )
        Membership.objects.bulk_create(self.memberships, batch_size=1000)
        Invitation.objects.bulk_create(self.invitations, batch_size=1000)

    def _address(self, name: str, domain: str) -> str:
        base = slugify(name.translate(str.maketrans("åäöÅÄÖ", "aaoAAO"))).replace("-", ".")
        found, number = f"{base}@{domain[:50]}.example", 1
        while found in self._addresses:
            number += 1
            found = f"{base}{number}@{domain[:50]}.example"
        self._addresses.add(found)
        return found


def member_actor(user: User, organisation: Organisation, role: str) -> Actor:
    """Return the person as one who acts for the organisation."""
    found = organisation.scope()
    return Actor(
        kind=ActorKind.MEMBER,
        label=user.name,
        region_id=found.region,
        organisation_id=organisation.pk,
        authority_id=found.authority,
        employer_id=found.employer,
        user_id=user.pk,
        roles=frozenset({role}),
    )


def sign_in_text(sign_ins: list[SignIn]) -> str:
    """Return the list as aligned columns, learners' codes where others have address and password."""
    head = SignIn("Roll", "Namn", "E-post eller klasskod", "Lösenord eller kod", "Startsida", "Visar")
    rows = [head, *sign_ins]
    names = ("role", "name", "user", "password", "page")
    widths = [max(len(getattr(row, name)) for row in rows) for name in names]
    lines = [
        "  ".join([*(getattr(row, name).ljust(width) for name, width in zip(names, widths, strict=True)), row.shows])
        for row in rows
    ]
    line = "-" * max(map(len, lines))
    return "\n".join([f"Inloggningar till {settings.BRYGGAN_BASE_URL}/", "", lines[0], line, *lines[1:], ""])


def write_sign_ins(sign_ins: list[SignIn], folder: Path) -> Path:
    """Write the list to signins.txt. Returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "signins.txt"
    file.write_text(sign_in_text(sign_ins), encoding="utf-8")
    return file
