"""Start pages: what needs you."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import MemberRequest, org_view
from accounts.enums import OrganisationKind
from core.weeks import school_year
from core.weeks import today as this_day
from dashboards.selectors.today.page import today_for
from dashboards.selectors.today.school import class_overview
from placements.selectors.days import day_groups


@org_view("accounts.view_today")
def today(request: MemberRequest) -> HttpResponse:
    """What needs the member today, and a school's classes for those who may see its learners: the groups are small."""
    context: dict[str, Any] = {"page": today_for(request.actor, request.organisation)}
    if request.organisation.kind == OrganisationKind.SCHOOL_UNIT and request.actor.can("schools.view_classes"):
        day = this_day()
        context["classes"] = class_overview(request.organisation, day)
        context["day_groups"] = day_groups(school_unit_id=request.organisation.pk, school_year=school_year(day))
    return render(request, "dashboards/today.html", context)
