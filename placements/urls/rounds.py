"""Rounds and who has chosen."""

from django.urls import URLPattern, path

from placements.views import choices, rounds

patterns: list[URLPattern] = [
    path("o/<slug:org>/omgangar/", rounds.round_list, name="round_list"),
    path("o/<slug:org>/omgangar/ny/", rounds.round_open, name="round_open"),
    path("o/<slug:org>/omgangar/<uuid:round_id>/", rounds.round_detail, name="round_detail"),
    path("o/<slug:org>/omgangar/<uuid:round_id>/andra/", rounds.round_change, name="round_change"),
    path("o/<slug:org>/omgangar/<uuid:round_id>/ta-bort/", rounds.round_delete, name="round_delete"),
    path("o/<slug:org>/omgangar/<uuid:round_id>/paminn/", rounds.round_remind, name="round_remind"),
    path("o/<slug:org>/omgangar/<uuid:round_id>/paminn/angra/", rounds.round_remind_undo, name="round_remind_undo"),
    path("o/<slug:org>/val/", choices.round_choices, name="round_choices"),
]
