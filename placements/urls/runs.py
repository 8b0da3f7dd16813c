"""To be filled by its pages."""

from django.urls import URLPattern

patterns: list[URLPattern] = []
