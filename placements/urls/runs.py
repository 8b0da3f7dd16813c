"""Allocation runs."""

from django.urls import URLPattern, path

from placements.views import publishing, run_compare, run_learners, run_review, runs

ROUND = "o/<slug:org>/fordelning/omgang/<uuid:round_id>/"
RUN = "o/<slug:org>/fordelning/<uuid:run_id>/"

patterns: list[URLPattern] = [
    path("o/<slug:org>/fordelning/", runs.run_index, name="run_index"),
    path(ROUND, runs.run_list, name="run_list"),
    path(f"{ROUND}kor/", runs.run_start, name="run_start"),
    path(f"{ROUND}jamfor/", run_compare.run_compare, name="run_compare"),
    path(f"{ROUND}lasningar/<uuid:lock_id>/ta-bort/", run_learners.lock_remove, name="lock_remove"),
    path(RUN, runs.run_detail, name="run_detail"),
    path(f"{RUN}elever/", run_learners.run_results, name="run_results"),
    path(f"{RUN}elever/<uuid:assignment_id>/las/", run_learners.lock_make, name="lock_make"),
    path(f"{RUN}underlag/", runs.run_file, name="run_file"),
    path(f"{RUN}kassera/", runs.run_discard, name="run_discard"),
    path(f"{RUN}varningar/<slug:code>/", run_review.run_warning, name="run_warning"),
    path(f"{RUN}granska/", run_review.run_review, name="run_review"),
    path(f"{RUN}oppna-igen/", run_review.run_reopen, name="run_reopen"),
    path(f"{RUN}publicera/", publishing.run_publish, name="run_publish"),
    path(f"{RUN}angra/", publishing.run_undo, name="run_undo"),
]
