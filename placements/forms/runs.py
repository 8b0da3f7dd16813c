"""Start a run, lock a learner, filter results, compare runs, and say when learners see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from placements.enums import RunPolicy, RunPurpose
from placements.explaining import UNPLACED_LABELS
from placements.forms.offering import offer
from placements.selectors.locks import LockOption

_MOMENT = "%Y-%m-%dT%H:%M"
LATEST = timedelta(days=60)
POLICY_HINTS = {
    RunPolicy.OPTIMUM: gettext_lazy("Så bra val som möjligt för alla tillsammans. Passar nästan alltid."),
    RunPolicy.GREEDY: gettext_lazy("Så många som möjligt får sitt första val, men några hamnar längre ner."),
    RunPolicy.GENEROUS: gettext_lazy("Så få som möjligt hamnar långt ner på sin lista."),
    RunPolicy.SERIAL: gettext_lazy(
        "Eleverna väljer i lottad ordning. Lönar sig aldrig att taktikvälja mot, men färre får plats."
    ),
}
NOW, LATER = "now", "later"


class RunStartForm(forms.Form):
    """Which rule, whether it counts, and whether it is for all or for those left without a place."""

    policy = forms.ChoiceField(
        label=gettext_lazy("Regel"),
        choices=RunPolicy.choices,
        initial=RunPolicy.OPTIMUM,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Så många elever som möjligt får plats först. Regeln avgör resten."),
    )
    purpose = forms.ChoiceField(
        choices=[(RunPurpose.FULL.value, ""), (RunPurpose.REST.value, "")],
        required=False,
        widget=forms.HiddenInput,
    )
    shares_shortage = forms.BooleanField(
        label=gettext_lazy("Dela bristen jämnt mellan skolorna"),
        required=False,
        help_text=gettext_lazy(
            "Lika många får plats, och ingen skola får långt större andel utan plats än en annan. Det går före valen."
        ),
    )
    is_trial = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """Whoever chooses in turn takes what is left, wherever they go to school."""
        asked = super().clean() or {}
        if asked.get("shares_shortage") and asked.get("policy") == RunPolicy.SERIAL:
            self.add_error("shares_shortage", _("Lottad turordning kan inte dela bristen. Välj en annan regel."))
        return asked

    def clean_purpose(self) -> str:
        """An address without the field means the whole round."""
        return self.cleaned_data["purpose"] or RunPurpose.FULL


class PublishForm(forms.Form):
    """When learners and guardians see the result."""

    when = forms.ChoiceField(
        label=gettext_lazy("Eleverna ser resultatet"),
        choices=[(NOW, gettext_lazy("När ångertiden är slut")), (LATER, gettext_lazy("Vid en bestämd tid"))],
        initial=NOW,
        widget=forms.RadioSelect,
    )
    at = forms.DateTimeField(
        label=gettext_lazy("Tid"),
        help_text=gettext_lazy("Till exempel en måndag kl. 8.00, när skolan kan ta emot frågor."),
        error_messages={"required": gettext_lazy("Skriv dag och klockslag, eller välj När ångertiden är slut.")},
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT),
        input_formats=[_MOMENT, "%Y-%m-%d %H:%M"],
    )

    def __init__(self, *args: Any, undo_until: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.undo_until = undo_until
        # It is asked for only when it counts, and never called optional: the choice above says when it is.
        self.fields["at"].required = not self.is_bound or self.data.get("when") == LATER

    def clean(self) -> dict[str, Any]:
        """A set hour must come after the time in which publishing can be taken back."""
        asked = super().clean() or {}
        at = asked.get("at")
        if asked.get("when") != LATER or at is None:
            return asked
        if at < self.undo_until:
            self.add_error(
                "at", _("Välj en tid efter ångertiden, tidigast %(when)s.") % {"when": _clock(self.undo_until)}
            )
        elif at > timezone.now() + LATEST:
            self.add_error("at", _("Välj en tid inom två månader."))
        return asked

    @property
    def results_at(self) -> datetime | None:
        """Return the hour set; None for as soon as it can be."""
        at: datetime | None = self.cleaned_data.get("at")
        return at if self.cleaned_data["when"] == LATER else None


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

    def __init__(self, *args: Any, classes: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "klass", classes, everything=_("Alla klasser"))
        self.fields["utfall"].choices = [
            ("", _("Alla utfall")),
            ("first", _("Val 1")),
            ("second_third", _("Val 2–3")),
            ("lower", _("Val 4 och längre ner")),
            ("outside", _("Utanför valen")),
            ("locked", _("Låsta")),
            ("moved", _("Byter plats")),
            ("far", _("Lång resa")),
            ("risk_assessment", _("Riskbedömning saknas")),
            ("supervisor", _("Handledare saknas")),
            ("unplaced", _("Utan plats")),
            *((key, _("Utan plats: %(why)s") % {"why": label}) for key, label in UNPLACED_LABELS.items()),
        ]


class CompareForm(forms.Form):
    """Which two runs stand side by side, and whose moves are listed."""

    a = forms.ChoiceField(label=gettext_lazy("Körning A"))
    b = forms.ChoiceField(label=gettext_lazy("Körning B"))

    def __init__(self, *args: Any, runs: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("a", "b"):
            self.fields[name].choices = runs


class MoveFilterForm(forms.Form):
    """Class and direction, in the list of those who move between two runs."""

    klass = forms.ChoiceField(label=gettext_lazy("Klass"), required=False)
    riktning = forms.ChoiceField(
        label=gettext_lazy("Vad som ändras"),
        required=False,
        choices=[
            ("", gettext_lazy("Alla som byter")),
            ("better", gettext_lazy("Bättre val i B")),
            ("worse", gettext_lazy("Bättre val i A")),
            ("gains", gettext_lazy("Plats bara i B")),
            ("loses", gettext_lazy("Plats bara i A")),
        ],
    )

    def __init__(self, *args: Any, classes: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "klass", classes, everything=_("Alla klasser"))


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H.%M}"


def _label(option: LockOption) -> str:
    rank = _("val %(rank)d, ") % {"rank": option.rank} if option.rank else ""
    left = ngettext("%(count)d ledig", "%(count)d lediga", option.left) % {"count": option.left}
    return f"{option.title}, {option.city} ({rank}{left})"
