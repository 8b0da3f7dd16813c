"""Addresses of start pages and figures."""

from django.urls import URLPattern, path

from dashboards.views import outcome, start, supply, today

app_name = "dashboards"

# Outside the namespace: every frame points here.
public_patterns: list[URLPattern] = [path("", start.start, name="start")]

urlpatterns = [
    path("o/<slug:org>/", today.today, name="today"),
    path("o/<slug:org>/tillgang/", supply.supply, name="supply"),
    path("o/<slug:org>/rapporter/", outcome.outcome, name="outcome"),
]
