"""Learners coming to an employer, from all schools, with the answers given there too."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import org_view
from core.errors import DomainError
from core.ui import receipt
from placements.forms.answers import AnswerForm
from placements.selectors.hosting import by_weeks, guests
from placements.services.answers import answer


@org_view("employers.view_learners")
def coming_list(request: HttpRequest) -> HttpResponse:
    """Who is coming, by week; on POST, take answers."""
    found = guests(employer_id=request.actor.employer_id)
    waiting = [guest for guest in found if guest.open and not guest.answer]
    posted, changing = request.method == "POST", "andra" in request.GET
    form = AnswerForm(request.POST if posted else None, guests=found if posted or changing else waiting)
    if posted and form.is_valid():
        try:
            outcome = answer(answers=form.answers(), actor=request.actor)
        except DomainError as error:
            form.add_error(error.field, str(error.message))
        else:
            receipt(request, _("Tack, skolan ser svaret nu: %(yes)d ja, %(no)d nej.")
                    % {"yes": outcome.confirmed, "no": outcome.declined})  # fmt: skip
            return redirect("placements:coming_list", request.organisation.slug)
    groups = by_weeks([guest for guest in found if guest.answer == "yes"])
    context = {
        "form": form,
        "waiting": waiting,
        "changing": changing,
        "can_change": any(guest.open and guest.answer for guest in found),
        "groups": [group for group in groups if not group.past],
        "past": [group for group in reversed(groups) if group.past],
        "here": sum(1 for group in groups if not group.past for guest in group.guests if not guest.open),
        "coming": sum(1 for guest in found if guest.answer == "yes" and guest.open),
    }
    return render(request, "placements/coming_list.html", context, status=422 if form.errors else 200)
