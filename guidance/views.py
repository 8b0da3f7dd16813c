"""The school's plan for study and career guidance."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import org_view


@org_view("guidance.view_plan")
def plan(request: HttpRequest) -> HttpResponse:
    """Goals and activities of a year."""
    return render(request, "guidance/plan.html")
