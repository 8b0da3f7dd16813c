"""How the messages of this app are read when they are delivered: names and addresses are looked up only then."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.models import User
from core.outbox.models import OutboxMessage
from core.outbox.services import Mail, register_reader
from core.weeks import NBSP, range_label
from employers.models import ContactPerson
from placements.enums import PlacementStatus
from placements.explaining import ordinal
from placements.models import AllocationRun, AnswerLink, Choice, ChoiceList, Placement, Round, RoundPeriod
from placements.selectors.hosting import by_weeks, guests, replaced_guests
from placements.selectors.links import answer_token
from placements.selectors.placements import weeks_of
from schools.enums import ProtectionMode
from schools.models import Guardian, Learner

LANGUAGES = ("sv", "en")


def read_employer_digest(message: OutboxMessage) -> Mail | None:
    """All learners of one round who are to come to one employer, and the link to answer by."""
    link = (
        AnswerLink.objects.select_related("employer", "round")
        .filter(round=message.context["round"], employer=message.context["employer"])
        .first()
    )
    contact = _contact(message)
    if link is None or contact is None:
        return None
    coming = [guest for guest in guests(employer_id=link.employer_id, round_id=link.round_id) if guest.answer != "no"]
    if not coming:
        return None
    return Mail(
        to=contact.email,
        context={
            "employer": link.employer,
            "contact": contact,
            "groups": by_weeks(coming),
            "count": len(coming),
            "kind": link.round.get_kind_display(),
            "answer_by": link.expires_at,
            "action_url": _address("placements:answer_link", answer_token(link)),
            "action_text": _("Svara ja eller nej"),
            "language": "sv",
        },
    )


def read_employer_released(message: OutboxMessage) -> Mail | None:
    """The learners of one employer to whom a published repair has given other places."""
    contact = _contact(message)
    run = AllocationRun.objects.select_related("round").filter(pk=message.context["run"]).first()
    if contact is None or run is None or run.published_at is None:
        return None
    gone = replaced_guests(employer_id=contact.employer_id, round_id=run.round_id, at=run.published_at)
    if not gone:
        return None
    return Mail(
        to=contact.email,
        context={
            "employer": contact.employer,
            "contact": contact,
            "groups": by_weeks(gone),
            "count": len(gone),
            "kind": run.round.get_kind_display(),
            "language": "sv",
        },
    )


def read_learner_result(message: OutboxMessage) -> Mail | None:
    """What a learner got."""
    learner = Learner.objects.filter(pk=message.context["learner"]).exclude(email="").first()
    if learner is None:
        return None
    return Mail(to=learner.email, context={**_result(learner, message.context["period"]), "language": "sv"})


def read_guardian_result(message: OutboxMessage) -> Mail | None:
    """The letter to a guardian, in their language where we have it, otherwise in Swedish with a line in English."""
    guardian = (
        Guardian.objects.select_related("learner").filter(pk=message.context["guardian"]).exclude(email="").first()
    )
    if guardian is None:
        return None
    language = guardian.language if guardian.language in LANGUAGES else "sv"
    with override(language):
        context = _result(guardian.learner, message.context["period"])
    return Mail(
        to=guardian.email,
        context={
            **context,
            "guardian": guardian,
            "english_line": guardian.language not in LANGUAGES,
            "week_numbers": context["weeks"].partition(NBSP)[2],
            "language": language,
        },
        language=language,
    )


def read_school_declined(message: OutboxMessage) -> Mail | None:
    """Learners whose workplace has said no and who need another place."""
    user = User.objects.filter(pk=message.context["user"], is_active=True).first()
    rows = list(
        Placement.objects.filter(pk__in=message.context["placements"])
        .select_related("employer", "school_unit__organisation")
        .exclude(status=PlacementStatus.EMPLOYER_CONFIRMED)
        .order_by("class_name", "learner_name")
    )
    if user is None or not rows:
        return None
    with override(user.language):
        context = _declined(rows)
    return Mail(
        to=user.email,
        context={
            **context,
            "user": user,
            "action_url": _address("placements:result_class", rows[0].school_unit.organisation.slug, rows[0].period_id),
            "action_text": _("Välj nya platser"),
            "language": user.language,
        },
        language=user.language,
    )


def read_choice_reminder(message: OutboxMessage) -> Mail | None:
    """A learner who has not sent in the wishes while the round is still open."""
    round_id, learner_id = message.context["round"], message.context["learner"]
    round = Round.objects.filter(pk=round_id, choose_at__lte=timezone.now(), close_at__gt=timezone.now()).first()
    learner = Learner.objects.filter(pk=learner_id, protection_mode=ProtectionMode.NONE).exclude(email="").first()
    sent_in = ChoiceList.objects.filter(round=round_id, learner=learner_id, submitted_at__isnull=False)
    if round is None or learner is None or sent_in.exists():
        return None
    saved = Choice.objects.filter(choice_list__round=round, learner=learner).count()
    return Mail(to=learner.email, context={"learner": learner, "round": round, "saved": saved})


def _contact(message: OutboxMessage) -> ContactPerson | None:
    found = ContactPerson.objects.select_related("employer").filter(employer=message.context["employer"])
    return found.order_by("-is_primary", "name").first()


def _declined(rows: Sequence[Placement]) -> dict[str, Any]:
    weeks = weeks_of({row.period_id for row in rows})
    return {
        "placements": [(row, range_label(weeks[row.period_id])) for row in rows],
        "count": len(rows),
        "employer": rows[0].employer,
    }


def _result(learner: Learner, period_id: str) -> dict[str, Any]:
    found = RoundPeriod.objects.select_related("round", "period__school_unit").get(period=UUID(period_id))
    placement = (
        Placement.objects.select_related("slot__workplace", "employer")
        .filter(learner=learner, period=found.period, ended_at=None)
        .first()
    )
    return {
        "learner": learner,
        "kind": found.round.get_kind_display(),
        "school": found.period.school_unit,
        "weeks": range_label(weeks_of([found.period_id])[found.period_id]),
        "answer_by": found.round.confirm_on,
        "placement": placement,
        "ordinal": ordinal(placement.rank) if placement and placement.rank else "",
    }


def _address(name: str, *args: object) -> str:
    return f"{settings.BRYGGAN_BASE_URL}{reverse(name, args=args)}"


register_reader("placements/employer_digest", read_employer_digest)
register_reader("placements/employer_released", read_employer_released)
register_reader("placements/learner_result", read_learner_result)
register_reader("placements/guardian_result", read_guardian_result)
register_reader("placements/school_declined", read_school_declined)
register_reader("placements/choice_reminder", read_choice_reminder)
