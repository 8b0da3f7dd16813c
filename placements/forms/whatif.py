"""The questions that can be asked about a run, one at a time."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from placements.selectors.whatif import SeatOption
from schools.models import Learner


class WhatIfForm(forms.Form):
    """Which question the address asks: a learner and a slot, a late learner, or a seat."""

    elev = forms.UUIDField(required=False)
    plats = forms.UUIDField(required=False)
    ny = forms.UUIDField(required=False)
    bort = forms.CharField(required=False, max_length=60)


class LateForm(forms.Form):
    """Who came late."""

    ny = forms.ChoiceField(label=_("Elev"))

    def __init__(self, *args: Any, learners: Iterable[Learner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ny"].choices = [(str(each.pk), f"{each}, {each.school_class.name}") for each in learners]


class SeatForm(forms.Form):
    """Where there would be one seat fewer."""

    bort = forms.ChoiceField(label=_("Plats"))

    def __init__(self, *args: Any, options: Sequence[SeatOption], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bort"].choices = [(option.key, option.label) for option in options]
