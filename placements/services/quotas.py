"""Keep seats of a slot for an authority until a day, and let them go.

A SlotWeek's lock guards the quotas of its slot and week (employers.services.capacity): it is taken first, in the same
order, so that nobody takes a seat between our counting and our writing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.errors import DomainError
from core.permissions import Actor
from core.states import record
from core.weeks import monday, range_label, today, week_label
from employers.enums import ReserveEvent
from employers.models import Slot, SlotQuota, SlotWeek
from employers.selectors.quotas import reserved_for_others
from placements.selectors.quotas import held_by_authority


class QuotaRefused(DomainError):
    """The seats cannot be kept. `field` says which part of the form to mend."""

    code = "quota_refused"


@dataclass(frozen=True, slots=True)
class Keep:
    """How many seats to keep in each of some weeks, and the first day when everybody may have them."""

    weeks: Sequence[date]
    seats: int
    release_on: date


@transaction.atomic
def keep_seats(*, slot: Slot, authority: Organisation, keep: Keep, reason: str, actor: Actor) -> None:
    """Keep seats of the slot for an authority. What its learners hold there already counts as used.

    Raises:
        QuotaRefused: no such authority or week, seats are kept for it already, too few are free, or the day is wrong.
    """
    if authority.kind != OrganisationKind.AUTHORITY or authority.region_id != slot.region_id:
        raise QuotaRefused(_("Välj en huvudman i regionen."), field="authority")
    rows = _locked(slot, keep.weeks)
    _refuse_day(keep)
    kept = SlotQuota.objects.filter(slot=slot, authority=authority, week_on__in=keep.weeks)
    if already := sorted(kept.values_list("week_on", flat=True)):
        text = _("%(authority)s har redan platser %(weeks)s. Ändra den reservationen i stället.")
        raise QuotaRefused(text % {"authority": authority.name, "weeks": range_label(already)}, field="weeks")
    held = held_by_authority(slot, authority.pk, keep.weeks)
    _refuse_shortage(slot, authority, keep, rows, held)
    SlotQuota.objects.bulk_create(
        SlotQuota(
            region_id=slot.region_id,
            authority=authority,
            employer_id=slot.employer_id,
            slot=slot,
            week_on=week,
            seats=keep.seats,
            release_on=keep.release_on,
            taken=held.get(week, 0),
        )
        for week in sorted(keep.weeks)
    )
    _write(slot, ReserveEvent.KEPT, _sentence(authority, keep, reason), actor)


@transaction.atomic
def change_reserve(*, quotas: Sequence[SlotQuota], keep: Keep, reason: str, actor: Actor) -> None:
    """Give the quotas of some weeks another number or another day. The other weeks stay as they are.

    Raises:
        QuotaRefused: a week is not among them, too few seats are free, or the day is wrong.
    """
    slot, authority = quotas[0].slot, quotas[0].authority
    chosen = _chosen(quotas, keep.weeks)
    rows = _locked(slot, keep.weeks)
    _refuse_day(keep)
    mine = SlotQuota.objects.filter(pk__in=[quota.pk for quota in chosen])
    _refuse_shortage(slot, authority, keep, rows, dict(mine.values_list("week_on", "taken")))
    _expect(mine.update(seats=keep.seats, release_on=keep.release_on), chosen)
    _write(slot, ReserveEvent.CHANGED, _sentence(authority, keep, reason), actor)


@transaction.atomic
def remove_reserve(*, quotas: Sequence[SlotQuota], weeks: Collection[date], reason: str, actor: Actor) -> None:
    """Let the seats of some weeks go. Learners who hold one keep it.

    Raises:
        QuotaRefused: a week is not among the quotas.
    """
    slot, authority = quotas[0].slot, quotas[0].authority
    chosen = _chosen(quotas, weeks)
    _locked(slot, weeks)
    _expect(SlotQuota.objects.filter(pk__in=[quota.pk for quota in chosen]).delete()[0], chosen)
    text = _("%(authority)s, %(weeks)s. %(reason)s")
    _write(
        slot,
        ReserveEvent.REMOVED,
        text % {"authority": authority.name, "weeks": range_label(weeks), "reason": reason},
        actor,
    )


def _locked(slot: Slot, weeks: Collection[date]) -> dict[date, SlotWeek]:
    """Lock the slot's weeks in the order of employers.services.capacity."""
    if not weeks:
        raise QuotaRefused(_("Välj minst en vecka."), field="weeks")
    listed = SlotWeek.objects.filter(slot=slot, week_on__in=weeks).order_by("slot_id", "week_on")
    rows = {row.week_on: row for row in listed.select_for_update(no_key=True, of=("self",))}
    if missing := sorted(set(weeks) - rows.keys()):
        text = _("Platsen tar inte emot någon %(weeks)s. Välj andra veckor.")
        raise QuotaRefused(text % {"weeks": range_label(missing)}, field="weeks")
    return rows


def _chosen(quotas: Sequence[SlotQuota], weeks: Collection[date]) -> list[SlotQuota]:
    chosen = [quota for quota in quotas if quota.week_on in set(weeks)]
    if not chosen or len(chosen) != len(set(weeks)):
        raise QuotaRefused(_("Välj bland veckorna i listan."), field="weeks")
    return chosen


def _expect(changed: int, chosen: Sequence[SlotQuota]) -> None:
    if changed != len(chosen):
        raise QuotaRefused(_("Någon annan har ändrat reservationen. Ladda om sidan och se vad som gäller nu."))


def _refuse_day(keep: Keep) -> None:
    first = min(keep.weeks)
    if first < monday(today()):
        raise QuotaRefused(_("Välj veckor som inte har varit."), field="weeks")
    if keep.release_on <= today():
        raise QuotaRefused(_("Välj en dag från i morgon och framåt."), field="release_on")
    if keep.release_on > first:
        text = _("Släpp platserna senast %(day)s, när %(week)s börjar.")
        names = {"day": date_format(first, "j F"), "week": week_label(first)}
        raise QuotaRefused(text % names, field="release_on")


def _refuse_shortage(
    slot: Slot, authority: Organisation, keep: Keep, rows: Mapping[date, SlotWeek], held: Mapping[date, int]
) -> None:
    """Refuse to keep more than what is free: no promise that cannot be held."""
    others = reserved_for_others([slot.pk], list(rows), authority.pk, today())
    for week, row in sorted(rows.items()):
        free = row.seats - row.taken - others.get((slot.pk, week), 0) + held.get(week, 0)
        if keep.seats > max(free, 0):
            text = ngettext(
                "%(week)s går det att hålla högst %(count)d plats. Skriv ett lägre antal eller välj andra veckor.",
                "%(week)s går det att hålla högst %(count)d platser. Skriv ett lägre antal eller välj andra veckor.",
                max(free, 0),
            )
            names = {"week": week_label(week).capitalize(), "count": max(free, 0)}
            raise QuotaRefused(text % names, field="seats")


def _sentence(authority: Organisation, keep: Keep, reason: str) -> str:
    text = ngettext(
        "%(count)d plats %(weeks)s för %(authority)s till %(day)s. %(reason)s",
        "%(count)d platser %(weeks)s för %(authority)s till %(day)s. %(reason)s",
        keep.seats,
    )
    return text % {
        "count": keep.seats,
        "weeks": range_label(keep.weeks),
        "authority": authority.name,
        "day": date_format(keep.release_on, "j F"),
        "reason": reason,
    }


def _write(slot: Slot, what: str, sentence: str, actor: Actor) -> None:
    """Tell it in the slot's own history, which its employer reads as well."""
    record(slot, before=slot.status, after=what, reason=sentence.strip(), actor=actor)
