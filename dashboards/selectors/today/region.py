"""What needs the region: slots to assure, weeks that fall short, and invitations nobody answered."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import PlacementKind
from accounts.models import Organisation
from accounts.selectors import open_invitations_to_employers
from core.permissions import Actor
from core.ui import tag_for
from core.weeks import WEEK, monday, range_label, today
from dashboards.selectors.today.tasks import Due
from employers.selectors.slots import waiting_slots
from employers.selectors.supply import supply_by_week
from schools.selectors.periods import demand_by_week

PATIENCE = timedelta(days=3)  # how long an employer should wait for quality assurance
AHEAD = 26  # weeks
COUNTED = (PlacementKind.PRAO, PlacementKind.APL)  # the kinds whose weeks are booked on the matrix


def region_tasks(actor: Actor, organisation: Organisation) -> Iterator[Due]:
    """Yield what needs the region's coordinators."""
    if actor.can("employers.assure_slots"):
        yield from _waiting(organisation)
        yield from _unanswered(organisation)
    yield from short_weeks(organisation)


def _waiting(organisation: Organisation) -> Iterator[Due]:
    rows = waiting_slots(organisation.pk)
    if not rows:
        return
    oldest = rows[0].slot
    since = timezone.localdate(oldest.submitted_at) if oldest.submitted_at else today()
    title = ngettext("En plats väntar på kvalitetssäkring", "%(n)d platser väntar på kvalitetssäkring", len(rows)) % {
        "n": len(rows)
    }
    why = _("Den äldsta är %(title)s, %(employer)s. Skolorna ser platserna först när du har godkänt dem.") % {
        "title": oldest.title,
        "employer": oldest.employer.name,
    }
    url = reverse("employers:assurance_list", kwargs={"org": organisation.slug})
    yield Due(max(today(), since + PATIENCE), title, _("Granska platser"), url, why, tag_for("awaiting_assurance"))


def _unanswered(organisation: Organisation) -> Iterator[Due]:
    number = (
        open_invitations_to_employers(organisation).filter(created_at__lt=timezone.now() - timedelta(days=7)).count()
    )
    if not number:
        return
    title = ngettext(
        "En arbetsgivare har inte öppnat sin inbjudan", "%(n)d arbetsgivare har inte öppnat sin inbjudan", number
    ) % {"n": number}
    why = _("De bjöds in för mer än en vecka sedan. Ett samtal brukar räcka.")
    url = reverse("employers:employer_list", kwargs={"org": organisation.slug})
    yield Due(today() + WEEK * 2, title, _("Se vilka"), url, why, tag_for("awaiting_reply"))


def short_weeks(organisation: Organisation) -> Iterator[Due]:
    """Yield one task for each kind with coming weeks that have more learners than seats."""
    first = monday(today()) + WEEK
    weeks = [first + WEEK * step for step in range(AHEAD)]
    for kind in COUNTED:
        demand = demand_by_week(weeks=weeks, kind=kind)
        supply = supply_by_week(weeks=[week for week in weeks if demand.get(week)], kind=kind)
        missing = {week: demand[week] - has.seats for week, has in supply.items() if demand[week] > has.seats}
        if missing:
            yield _short(organisation, kind, missing)


def _short(organisation: Organisation, kind: PlacementKind, missing: dict[date, int]) -> Due:
    title = _("%(n)d platser för %(kind)s saknas %(weeks)s") % {
        "n": sum(missing.values()),
        "kind": kind.label,
        "weeks": range_label(missing),
    }
    why = _("Fråga arbetsgivare om fler platser, eller föreslå skolorna att flytta till veckor med gott om plats.")
    url = reverse("dashboards:supply", kwargs={"org": organisation.slug})
    return Due(max(today(), min(missing) - WEEK * 6), title, _("Se tillgång och behov"), url, why, tag_for("clash"))
