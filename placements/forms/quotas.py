"""Keep seats for an authority, change that, or let them go."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from core.weeks import week_label
from placements.services.quotas import Keep


class _WeeksForm(forms.Form):
    """Some of the weeks offered, and why."""

    weeks = forms.TypedMultipleChoiceField(
        label=_("Veckor"),
        coerce=date.fromisoformat,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Välj minst en vecka."),
            "invalid_choice": _("Välj bland veckorna i listan."),
        },
    )
    reason = forms.CharField(
        label=_("Orsak"),
        max_length=200,
        help_text=_("Arbetsgivaren läser den i platsens historik."),
        error_messages={"required": _("Skriv varför, till exempel Närmaste skola för Marks elever.")},
    )

    def __init__(self, *args: Any, weeks: Sequence[tuple[date, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["weeks"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [
            (week.isoformat(), f"{week_label(week)}, {note}" if note else week_label(week)) for week, note in weeks
        ]


class _KeepForm(_WeeksForm):
    seats = forms.IntegerField(
        label=_("Platser per vecka"),
        min_value=1,
        max_value=99,
        error_messages={
            "required": _("Skriv hur många platser som ska hållas."),
            "invalid": _("Skriv ett helt tal."),
            "min_value": _("Skriv 1 eller fler."),
            "max_value": _("Skriv 99 eller färre."),
        },
    )
    release_on = forms.DateField(
        label=_("Släpps för alla"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Från den dagen får alla skolor ta det som är kvar."),
        error_messages={
            "required": _("Välj en dag innan veckorna börjar."),
            "invalid": _("Skriv dagen som 2027-03-03."),
        },
    )

    @property
    def keep(self) -> Keep:
        """Return what was typed, once the form is valid."""
        data = self.cleaned_data
        return Keep(sorted(data["weeks"]), data["seats"], data["release_on"])


class QuotaForm(_KeepForm):
    """Keep seats for an authority."""

    authority = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("Huvudman"),
        empty_label=_("Välj"),
        error_messages={"required": _("Välj en huvudman."), "invalid_choice": _("Välj en huvudman i regionen.")},
    )
    field_order = ("authority", "weeks", "seats", "release_on", "reason")

    def __init__(self, *args: Any, authorities: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["authority"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = authorities


class QuotaChangeForm(_KeepForm):
    """Another number or another day."""

    field_order = ("weeks", "seats", "release_on", "reason")


class QuotaRemoveForm(_WeeksForm):
    """Let the seats go."""
