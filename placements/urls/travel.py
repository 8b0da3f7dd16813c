"""How a region estimates travel."""

from django.urls import URLPattern, path

from placements.views import travel

patterns: list[URLPattern] = [path("o/<slug:org>/resor/", travel.travel_settings, name="travel_settings")]
