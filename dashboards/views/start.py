"""The public front: the start page, and how one becomes a workplace that takes learners."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import public


@public
def start(request: HttpRequest) -> HttpResponse:
    """The public start page."""
    return render(request, "dashboards/start.html")
