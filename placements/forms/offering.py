"""Choices of a filter that are read from the data."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms

OPTIONS_OFFERED: Final = 200


def offer(form: forms.Form, name: str, options: Mapping[str, str], *, everything: Any) -> None:
    """Offer the options after `everything`, or only the one that is chosen when they are too many to choose from.

    A field that would offer nothing is left out: the list is then searched instead.
    """
    if len(options) > OPTIONS_OFFERED:
        options = {value: label for value, label in options.items() if value == form.data.get(name)}
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", everything), *options.items()]
    if not options:
        del form.fields[name]
