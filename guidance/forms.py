"""Goals and activities of a guidance plan."""

from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from core.weeks import Term, week_label
from guidance.enums import GuidanceScope
from guidance.models import Activity, Goal
from guidance.selectors import grade_label


class GoalForm(forms.Form):
    """A goal and its measure."""

    text = forms.CharField(
        label=_("Mål"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("En mening om vad eleverna ska kunna eller ha mött när läsåret är slut."),
    )
    measure = forms.CharField(label=_("Så ser vi att vi nått dit"), max_length=300, required=False)

    @staticmethod
    def values_of(goal: Goal) -> dict[str, Any]:
        """Return a goal's values for the form."""
        return {"text": goal.text, "measure": goal.measure}


class ActivityForm(forms.Form):
    """An activity: what, for whom, when, by whom."""

    title = forms.CharField(label=_("Aktivitet"), max_length=200)
    goal = forms.ModelChoiceField(
        label=_("Hör till målet"), queryset=Goal.objects.none(), required=False, empty_label=_("Inget särskilt mål")
    )
    grade_level = forms.TypedChoiceField(label=_("För vilka"), coerce=int)
    week_on = forms.TypedChoiceField(label=_("Vecka"), coerce=date.fromisoformat)
    scope = forms.ChoiceField(
        label=_("Vägledning"),
        choices=GuidanceScope.choices,
        widget=forms.RadioSelect,
        initial=GuidanceScope.WIDE,
        help_text=_("Vid är allt som ger kunskap inför val. Snäv är samtalet med vägledaren."),
    )
    responsible = forms.CharField(label=_("Ansvarig"), max_length=80, help_text=_("Yrkesroll, till exempel mentor."))
    counts_placements = forms.BooleanField(
        label=_("Följ upp med elevernas praktik"),
        required=False,
        help_text=_("Planen visar hur många i årskursen som har genomfört eller planerad prao."),
    )

    def __init__(self, *args: Any, goals: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        goal, grade, week = self.fields["goal"], self.fields["grade_level"], self.fields["week_on"]
        assert isinstance(goal, forms.ModelChoiceField)
        assert isinstance(grade, forms.TypedChoiceField)
        assert isinstance(week, forms.TypedChoiceField)
        goal.queryset = goals
        grade.choices = [("", _("Välj årskurs")), *((str(level), grade_label(level)) for level in range(10))]
        week.choices = [("", _("Välj vecka")), *_week_choices(year)]

    @staticmethod
    def values_of(activity: Activity) -> dict[str, Any]:
        """Return an activity's values for the form."""
        names = ("title", "goal", "grade_level", "week_on", "scope", "responsible", "counts_placements")
        return {name: getattr(activity, name) for name in names}


def _week_choices(year: int) -> list[tuple[str, str]]:
    weeks = [*Term(year, autumn=True).weeks, *Term(year + 1, autumn=False).weeks]
    return [(week.isoformat(), f"{week_label(week)}, {date_format(week, 'j F')}") for week in weeks]
