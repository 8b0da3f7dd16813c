"""How a region estimates travel."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from placements.models import TravelModel


def _number(label: Any, low: int, high: int, hint: Any, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=low,
        max_value=high,
        help_text=hint,
        error_messages={
            "required": _("Skriv ett tal."),
            "invalid": _("Skriv ett helt tal."),
            "min_value": _("Skriv %(limit_value)s eller mer."),
            "max_value": _("Skriv %(limit_value)s eller mindre."),
        },
        **kwargs,
    )


class TravelForm(forms.Form):
    """The five numbers. `model` is what they say, saved or not."""

    speed_kmh = _number(_("Hastighet"), 1, 130, _("I snitt, med buss eller cykel."))
    detour_percent = _number(
        _("Omväg"), 0, 300, _("Vägen är längre än fågelvägen. 30 betyder att 10 km räknas som 13.")
    )
    start_minutes = _number(_("Gång och väntan"), 0, 120, _("Läggs till varje resa."))
    far_minutes = _number(
        _("Lång resa från"), 1, 300, _("Fördelningen varnar för resor som tar så lång tid eller längre.")
    )
    limit_minutes = _number(
        _("Längsta resa"),
        1,
        300,
        _("Platser längre bort går inte att få. Lämna tomt om det inte ska finnas någon gräns."),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Check that the limit is not below what counts as far."""
        data: dict[str, Any] = super().clean() or {}
        far, limit = data.get("far_minutes"), data.get("limit_minutes")
        if far and limit and limit < far:
            self.add_error("limit_minutes", _("Gränsen kan inte vara kortare än vad som räknas som lång resa."))
        return data

    @property
    def model(self) -> TravelModel:
        """Return the typed numbers as a model, unsaved."""
        return TravelModel(**self.cleaned_data)
