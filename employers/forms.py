"""What people type about slots, weeks, workplaces, contacts and employers."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from accounts.enums import PlacementKind
from core.ui import WeekInput
from core.weeks import week_label
from employers.enums import OccupationField
from employers.models import SlotWeek, Workplace
from employers.selectors.slots import grade_label
from employers.selectors.workplaces import municipalities_of_region, other_municipalities

GRADES = (8, 9, 10, 11, 12)
WEEK_PREFIX = "week_"


def _needed(text: Any) -> dict[str, Any]:
    return {"required": text}


def _grade_choices() -> list[tuple[int, str]]:
    return [(grade, grade_label(grade)) for grade in GRADES]


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={
            "required": _("Skriv klockslaget, till exempel 08:00."),
            "invalid": _("Skriv klockslaget som 08:00."),
        },
    )


class SlotForm(forms.Form):
    """One form for all that a slot says."""

    workplace = forms.ModelChoiceField(
        Workplace.objects.none(),
        label=_("Arbetsplats"),
        empty_label=None,
        error_messages=_needed(_("Välj var eleven ska vara.")),
    )
    title = forms.CharField(
        label=_("Rubrik"),
        max_length=120,
        help_text=_("Det första eleven läser, till exempel Bageri och butik."),
        error_messages=_needed(_("Skriv en rubrik, till exempel Bageri och butik.")),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Praktikformer"),
        choices=PlacementKind,
        initial=[PlacementKind.PRAO],
        widget=forms.CheckboxSelectMultiple,
        error_messages=_needed(_("Kryssa i minst en praktikform.")),
    )
    occupation_field = forms.ChoiceField(
        label=_("Yrkesområde"),
        choices=[("", _("Välj")), *OccupationField.choices],
        error_messages=_needed(_("Välj det yrkesområde som ligger närmast.")),
    )
    tasks = forms.CharField(
        label=_("Arbetsuppgifter"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
        help_text=_("Vad eleven gör en vanlig dag. Skriv till eleven: Du bakar, packar och möter kunder."),
        error_messages=_needed(_("Skriv vad eleven gör en vanlig dag.")),
    )
    requirements = forms.CharField(
        label=_("Bra att veta"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
        help_text=_("Till exempel mycket stående, allergier eller språk."),
    )
    bring = forms.CharField(
        label=_("Ta med"), max_length=200, required=False, help_text=_("Till exempel inneskor och matlåda.")
    )
    starts_at = _time(_("Börjar"))
    ends_at = _time(_("Slutar"))
    break_minutes = forms.IntegerField(
        label=_("Rast"),
        min_value=0,
        max_value=180,
        initial=45,
        error_messages=_needed(_("Skriv rasten i minuter, till exempel 45.")),
    )
    grades = forms.TypedMultipleChoiceField(
        label=_("Passar för"),
        choices=_grade_choices,
        coerce=int,
        initial=[8, 9],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Kryssa inte i någon om platsen passar alla."),
    )
    min_age = forms.IntegerField(
        label=_("Lägsta ålder"), min_value=13, max_value=20, required=False, help_text=_("Bara om arbetet kräver det.")
    )
    supervisor_name = forms.CharField(
        label=_("Handledare"), max_length=150, error_messages=_needed(_("Skriv vem som tar hand om eleven."))
    )
    supervisor_phone = forms.CharField(
        label=_("Handledarens telefon"), max_length=30, required=False, help_text=_("Eleven ringer hit vid sjukdom.")
    )

    def __init__(
        self, *args: Any, workplaces: QuerySet[Workplace], locked: Collection[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["workplace"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = workplaces
        for name in locked:
            self.fields[name].disabled = True


class WeeksForm(forms.Form):
    """Seats typed straight into the weeks, and the most the workplace takes at once."""

    cap = forms.IntegerField(
        label=_("Högst så många elever samtidigt på arbetsplatsen"),
        min_value=1,
        max_value=99,
        required=False,
        help_text=_("Räknar ihop alla era platser här. Lämna tomt om det inte finns någon gräns."),
    )

    def __init__(self, *args: Any, weeks: Iterable[date], rows: Mapping[date, SlotWeek], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.shown = frozenset(weeks)
        self.weeks = sorted(self.shown | set(self._posted_weeks()))
        for week in self.weeks:
            self.fields[week_name(week)] = forms.IntegerField(
                label=week_label(week),
                min_value=0,
                max_value=99,
                required=False,
                initial=rows[week].seats if week in rows else None,
                error_messages={
                    "invalid": _("Skriv ett helt tal."),
                    "min_value": _("Skriv 0 eller fler."),
                    "max_value": _("Skriv 99 eller färre."),
                },
            )

    def _posted_weeks(self) -> list[date]:
        """Read the weeks of a page that was opened long ago too: the service says that they are past."""
        names = [name.removeprefix(WEEK_PREFIX) for name in self.data if name.startswith(WEEK_PREFIX)]
        return [week for name in names if (week := _date(name))]

    def seats(self) -> dict[date, int]:
        """Return the seats typed, 0 for an empty cell."""
        return {week: self.cleaned_data.get(week_name(week)) or 0 for week in self.weeks}

    def inputs(self, weeks: Iterable[date], notes: Mapping[date, str]) -> list[WeekInput]:
        """Return the cells of some weeks for the grid."""
        return [self._input(week, notes.get(week, "")) for week in weeks]

    def _input(self, week: date, note: str) -> WeekInput:
        bound = self[week_name(week)]
        value = bound.value()
        row = self.rows.get(week)
        return WeekInput(
            name=bound.html_name,
            label=week_label(week),
            value="" if value is None else value,
            note=note,
            error=" ".join(map(str, bound.errors)),
            booked=row.taken if row else 0,
        )


def week_name(week: date) -> str:
    """Return the name of a week's cell."""
    return f"{WEEK_PREFIX}{week.isoformat()}"


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class WorkplaceForm(forms.Form):
    """An address where learners can be."""

    name = forms.CharField(
        label=_("Arbetsplatsens namn"),
        max_length=200,
        error_messages=_needed(_("Skriv det namn som står på skylten.")),
    )
    street = forms.CharField(
        label=_("Gatuadress"), max_length=200, error_messages=_needed(_("Skriv gatuadressen, så hittar eleven dit."))
    )
    postcode = forms.RegexField(
        r"^\s*\d{3}\s?\d{2}\s*$",
        label=_("Postnummer"),
        error_messages={
            "required": _("Skriv fem siffror, till exempel 507 42."),
            "invalid": _("Skriv fem siffror, till exempel 507 42."),
        },
    )
    city = forms.CharField(label=_("Ort"), max_length=80, error_messages=_needed(_("Skriv orten.")))
    municipality_code = forms.ChoiceField(
        label=_("Kommun"), error_messages=_needed(_("Välj den kommun där arbetsplatsen ligger."))
    )
    directions = forms.CharField(
        label=_("Hitta hit"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
        help_text=_("Till exempel vilken ingång, och vilken buss som stannar nära."),
    )
    risk_assessed_on = forms.DateField(
        label=_("Riskbedömning gjord"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        required=False,
        help_text=_("Den dag ni bedömde riskerna för minderåriga. Utan datum kan platser inte publiceras."),
    )

    def __init__(self, *args: Any, region_id: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        near = municipalities_of_region(region_id)
        groups = [("", _g("Välj")), (_g("I regionen"), near)] if near else [("", _g("Välj"))]
        others = (_g("Övriga kommuner"), other_municipalities(code for code, _name in near))
        field = self.fields["municipality_code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*groups, others]

    def clean_postcode(self) -> str:
        """Write "50742" as "507 42"."""
        digits = "".join(self.cleaned_data["postcode"].split())
        return f"{digits[:3]} {digits[3:]}"


class ContactForm(forms.Form):
    """Whom we write to."""

    name = forms.CharField(label=_("Namn"), max_length=150, error_messages=_needed(_("Skriv för- och efternamn.")))
    email = forms.EmailField(
        label=_("E-post"),
        error_messages={
            "required": _("Skriv en e-postadress."),
            "invalid": _("Skriv hela adressen, till exempel namn@foretag.se."),
        },
    )
    phone = forms.CharField(label=_("Telefon"), max_length=30, required=False)
    is_primary = forms.BooleanField(label=_("Får frågor och besked med e-post"), required=False, initial=True)


class ReturnForm(forms.Form):
    """Why a slot goes back to its employer."""

    reason = forms.CharField(
        label=_("Vad ska arbetsgivaren ändra?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=1000,
        help_text=_("Skickas som mejl till arbetsgivarens kontaktpersoner."),
        error_messages=_needed(_("Skriv vad arbetsgivaren ska ändra.")),
    )


class AssureForm(forms.Form):
    """What a person has judged before a slot is published."""

    suitable = forms.BooleanField(
        label=_("Arbetsuppgifterna passar eleverna och är tillåtna för deras ålder"),
        error_messages=_needed(_("Kryssa i att arbetsuppgifterna passar, eller skicka tillbaka platsen.")),
    )


class EmployerInviteForm(forms.Form):
    """An employer to take up in the register."""

    name = forms.CharField(
        label=_("Arbetsgivarens namn"), max_length=200, error_messages=_needed(_("Skriv arbetsgivarens namn."))
    )
    organisation_number = forms.CharField(
        label=_("Organisationsnummer"),
        max_length=13,
        required=False,
        help_text=_("Tio siffror. Lämna tomt för enskild firma: numret är då ett personnummer."),
    )
    contact_name = forms.CharField(label=_("Kontaktperson"), max_length=150, required=False)
    email = forms.EmailField(
        label=_("Kontaktpersonens e-post"),
        help_text=_("Hit går inbjudan. Länken gäller i 14 dagar."),
        error_messages={
            "required": _("Skriv adressen som inbjudan ska gå till."),
            "invalid": _("Skriv hela adressen, till exempel namn@foretag.se."),
        },
    )
