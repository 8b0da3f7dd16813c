"""The filters of the pages of figures, kept in the URL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import PlacementKind
from core.municipalities import MUNICIPALITIES
from core.weeks import Term, range_label, school_year, school_year_label, term_from_code, today
from dashboards.selectors.forecast import ForecastCell, ForecastPage
from dashboards.selectors.forecast_inputs import school_years
from dashboards.selectors.supply import SupplyFilter, default_term
from employers.enums import OccupationField
from schools.selectors.classes import swedish_key


class SupplyFilterForm(forms.Form):
    """What the page of supply and demand is about. Without anything chosen: prao in the term that is being planned."""

    kind = forms.ChoiceField(label=_("Praktikform"), required=False)
    municipality = forms.ChoiceField(label=_("Kommun"), required=False)
    field = forms.ChoiceField(label=_("Yrkesområde"), required=False)
    term = forms.ChoiceField(label=_("Veckor"), required=False)

    def __init__(self, data: Any, *, municipalities: list[str], terms: list[Term]) -> None:
        defaults = {"kind": PlacementKind.PRAO.value, "municipality": "", "field": "", "term": default_term().code}
        super().__init__({name: data.get(name, default) for name, default in defaults.items()})
        everywhere = [(code, MUNICIPALITIES.get(code, code)) for code in municipalities]
        self._choose("kind", [("", _("Alla former")), *PlacementKind.choices])
        self._choose("municipality", [("", _("Alla kommuner")), *sorted(everywhere, key=lambda one: one[1])])
        self._choose("field", [("", _("Alla")), *OccupationField.choices])
        self._choose("term", [(term.code, _term_label(term)) for term in terms])
        self.defaults = defaults

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        found = self.fields[name]
        assert isinstance(found, forms.ChoiceField)
        found.choices = choices
        found.error_messages["invalid_choice"] = _("Välj något av det som finns i listan.")

    @property
    def chosen(self) -> SupplyFilter:
        """Return the filter; what could not be understood counts as not chosen."""
        self.is_valid()
        data = {name: self.cleaned_data.get(name, default) for name, default in self.defaults.items()}
        term = term_from_code(data.pop("term")) or default_term()
        return SupplyFilter(term=term, **data)


def _term_label(term: Term) -> str:
    text = _("%(weeks)s, hösten %(year)s") if term.autumn else _("%(weeks)s, våren %(year)s")
    return text % {"weeks": range_label(SupplyFilter(term).weeks), "year": term.year}


class OutcomeFilterForm(forms.Form):
    """Which school year, and for an authority which of its rounds."""

    school_year = forms.TypedChoiceField(label=_("Läsår"), coerce=int, required=False)
    round = forms.TypedChoiceField(label=_("Omgång"), coerce=UUID, required=False, empty_value=None)

    def __init__(self, data: Any, *, rounds: list[tuple[str, str]] | None) -> None:
        now = school_year(today())
        super().__init__({"school_year": data.get("school_year") or str(now), "round": data.get("round", "")})
        invalid = _("Välj något av det som finns i listan.")
        years = self.fields["school_year"]
        assert isinstance(years, forms.TypedChoiceField)
        years.choices = [(str(year), school_year_label(year)) for year in range(now + 1, now - 3, -1)]
        years.error_messages["invalid_choice"] = invalid
        if rounds is None:
            del self.fields["round"]
            return
        chosen = self.fields["round"]
        assert isinstance(chosen, forms.TypedChoiceField)
        chosen.choices = [("", _("Alla omgångar")), *rounds]
        chosen.error_messages["invalid_choice"] = invalid

    @property
    def chosen_year(self) -> int:
        """Return the school year, this one when it could not be understood."""
        self.is_valid()
        return self.cleaned_data.get("school_year") or school_year(today())

    @property
    def chosen_round(self) -> UUID | None:
        """Return the round's id, None for all."""
        self.is_valid()
        return self.cleaned_data.get("round")


class ForecastForm(forms.Form):
    """What to forecast."""

    kind = forms.ChoiceField(label=_("Praktikform"), choices=PlacementKind, initial=PlacementKind.PRAO)
    start_year = forms.TypedChoiceField(label=_("Läsår"), coerce=int)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        years = self.fields["start_year"]
        assert isinstance(years, forms.TypedChoiceField)
        years.choices = [(year, school_year_label(year)) for year in school_years()]
        for field in self.fields.values():
            field.error_messages["invalid_choice"] = _("Välj något av det som finns i listan.")


class ForecastCellForm(forms.Form):
    """Which cells of a forecast to see, kept in the URL."""

    week = forms.ChoiceField(label=_("Vecka"), required=False)
    field = forms.ChoiceField(label=_("Yrkesområde"), required=False)
    place = forms.ChoiceField(label=_("Kommun"), required=False)

    def __init__(self, data: Any, *, page: ForecastPage) -> None:
        super().__init__({name: data.get(name, "") for name in ("week", "field", "place")})
        self._choose("week", _("Alla veckor"), [(row.key, row.name) for row in page.weeks])
        self._choose("field", _("Alla"), [(row.key, row.name) for row in page.fields])
        self._choose("place", _("Alla kommuner"), [(row.key, row.name) for row in page.places])

    def _choose(self, name: str, everything: Any, choices: list[tuple[str, str]]) -> None:
        found = self.fields[name]
        assert isinstance(found, forms.ChoiceField)
        by_name = choices if name == "week" else sorted(choices, key=lambda choice: swedish_key(choice[1]))
        found.choices = [("", everything), *by_name]
        found.error_messages["invalid_choice"] = _("Välj något av det som finns i listan.")

    def admitted(self, cells: Sequence[ForecastCell]) -> list[ForecastCell]:
        """Return the cells asked for; what could not be understood counts as not chosen."""
        self.is_valid()
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        return [
            cell
            for cell in cells
            if asked.get("week", cell.week_on.isoformat()) == cell.week_on.isoformat()
            and asked.get("field", cell.field) == cell.field
            and asked.get("place", cell.place) == cell.place
        ]
