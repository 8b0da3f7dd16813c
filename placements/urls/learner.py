"""The learner's own pages."""

from django.urls import URLPattern, path

from placements.views import learner, learner_choices, learner_places

patterns: list[URLPattern] = [
    path("elev/", learner.learner_weeks, name="learner_weeks"),
    path("elev/platser/", learner_places.learner_browse, name="learner_browse"),
    path("elev/platser/<uuid:slot_id>/", learner_places.learner_slot, name="learner_slot"),
    path("elev/val/", learner_choices.learner_choices, name="learner_choices"),
    path("elev/val/skicka-in/", learner_choices.learner_submit, name="learner_submit"),
    path("elev/plats/", learner.learner_placement, name="learner_placement"),
]
