"""Filter of a class's result, and the choice of another place."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ResultFilterForm(forms.Form):
    """Which learners to show."""

    state = forms.ChoiceField(
        label=_("Läge"),
        required=False,
        choices=[
            ("", _("Alla")),
            ("confirmed", _("Bekräftade")),
            ("waiting", _("Väntar på svar")),
            ("unplaced", _("Utan plats")),
        ],
    )


class PlaceChooseForm(forms.Form):
    """The place chosen for a learner."""

    slot = forms.UUIDField(error_messages={"required": _("Välj en plats i listan.")})
