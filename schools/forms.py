"""What people type about classes, weeks and codes."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.weeks import school_year, school_year_label, week_label, weeks_between
from schools.models import SchoolClass, SchoolUnit
from schools.selectors.classes import Bookable

MAX_FILE_BYTES = 2_000_000


def grade_choices() -> list[tuple[int, str]]:
    """Return years 6–9 and the three of upper secondary school, which are stored as 10–12."""
    basic = [(grade, _("Årskurs %(grade)d") % {"grade": grade}) for grade in range(6, 10)]
    return [*basic, *((grade, _("Gymnasiet, år %(grade)d") % {"grade": grade - 9}) for grade in range(10, 13))]


class ClassImportForm(forms.Form):
    """Which class, and its list as a file or as pasted text."""

    use_required_attribute = False

    school_unit = forms.ChoiceField(label=gettext_lazy("Skola"))
    name = forms.CharField(label=gettext_lazy("Klass"), max_length=20)
    grade_level = forms.TypedChoiceField(label=gettext_lazy("Årskurs"), coerce=int)
    school_year = forms.TypedChoiceField(label=gettext_lazy("Läsår"), coerce=int)
    mentor_name = forms.CharField(label=gettext_lazy("Mentor"), max_length=150, required=False)
    file = forms.FileField(
        label=gettext_lazy("Klasslista"),
        help_text=gettext_lazy("Kalkylblad (xlsx) eller csv."),
        error_messages={"required": gettext_lazy("Välj en fil, eller klistra in listan.")},
    )
    text = forms.CharField(
        label=gettext_lazy("Eller klistra in listan"),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("Rubriker på första raden. Kopiera rakt ur kalkylbladet."),
    )

    def __init__(self, *args: Any, units: Sequence[SchoolUnit], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = {str(unit.pk): unit for unit in units}
        self.fields["school_unit"].choices = [(key, unit.name) for key, unit in self.units.items()]
        if len(units) == 1:
            self.fields["school_unit"].required = False
            self.fields["school_unit"].widget = forms.HiddenInput()
        self.fields["grade_level"].choices = grade_choices()
        # One of the two is needed, so neither is called optional before it is known which.
        self.fields["file"].required = not self.data.get("text", "").strip()
        self.fields["text"].required = not self.is_bound
        this = school_year(today)
        self.fields["school_year"].choices = [(year, school_year_label(year)) for year in (this, this + 1)]

    def clean_school_unit(self) -> SchoolUnit:
        key = self.cleaned_data["school_unit"] or next(iter(self.units), "")
        return self.units[key]

    def clean_file(self) -> Any:
        found = self.cleaned_data["file"]
        if found and found.size > MAX_FILE_BYTES:
            raise forms.ValidationError(_("Filen är större än 2 MB. Läs in en klass i taget."))
        return found


def _week_choices(weeks: Sequence[date]) -> list[tuple[str, str]]:
    return [(week.isoformat(), week_label(week)) for week in weeks]


class WeekBookForm(forms.Form):
    """Which class, from which week to which. The same fields look (GET) and book (POST)."""

    school_class = forms.ChoiceField(label=gettext_lazy("Klass"))
    first = forms.ChoiceField(label=gettext_lazy("Från"))
    last = forms.ChoiceField(label=gettext_lazy("Till"))

    def __init__(self, *args: Any, bookable: Bookable, weeks: Sequence[date], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bookable = bookable
        self.classes = {str(one.pk): one for one in bookable.classes}
        several = len({one.school_unit_id for one in bookable.classes}) > 1 or bookable.total > len(bookable.classes)
        named = [(key, _class_label(one, several=several)) for key, one in self.classes.items()]
        self.fields["school_class"].choices = [("", _("Välj klass")), *named]
        for name in ("first", "last"):
            field = self.fields[name]
            field.choices = _week_choices(weeks)
            # Weeks gone by are not offered; a link to one is still read, and then refused with its reason.
            field.widget.choices = _week_choices([week for week in weeks if week > today])
            field.error_messages["invalid_choice"] = _("Välj en vecka i terminen.")

    def clean_school_class(self) -> SchoolClass:
        return self.classes[self.cleaned_data["school_class"]]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "first" in data and "last" in data:
            first, last = (date.fromisoformat(data[name]) for name in ("first", "last"))
            if last < first:
                self.add_error("last", _("Till-veckan ligger före från-veckan. Välj samma vecka eller en senare."))
            data["weeks"] = weeks_between(first, last)
        return data


def _class_label(one: SchoolClass, *, several: bool) -> str:
    school = f", {one.school_unit.name}" if several else ""
    return f"{one.name}{school}"


class LearnerSignInForm(forms.Form):
    """The two codes on a learner's card."""

    class_code = forms.CharField(
        label=gettext_lazy("Klasskod"),
        max_length=30,
        help_text=gettext_lazy("Till exempel 8D-KRTM. Stora eller små bokstäver går lika bra."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )
    personal_code = forms.CharField(
        label=gettext_lazy("Din kod"),
        max_length=30,
        help_text=gettext_lazy("Sex tecken på ditt kort."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )
