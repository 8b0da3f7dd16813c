"""Start pages: what needs you."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import MemberRequest, org_view
from accounts.enums import OrganisationKind
from core.weeks import today as this_day
from dashboards.selectors.today.page import today_for
from dashboards.selectors.today.school import class_overview


@org_view("accounts.view_today")
def today(request: MemberRequest) -> HttpResponse:
    """What needs the member today, and for a school its classes."""
    context = {"page": today_for(request.actor, request.organisation)}
    if request.organisation.kind == OrganisationKind.SCHOOL_UNIT:
        context["classes"] = class_overview(request.organisation, this_day())
    return render(request, "dashboards/today.html", context)
