"""Who may run a round: the authority always; a school its own, while it shares the weeks with no other school."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.weeks import and_list, today
from placements.enums import RUN_ACTIVE, RunPurpose
from placements.models import AllocationRun, Placement, Round, RoundPeriod
from placements.selectors.rounds import learners_in_round, weeks_of_round
from schools.models import Learner, PeriodWeek, PlacementPeriod


def may_run(organisation: Organisation, round: Round) -> bool:
    """Tell whether the round is the organisation's own: an authority's, or the school's."""
    return organisation.kind == OrganisationKind.AUTHORITY or round.school_unit_id == organisation.pk


def refusal_to_run(
    round: Round, *, is_trial: bool, organisation_id: UUID | None, purpose: str = RunPurpose.FULL
) -> str:
    """Return why the organisation cannot start a run of the round now, as a sentence; empty when it can."""
    return (
        refused_by_right(round, organisation_id)
        or (_refused_full(round, is_trial=is_trial) if purpose == RunPurpose.FULL else _refused_again(round, purpose))
        or _refused_by_active(round)
    )


def refused_by_right(round: Round, organisation_id: UUID | None) -> str:
    """Return why a school may not run or review its round alone; empty for its authority."""
    if organisation_id is None or organisation_id != round.school_unit_id:
        return ""
    others = sharing_schools(round)
    if not others:
        return ""
    named = and_list(others[:3]) if len(others) <= 3 else _("%(count)d andra skolor") % {"count": len(others)}
    return _("Skolan delar veckor med %(schools)s: huvudmannens samordnare kör fördelningen.") % {"schools": named}


def sharing_schools(round: Round) -> list[str]:
    """Return the authority's other schools that have a period of the kind in the same weeks, not yet placed."""
    if round.school_unit_id is None:
        return []
    weeks = PeriodWeek.objects.filter(period__round_periods__round=round).values("week_on")
    placed = RoundPeriod.objects.filter(authority=round.authority_id, round__published_at__isnull=False)
    others = PlacementPeriod.objects.filter(
        authority=round.authority_id, kind=round.kind, weeks__week_on__in=weeks
    ).exclude(school_unit=round.school_unit_id)
    found = others.exclude(pk__in=placed.values("period")).order_by("school_unit__name")
    return list(found.values_list("school_unit__name", flat=True).distinct())


def has_begun(round: Round) -> bool:
    """Tell whether the round's first week has come."""
    weeks = weeks_of_round(round)
    return bool(weeks) and weeks[0] <= today()


def without_place(round: Round) -> QuerySet[Learner]:
    """Return the learners of a round who have no place in force in it."""
    held = Placement.objects.filter(round=round, ended_at=None).values("learner")
    return learners_in_round(round).exclude(pk__in=held)


def _refused_full(round: Round, *, is_trial: bool) -> str:
    now = timezone.now()
    if round.published_at:
        return _("Omgången är publicerad. Kör andra omgången för dem som saknar plats.")
    if has_begun(round):
        return _("Omgångens veckor har börjat. Placera dem som saknar plats för hand.")
    if now < round.choose_at:
        return _("Valet har inte öppnat än. Provkör när eleverna har börjat välja.")
    if not is_trial and now < round.close_at:
        return _("Valet är öppet till %(when)s. Provkör så länge, och kör fördelningen när det har stängt.") % {
            "when": clock(round.close_at)
        }
    return ""


def _refused_again(round: Round, purpose: str) -> str:
    """A second round or a repair: of a published round, before its weeks."""
    if round.published_at is None:
        return _("Omgången är inte publicerad än. Kör hela omgången först.")
    # A repair is for the classes that have not begun; whether there are any, its own service asks.
    if purpose == RunPurpose.REST and has_begun(round):
        return _("Omgångens veckor har börjat. Placera dem som saknar plats för hand.")
    if purpose == RunPurpose.REST and not without_place(round).exists():
        return _("Alla elever i omgången har en plats. Det finns inget att fördela.")
    return ""


def _refused_by_active(round: Round) -> str:
    active = AllocationRun.objects.filter(round=round, status__in=RUN_ACTIVE).select_related("requested_by").first()
    if active is None:
        return ""
    return _("%(who)s startade en körning %(when)s. Vänta tills den är klar.") % {
        "who": active.requested_by.name if active.requested_by else _("Någon"),
        "when": clock(active.requested_at),
    }


def clock(at: datetime) -> str:
    """Return "3 mars 16.00"."""
    return date_format(timezone.localtime(at), "j F H.i")
