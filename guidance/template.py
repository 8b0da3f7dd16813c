"""The region's sample plan: goals and a year of activities that a school starts from and makes its own."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.ui import Text
from guidance.enums import GuidanceScope

WIDE, NARROW = GuidanceScope.WIDE, GuidanceScope.NARROW


@dataclass(frozen=True, slots=True)
class SampleGoal:
    """A goal and how the school sees that it is reached."""

    text: Text
    measure: Text


@dataclass(frozen=True, slots=True)
class SampleActivity:
    """An activity: year, ISO week, what, for which goal (its place in GOALS), by whom."""

    grade_level: int
    week: int
    title: Text
    goal: int
    scope: str
    responsible: Text
    counts_placements: bool = False


WORKING_LIFE, CHOICE, WIDER_VIEW = 0, 1, 2
GOALS: Final = (
    SampleGoal(
        _("Varje elev möter arbetslivet minst tio dagar före slutet av åk 9."),
        _("Antal elever med genomförd eller planerad prao."),
    ),
    SampleGoal(
        _("Varje elev i åk 9 gör ett väl underbyggt gymnasieval."),
        _("Alla har haft vägledningssamtal före 1 februari. Få omval i maj."),
    ),
    SampleGoal(
        _("Elevernas val begränsas inte av kön eller social bakgrund."),
        _("Elevernas önskemål om prao, uppdelade på yrkesområde och kön."),
    ),
)

_CLASS_TEACHER, _MENTOR, _SYV = _("Klasslärare"), _("Mentor"), _("SYV")
ACTIVITIES: Final = (
    SampleActivity(1, 41, _("Jobb i närmiljön: besök på en arbetsplats"), WIDER_VIEW, WIDE, _CLASS_TEACHER),
    SampleActivity(2, 12, _("Vuxna berättar om sina yrken"), WIDER_VIEW, WIDE, _CLASS_TEACHER),
    SampleActivity(5, 46, _("Yrken och könsmönster"), WIDER_VIEW, WIDE, _("Lärare i SO")),
    SampleActivity(6, 11, _("Studiebesök och intervju på en arbetsplats"), WORKING_LIFE, WIDE, _CLASS_TEACHER),
    SampleActivity(7, 37, _("Föräldramöte om vid vägledning och prao"), CHOICE, WIDE, _SYV),
    SampleActivity(7, 10, _("Jag och mina styrkor"), CHOICE, WIDE, _MENTOR),
    SampleActivity(8, 36, _("Inför prao: arbetsmiljö, cv och första kontakten"), WORKING_LIFE, WIDE, _MENTOR),
    SampleActivity(8, 41, _("Prao, första perioden"), WORKING_LIFE, WIDE, _SYV, counts_placements=True),
    SampleActivity(8, 45, _("Efter prao: vad lärde jag mig om mig själv?"), WIDER_VIEW, WIDE, _MENTOR),
    SampleActivity(8, 8, _("Gymnasieskolans program"), CHOICE, WIDE, _SYV),
    SampleActivity(8, 17, _("Vägledningssamtal i grupp"), CHOICE, NARROW, _SYV),
    SampleActivity(9, 38, _("Vägledningssamtal, vart och ett"), CHOICE, NARROW, _SYV),
    SampleActivity(9, 43, _("Gymnasiemässa"), CHOICE, WIDE, _SYV),
    SampleActivity(9, 47, _("Öppet hus på gymnasieskolorna"), CHOICE, WIDE, _MENTOR),
    SampleActivity(9, 4, _("Gymnasievalet"), CHOICE, NARROW, _SYV),
    SampleActivity(9, 15, _("Prao, andra perioden"), WORKING_LIFE, WIDE, _SYV, counts_placements=True),
    SampleActivity(9, 18, _("Omval"), CHOICE, NARROW, _SYV),
    SampleActivity(9, 22, _("Överlämning till gymnasieskolan"), CHOICE, NARROW, _SYV),
)
