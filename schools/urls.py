"""Addresses of schools."""

from django.urls import URLPattern

app_name = "schools"

urlpatterns: list[URLPattern] = []

# Outside the namespace: the learner decorator redirects here by name.
public_patterns: list[URLPattern] = []
