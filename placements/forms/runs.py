"""Start a run, lock a learner, and filter the result."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from placements.enums import RunPolicy
from placements.explaining import UNPLACED_LABELS
from placements.selectors.locks import LockOption

POLICY_HINTS = {
    RunPolicy.OPTIMUM: gettext_lazy("Så bra val som möjligt för alla tillsammans. Passar nästan alltid."),
    RunPolicy.GREEDY: gettext_lazy("Så många som möjligt får sitt första val, men några hamnar längre ner."),
    RunPolicy.GENEROUS: gettext_lazy("Så få som möjligt hamnar långt ner på sin lista."),
    RunPolicy.SERIAL: gettext_lazy(
        "Eleverna väljer i lottad ordning. Lönar sig aldrig att taktikvälja mot, men färre får plats."
    ),
}


class RunStartForm(forms.Form):
    """Which rule, and whether it counts."""

    policy = forms.ChoiceField(
        label=gettext_lazy("Regel"),
        choices=RunPolicy.choices,
        initial=RunPolicy.OPTIMUM,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Så många elever som möjligt får plats först. Regeln avgör resten."),
    )
    is_trial = forms.BooleanField(required=False)


class LockForm(forms.Form):
    """Where a learner should be, and why."""

    slot = forms.ChoiceField(label=gettext_lazy("Plats"))
    reason = forms.CharField(
        label=gettext_lazy("Orsak"),
        max_length=200,
        help_text=gettext_lazy("Syns för skolans personal. Skriv inget om hälsa eller skyddade uppgifter."),
    )

    def __init__(self, *args: Any, options: Sequence[LockOption], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slot"].choices = [
            ("", _("Välj plats")),
            (_("Elevens val"), [(str(o.slot_id), _label(o)) for o in options if o.rank]),
            (_("Andra platser som passar"), [(str(o.slot_id), _label(o)) for o in options if not o.rank]),
        ]


class ResultFilterForm(forms.Form):
    """Class and outcome."""

    klass = forms.ChoiceField(label=gettext_lazy("Klass"), required=False)
    utfall = forms.ChoiceField(label=gettext_lazy("Utfall"), required=False)

    def __init__(self, *args: Any, classes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["klass"].choices = [("", _("Alla klasser")), *classes]
        self.fields["utfall"].choices = [
            ("", _("Alla utfall")),
            ("first", _("Val 1")),
            ("second_third", _("Val 2–3")),
            ("lower", _("Val 4 och längre ner")),
            ("outside", _("Utanför valen")),
            ("locked", _("Låsta")),
            ("unplaced", _("Utan plats")),
            *((key, _("Utan plats: %(why)s") % {"why": label}) for key, label in UNPLACED_LABELS.items()),
        ]


def _label(option: LockOption) -> str:
    rank = _("val %(rank)d, ") % {"rank": option.rank} if option.rank else ""
    left = ngettext("%(count)d ledig", "%(count)d lediga", option.left) % {"count": option.left}
    return f"{option.title}, {option.city} ({rank}{left})"
