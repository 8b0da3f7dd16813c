"""Allocation runs."""

from django.urls import URLPattern, path

from placements.views import runs

ROUND = "o/<slug:org>/fordelning/omgang/<uuid:round_id>/"
RUN = "o/<slug:org>/fordelning/<uuid:run_id>/"

patterns: list[URLPattern] = [
    path("o/<slug:org>/fordelning/", runs.run_index, name="run_index"),
    path(ROUND, runs.run_list, name="run_list"),
    path(f"{ROUND}kor/", runs.run_start, name="run_start"),
    path(f"{ROUND}lasningar/<uuid:lock_id>/ta-bort/", runs.lock_remove, name="lock_remove"),
    path(RUN, runs.run_detail, name="run_detail"),
    path(f"{RUN}elever/", runs.run_results, name="run_results"),
    path(f"{RUN}elever/<uuid:assignment_id>/las/", runs.lock_make, name="lock_make"),
    path(f"{RUN}underlag/", runs.run_file, name="run_file"),
    path(f"{RUN}kassera/", runs.run_discard, name="run_discard"),
]
