"""Addresses of start pages and figures."""

from django.urls import URLPattern, path

from dashboards.views import forecast, outcome, start, supply, today

app_name = "dashboards"

_FORECAST = "o/<slug:org>/prognos/"

# Outside the namespace: every frame points here.
public_patterns: list[URLPattern] = [
    path("", start.start, name="start"),
    path("intresse/", start.interest, name="interest"),
]

urlpatterns = [
    path("o/<slug:org>/", today.today, name="today"),
    path("o/<slug:org>/tillgang/", supply.supply, name="supply"),
    path("o/<slug:org>/tillgang/<slug:table>.xlsx", supply.supply_export, name="supply_export"),
    path(_FORECAST, forecast.forecast, name="forecast"),
    path(f"{_FORECAST}<uuid:forecast_id>/", forecast.forecast_detail, name="forecast_detail"),
    path(f"{_FORECAST}<uuid:forecast_id>/<slug:table>.xlsx", forecast.forecast_export, name="forecast_export"),
    path("o/<slug:org>/rapporter/", outcome.outcome, name="outcome"),
    path("o/<slug:org>/rapporter/<slug:table>.xlsx", outcome.outcome_export, name="outcome_export"),
]
