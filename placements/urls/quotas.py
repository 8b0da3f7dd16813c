"""Seats kept for an authority."""

from django.urls import URLPattern, path

from placements.views import quotas

QUOTAS = "o/<slug:org>/reserverade-platser/"

patterns: list[URLPattern] = [
    path(QUOTAS, quotas.quota_list, name="quota_list"),
    path(f"{QUOTAS}<uuid:slot_id>/", quotas.quota_detail, name="quota_detail"),
    path(f"{QUOTAS}andra/<uuid:quota_id>/", quotas.quota_change, name="quota_change"),
    path(f"{QUOTAS}ta-bort/<uuid:quota_id>/", quotas.quota_remove, name="quota_remove"),
]
