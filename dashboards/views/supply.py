"""Supply against demand, for the region and the authorities."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import org_view


@org_view("dashboards.view_supply")
def supply(request: HttpRequest) -> HttpResponse:
    """Seats against demand per week."""
    return render(request, "dashboards/supply.html")
