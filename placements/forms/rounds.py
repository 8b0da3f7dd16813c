"""What is asked when a round is opened or changed, and the filter over the choices."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from core.weeks import range_label
from placements.forms.offering import offer
from placements.models import Round
from placements.selectors.choices_overview import ClassProgress, Progress
from placements.selectors.rounds import Bookable, RoundHead, class_labels, proposed_dates

_MOMENT = "%Y-%m-%dT%H:%M"
CHOICE_STATES = [
    (Progress.NOT_STARTED, _("Inte börjat")),
    (Progress.SAVED, _("Sparat, inte skickat in")),
    (Progress.SENT, _("Har skickat in")),
]


def _moment(label: Any, hint: Any = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT)
    return forms.DateTimeField(label=label, help_text=hint, widget=widget, input_formats=[_MOMENT, "%Y-%m-%d %H:%M"])


class RoundForm(forms.Form):
    """A round's title, dates and numbers."""

    title = forms.CharField(label=_("Rubrik"), max_length=120, help_text=_("Eleverna ser rubriken."))
    view_at = _moment(_("Platserna visas"), _("Eleverna kan titta, men inte välja än."))
    choose_at = _moment(_("Valet öppnar"), _("Från den stunden kan de rangordna."))
    close_at = _moment(_("Valet stänger"), _("Till dess kan eleverna ändra sina val."))
    confirm_on = forms.DateField(
        label=_("Arbetsplatserna svarar senast"),
        help_text=_("Några dagar efter att du har publicerat."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    min_choices = forms.IntegerField(label=_("Minst antal val"), min_value=1, max_value=10, initial=3)
    max_choices = forms.IntegerField(label=_("Högst antal val"), min_value=1, max_value=10, initial=6)

    def plan(self) -> dict[str, Any]:
        """Return the cleaned values that make a RoundPlan."""
        return {name: self.cleaned_data[name] for name in RoundForm.base_fields}


class RoundOpenForm(RoundForm):
    """A new round: the same, and which booked periods it is for."""

    periods = forms.TypedMultipleChoiceField(
        label=_("Klasser och veckor"),
        widget=forms.CheckboxSelectMultiple,
        coerce=UUID,
        error_messages={"required": _("Välj minst en klass som ska vara med.")},
    )
    field_order = ["periods", "title"]

    def __init__(self, *args: Any, bookable: Sequence[Bookable], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bookable = bookable
        periods = self.fields["periods"]
        assert isinstance(periods, forms.TypedMultipleChoiceField)
        periods.choices = [(str(found.period.pk), found.label) for found in bookable]

    def weeks(self) -> set[Any]:
        """Return the Mondays of the chosen periods."""
        chosen = set(self.cleaned_data.get("periods", ()))
        return {week for found in self.bookable if found.period.pk in chosen for week in found.weeks}


def proposal(bookable: Sequence[Bookable], chosen: Collection[UUID], now: datetime) -> dict[str, Any]:
    """Propose a round: the periods asked for, or those with the earliest weeks, and the year wheel's dates."""
    if not bookable:
        return {}
    asked = [found for found in bookable if found.period.pk in chosen]
    first = (asked or bookable)[0]
    together = asked or [found for found in bookable if found.weeks == first.weeks]
    dates = proposed_dates(first.weeks[0], now)
    schools = len({found.period.school_unit_id for found in together})
    labels = class_labels([found.period.label for found in together], schools)
    kind = first.period.get_kind_display()
    return {
        "periods": [str(found.period.pk) for found in together],
        "title": f"{kind[:1].upper()}{kind[1:]} {labels}, {range_label(first.weeks)}",
        "view_at": dates.view_at,
        "choose_at": dates.choose_at,
        "close_at": dates.close_at,
        "confirm_on": dates.confirm_on,
    }


def initial_of(found: Round) -> dict[str, Any]:
    """Return a round's present values for the form."""
    return {name: getattr(found, name) for name in RoundForm.base_fields}


class ChoiceFilterForm(forms.Form):
    """Which learners the overview of choices shows.

    A list too long to choose from is not offered: a school is then chosen before the class, or searched for by name.
    """

    omgang = forms.ChoiceField(label=_("Omgång"), required=False)
    skola = forms.ChoiceField(label=_("Skola"), required=False)
    klass = forms.ChoiceField(label=_("Klass"), required=False)
    lage = forms.ChoiceField(label=_("Läge"), required=False, choices=[("", _("Alla")), *CHOICE_STATES])

    def __init__(self, *args: Any, heads: Sequence[RoundHead], classes: Sequence[ClassProgress], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        schools = {str(each.school_id): each.school for each in classes}
        chosen = self.data.get("skola", "")
        within = [each for each in classes if chosen in ("", str(each.school_id))]
        named = len(schools) > 1 and not chosen
        offer(self, "omgang", {str(head.round.pk): head.round.title for head in heads}, everything=_("Alla"))
        offer(self, "skola", schools if len(schools) > 1 else {}, everything=_("Alla"))
        offer(
            self,
            "klass",
            {str(each.class_id): _class_label(each, named=named) for each in within},
            everything=_("Alla"),
        )


def _class_label(found: ClassProgress, *, named: bool) -> str:
    return f"{found.class_name}, {found.school}" if named else found.class_name
