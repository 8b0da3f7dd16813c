"""The employer's answer link: its token, what it opens, and until when."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _

from core.permissions import Actor, ActorKind
from core.tenancy import Party, Scope, SystemReason, system_scope
from core.weeks import today
from placements.models import AnswerLink

_SALT = "placements.answer_link"
LEAST_DAYS = 7


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A link that was found, and whether it still opens. A renewed link has a new token; the old one is `replaced`."""

    link: AnswerLink
    expired: bool
    replaced: bool

    @property
    def works(self) -> bool:
        """Tell whether answers may be given through it."""
        return not (self.expired or self.replaced)

    @property
    def scope(self) -> Scope:
        """Return the employer's scope: copied names, never the school's own rows."""
        return Scope(Party.EMPLOYER, region=self.link.region_id, employer=self.link.employer_id)

    @property
    def actor(self) -> Actor:
        """Return the one who holds the link."""
        return Actor(
            kind=ActorKind.LINK,
            label=_("%(employer)s, genom länk") % {"employer": self.link.employer.name},
            region_id=self.link.region_id,
            organisation_id=self.link.employer_id,
            employer_id=self.link.employer_id,
        )


def answer_token(link: AnswerLink) -> str:
    """Return the token that stands in the link: the signed id and the time of its last renewal."""
    return signing.dumps([link.pk.hex, _version(link)], salt=_SALT)


def open_link(token: str) -> OpenedLink | None:
    """Return the link behind a token, or None when the token is not one of ours."""
    try:
        pk, version = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    with system_scope(SystemReason.OPEN_ANSWER_LINK):
        link = AnswerLink.objects.select_related("employer").filter(pk=UUID(pk)).first()
    if link is None:
        return None
    return OpenedLink(link, expired=link.expires_at <= timezone.now(), replaced=version != _version(link))


def answer_deadline(confirm_on: date) -> datetime:
    """Return when a link sent today closes: at the end of the round's confirm day, never less than a week away."""
    last = max(confirm_on, today() + timedelta(days=LEAST_DAYS))
    return timezone.make_aware(datetime.combine(last, time(23, 59, 59)))


def _version(link: AnswerLink) -> int:
    return int(link.renewed_at.timestamp() * 1000) if link.renewed_at else 0
