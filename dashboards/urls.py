"""Addresses of start pages and figures."""

from django.urls import URLPattern, path

from dashboards.views import today

app_name = "dashboards"

# Outside the namespace: every frame points here.
public_patterns: list[URLPattern] = [path("", today.start, name="start")]

urlpatterns = [
    path("o/<slug:org>/", today.today, name="today"),
]
