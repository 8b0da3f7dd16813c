"""What the week page says: the finding, the collision, who is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.weeks import and_list, range_label, week_label
from schools.calendar import public_holidays
from schools.models import PlacementPeriod, SchoolClass
from schools.selectors.periods import mondays
from schools.selectors.week_matrix import BookingOutlook, WeekMatrix

WEEKS_TOLD_ONE_BY_ONE = 2


@dataclass(frozen=True, slots=True)
class TrialWords:
    """The heading and the sentence of a booking that is being tried."""

    heading: str
    sentence: str


def finding(matrix: WeekMatrix) -> str:
    """Say what the term looks like: where there is room, and where there is not."""
    coming = [week for week in matrix.weeks if not week.past and not week.closed]
    short = [week.week_on for week in coming if week.free < 0]
    if not coming:
        return _("Terminen är slut.")
    if not any(week.seats for week in coming):
        return _("Inga platser är inlagda ännu den här terminen.")
    if not short:
        return _("Platserna räcker hela terminen.")
    if len(short) == len(coming):
        return _("Platserna räcker inte någon vecka.")
    return _("Platserna räcker, utom %(weeks)s.") % {"weeks": range_label(short)}


def trial_words(outlook: BookingOutlook, periods: Sequence[PlacementPeriod], chosen: SchoolClass) -> TrialWords:
    """Say what a booking would mean."""
    if not outlook.collides:
        values = {"weeks": range_label(outlook.weeks)}
        after = ngettext("Sedan är %(count)d plats ledig.", "Sedan är %(count)d platser lediga.", outlook.free_after)
        told = ngettext("%(count)d elev från %(name)s.", "%(count)d elever från %(name)s.", outlook.learners)
        who = told % {"count": outlook.learners, "name": chosen.name}
        sentence = f"{who} {after % {'count': outlook.free_after}}"
        return TrialWords(_("Det finns plats %(weeks)s") % values, sentence)
    worst = max(outlook.missing.values())
    after = ngettext(
        "Bokar du ändå saknar %(count)d elev plats tills fler arbetsplatser lägger in.",
        "Bokar du ändå saknar %(count)d elever plats tills fler arbetsplatser lägger in.",
        worst,
    )
    return TrialWords(shortage(outlook.missing), f"{_crowd(outlook, periods)}{after % {'count': worst}}")


def shortage(missing: Mapping[date, int]) -> str:
    """Return "16 platser fattas v. 15 och 10 platser v. 16"; many weeks are told by the worst."""
    weeks = sorted(missing)
    if len(weeks) > 1 and len(set(missing.values())) == 1:
        first = ngettext(
            "%(count)d plats fattas varje vecka", "%(count)d platser fattas varje vecka", missing[weeks[0]]
        )
        return f"{first % {'count': missing[weeks[0]]}} {range_label(weeks)}"
    if len(weeks) > WEEKS_TOLD_ONE_BY_ONE:
        values = {"count": max(missing.values()), "weeks": range_label(weeks)}
        return _("Upp till %(count)d platser fattas %(weeks)s") % values
    first = ngettext("%(count)d plats fattas %(week)s", "%(count)d platser fattas %(week)s", missing[weeks[0]])
    rest = [
        ngettext("%(count)d plats %(week)s", "%(count)d platser %(week)s", missing[week])
        % {"count": missing[week], "week": week_label(week)}
        for week in weeks[1:]
    ]
    return and_list([first % {"count": missing[weeks[0]], "week": week_label(weeks[0])}, *rest])


def _crowd(outlook: BookingOutlook, periods: Sequence[PlacementPeriod]) -> str:
    """Return "Åtta skolor och er egen 8B har redan bokat. "; nothing when nobody has."""
    own = sorted({one.label for one in periods if set(mondays(one)) & outlook.missing.keys()})
    parts = []
    if outlook.other_schools:
        text = ngettext("en annan skola", "%(count)s andra skolor", outlook.other_schools)
        parts.append(text % {"count": apnumber(outlook.other_schools)})
    if own:
        parts.append(_("er egen %(classes)s") % {"classes": ", ".join(own)})
    if not parts:
        return ""
    sentence = _("%(who)s har redan bokat.") % {"who": capfirst(and_list(parts))}
    return f"{sentence} "


def holiday_note(weeks: Sequence[date]) -> str:
    """Tell of public holidays that shorten the weeks."""
    told = [
        _("%(week)s är kortare: %(names)s.") % {"week": capfirst(week_label(week)), "names": ", ".join(names).lower()}
        for week, names in public_holidays(weeks).items()
    ]
    return " ".join(told)
