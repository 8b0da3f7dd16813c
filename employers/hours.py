"""Working hours of children in prao: AFS 2023:2, the chapter on minors (before 2025: AFS 2012:3)."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils.translation import gettext as _

from accounts.enums import PlacementKind
from core.errors import DomainError

COMPULSORY_GRADES: Final = frozenset({7, 8, 9})
EARLIEST: Final = time(6)
LATEST: Final = time(20)
LONGEST_DAY: Final = timedelta(hours=7)  # five days make 35 hours, the longest week
SHORTEST_BREAK: Final = 30


class HoursRefused(DomainError):
    """The hours are not hours, or a child may not work them."""

    code = "hours_refused"


def working_time(starts_at: time, ends_at: time, break_minutes: int) -> timedelta:
    """Return the working time of a day, the break taken off."""
    day = date.min
    return datetime.combine(day, ends_at) - datetime.combine(day, starts_at) - timedelta(minutes=break_minutes)


def check_hours(
    *, kinds: Collection[str], grades: Collection[int], starts_at: time, ends_at: time, break_minutes: int
) -> None:
    """Refuse hours that are impossible, or too long, too early or too late for pupils in prao.

    Raises:
        HoursRefused: with the form field to mend.
    """
    worked = working_time(starts_at, ends_at, break_minutes)
    if ends_at <= starts_at:
        raise HoursRefused(_("Sluttiden ska vara senare på dagen än starttiden."), field="ends_at")
    if worked <= timedelta(0):
        raise HoursRefused(_("Rasten är längre än dagen. Skriv rasten i minuter."), field="break_minutes")
    if PlacementKind.PRAO not in kinds or not (set(grades) & COMPULSORY_GRADES or not grades):
        return
    if starts_at < EARLIEST:
        raise HoursRefused(_("Elever i prao får börja tidigast 06.00."), field="starts_at")
    if ends_at > LATEST:
        raise HoursRefused(_("Elever i prao får sluta senast 20.00."), field="ends_at")
    if break_minutes < SHORTEST_BREAK:
        raise HoursRefused(_("Elever i prao ska ha minst 30 minuters rast."), field="break_minutes")
    if worked > LONGEST_DAY:
        raise HoursRefused(
            _("Elever i prao får arbeta högst 7 timmar om dagen, 35 i veckan. Dagen är %(hours)s utan rasten.")
            % {"hours": hours_label(worked)},
            field="ends_at",
        )


def hours_label(worked: timedelta) -> str:
    """Return "7 timmar" or "7 timmar 30 minuter"."""
    hours, minutes = divmod(int(worked.total_seconds()) // 60, 60)
    whole = _("%(hours)d timmar") % {"hours": hours}
    return _("%(whole)s %(minutes)d minuter") % {"whole": whole, "minutes": minutes} if minutes else whole
