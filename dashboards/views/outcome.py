"""What came of the placements, for the region and the authorities."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import org_view


@org_view("dashboards.view_outcome")
def outcome(request: HttpRequest) -> HttpResponse:
    """Fill rate and wishes met."""
    return render(request, "dashboards/outcome.html")
