"""The employer's answers: yes or no to each learner, or yes to all in one tap."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from placements.selectors.hosting import Guest
from placements.services.answers import Answer

YES_TO_ALL = "yes_to_all"


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One learner with the controls of the answer."""

    guest: Guest
    answer: BoundField
    reason: BoundField


class AnswerForm(forms.Form):
    """One answer per learner; learners left without one keep what they have."""

    def __init__(self, *args: Any, guests: Sequence[Guest], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guests = [guest for guest in guests if guest.open]
        for guest in self.guests:
            key = guest.placement.pk.hex
            self.fields[f"answer_{key}"] = forms.ChoiceField(
                label=_("Kan ni ta emot %(name)s?") % {"name": guest.placement.learner_name},
                choices=[("yes", _("Ja")), ("no", _("Nej"))],
                widget=forms.RadioSelect,
                required=False,
                initial=guest.answer,
            )
            self.fields[f"reason_{key}"] = forms.CharField(
                label=_("Varför inte?"), max_length=200, required=False, initial=guest.placement.end_reason
            )

    @property
    def rows(self) -> list[AnswerRow]:
        """Return the learners with their controls, in order."""
        return [
            AnswerRow(guest, self[f"answer_{guest.placement.pk.hex}"], self[f"reason_{guest.placement.pk.hex}"])
            for guest in self.guests
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse a form without a single answer."""
        found = super().clean() or {}
        if not self.is_yes_to_all and not any(found.get(f"answer_{guest.placement.pk.hex}") for guest in self.guests):
            raise forms.ValidationError(_("Välj Ja eller Nej för minst en elev, eller Ja till alla."))
        return found

    @property
    def is_yes_to_all(self) -> bool:
        """Tell whether the one button for all who wait was pressed."""
        return YES_TO_ALL in self.data

    def answers(self) -> list[Answer]:
        """Return the answers given."""
        return [found for guest in self.guests if (found := self._answer(guest))]

    def _answer(self, guest: Guest) -> Answer | None:
        key = guest.placement.pk.hex
        if self.is_yes_to_all:
            return None if guest.answer else Answer(guest.placement.pk, yes=True)
        given = self.cleaned_data[f"answer_{key}"]
        if not given:
            return None
        reason = self.cleaned_data[f"reason_{key}"] if given == "no" else ""
        return Answer(guest.placement.pk, yes=given == "yes", reason=reason)
