"""What a learner filters the places by."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from placements.selectors.browse import Browse


class BrowseFilterForm(forms.Form):
    """Occupation field and town: only those that have places."""

    yrkesomrade = forms.ChoiceField(label=_("Yrkesområde"), required=False)
    ort = forms.ChoiceField(label=_("Ort"), required=False)

    def __init__(self, *args: Any, browse: Browse, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields, cities = self.fields["yrkesomrade"], self.fields["ort"]
        assert isinstance(fields, forms.ChoiceField)
        assert isinstance(cities, forms.ChoiceField)
        fields.choices = [("", _("Alla")), *browse.fields]
        cities.choices = [("", _("Alla")), *((city, city) for city in browse.cities)]
