"""Start pages: what needs you."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import org_view
from dashboards.selectors.today import today_for


@org_view("accounts.view_today")
def today(request: HttpRequest) -> HttpResponse:
    """What needs the member today."""
    return render(request, "dashboards/today.html", {"page": today_for(request.actor, request.organisation)})
