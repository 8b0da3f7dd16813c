"""How many an employer takes, week by week: seats of a slot, and the most a workplace has at the same time."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import DomainError
from core.permissions import Actor
from core.weeks import monday, today, week_label
from employers.models import Slot, SlotWeek, Workplace, WorkplaceWeek

MOST_SEATS = 99


class SeatsRefused(DomainError):
    """Some weeks cannot have these numbers. `weeks` says why, week by week."""

    code = "seats_refused"

    def __init__(self, weeks: Mapping[date, str]) -> None:
        super().__init__(next(iter(weeks.values())))
        self.weeks = weeks


@transaction.atomic
def plan_weeks(
    *, slot: Slot, seats: Mapping[date, int], cap: int | None, weeks: Collection[date], actor: Actor
) -> None:
    """Set a slot's seats and its workplace's cap over the same weeks: both or neither.

    Raises:
        SeatsRefused: as set_seats and set_cap.
    """
    set_cap(workplace=slot.workplace, cap=cap, weeks=weeks, actor=actor)
    set_seats(slot=slot, seats=seats, actor=actor)


@transaction.atomic
def set_seats(*, slot: Slot, seats: Mapping[date, int], actor: Actor) -> None:
    """Set the seats of the weeks given; other weeks stay. New weeks come under the workplace's latest cap.

    Raises:
        SeatsRefused: a week is past, a number is negative or absurd, or more learners are booked already.
    """
    at_workplace = _locked(SlotWeek.objects.filter(slot__workplace_id=slot.workplace_id, week_on__in=seats))
    rows = {row.week_on: row for row in at_workplace if row.slot_id == slot.pk}
    wanted = {week: count for week, count in seats.items() if count != _seats_of(rows.get(week))}
    _refuse({week: _seat_problem(week, count, rows.get(week)) for week, count in sorted(wanted.items())})
    for week, count in wanted.items():
        if week in rows:
            SlotWeek.objects.filter(pk=rows[week].pk).update(seats=count)
    new = [week for week in wanted if week not in rows]
    SlotWeek.objects.bulk_create(
        SlotWeek(region_id=slot.region_id, employer_id=slot.employer_id, slot=slot, week_on=week, seats=wanted[week])
        for week in new
    )
    _extend_cap(slot.workplace, new)


@transaction.atomic
def set_cap(*, workplace: Workplace, cap: int | None, weeks: Collection[date], actor: Actor) -> None:
    """Set how many learners the workplace has at most at the same time in the weeks; None lifts the cap.

    Raises:
        SeatsRefused: a week is past, or more learners are booked in it already.
    """
    taken = _taken_at(workplace, weeks)
    if cap is not None:
        _refuse({week: _cap_problem(week, cap, taken.get(week, 0)) for week in sorted(weeks)})
    WorkplaceWeek.objects.filter(workplace=workplace, week_on__in=weeks).delete()
    if cap is not None:
        WorkplaceWeek.objects.bulk_create(_cap_row(workplace, week, cap, taken.get(week, 0)) for week in sorted(weeks))


def _extend_cap(workplace: Workplace, weeks: Collection[date]) -> None:
    """Put weeks that have no cap under the workplace's latest: an employer says it once."""
    rows = WorkplaceWeek.objects.filter(workplace=workplace).order_by("week_on")
    capped = dict(rows.values_list("week_on", "cap"))
    bare = [week for week in weeks if week not in capped]
    if not capped or not bare:
        return
    cap = capped[max(capped)]
    taken = _taken_at(workplace, bare)
    WorkplaceWeek.objects.bulk_create(
        _cap_row(workplace, week, max(cap, taken.get(week, 0)), taken.get(week, 0)) for week in sorted(bare)
    )


def _taken_at(workplace: Workplace, weeks: Collection[date]) -> dict[date, int]:
    """Lock the workplace's seats, so that nobody takes one meanwhile, and count what is taken per week."""
    seats = SlotWeek.objects.filter(slot__workplace=workplace, week_on__in=weeks)
    _locked(seats)
    return dict(seats.order_by().values("week_on").annotate(n=Sum("taken")).values_list("week_on", "n"))


def _locked(rows: QuerySet[SlotWeek]) -> list[SlotWeek]:
    """Lock in the order of employers.services.capacity."""
    return list(rows.order_by("slot_id", "week_on").select_for_update(no_key=True, of=("self",)))


def _cap_row(workplace: Workplace, week: date, cap: int, taken: int) -> WorkplaceWeek:
    return WorkplaceWeek(
        region_id=workplace.region_id,
        employer_id=workplace.employer_id,
        workplace=workplace,
        week_on=week,
        cap=cap,
        taken=taken,
    )


def _seats_of(row: SlotWeek | None) -> int:
    return row.seats if row else 0


def _refuse(problems: Mapping[date, str]) -> None:
    found = {week: problem for week, problem in problems.items() if problem}
    if found:
        raise SeatsRefused(found)


def _seat_problem(week: date, count: int, row: SlotWeek | None) -> str:
    if not 0 <= count <= MOST_SEATS:
        return _("Skriv ett tal från 0 till %(most)d.") % {"most": MOST_SEATS}
    return _problem(week, count, row.taken if row else 0)


def _cap_problem(week: date, cap: int, taken: int) -> str:
    if not 1 <= cap <= MOST_SEATS:
        return _("Skriv ett tal från 1 till %(most)d, eller lämna tomt.") % {"most": MOST_SEATS}
    return _problem(week, cap, taken)


def _problem(week: date, count: int, taken: int) -> str:
    if week != monday(week) or week < monday(today()):
        return _("%(week)s har redan varit. Skriv platser från den här veckan och framåt.") % {
            "week": week_label(week).capitalize()
        }
    if count < taken:
        return ngettext(
            "%(taken)d elev är redan bokad %(week)s. Skriv minst %(taken)d.",
            "%(taken)d elever är redan bokade %(week)s. Skriv minst %(taken)d.",
            taken,
        ) % {"taken": taken, "week": week_label(week)}
    return ""
