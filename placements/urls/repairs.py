"""Repair of a published round, and questions about a run."""

from django.urls import URLPattern, path

from placements.views import repairs, whatif

REPAIR = "o/<slug:org>/fordelning/omgang/<uuid:round_id>/reparera/"

patterns: list[URLPattern] = [
    path(REPAIR, repairs.repair_detail, name="repair_detail"),
    path(f"{REPAIR}rakna/", repairs.repair_start, name="repair_start"),
    path("o/<slug:org>/fordelning/<uuid:run_id>/reparera/", repairs.repair_publish, name="repair_publish"),
    path("o/<slug:org>/fordelning/<uuid:run_id>/tank-om/", whatif.run_whatif, name="run_whatif"),
]
