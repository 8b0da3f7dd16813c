"""The employer's answer page behind a signed link: no account, one question."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.access import link_view
from core.errors import DomainError
from core.ratelimit import TooMany, hit
from core.tenancy import scope
from placements.forms.answers import AnswerForm
from placements.selectors.hosting import Guest, guests
from placements.selectors.links import OpenedLink, open_link
from placements.services.answers import answer, renew_link

TRIES, WINDOW = 60, 600
RENEWALS, RENEWAL_WINDOW = 3, 3600


@link_view
def answer_link(request: HttpRequest, token: str) -> HttpResponse:
    """Ask about each learner; on POST, take the answers."""
    try:
        hit(request, "answer_link", limit=TRIES, seconds=WINDOW)
    except TooMany as error:
        return _closed(request, "placements/answer_paused.html", {"message": error.message}, status=429)
    opened = open_link(token)
    if opened is None:
        return _closed(request, "placements/answer_unknown.html", {}, status=404)
    if not opened.works:
        return _closed(request, "placements/answer_expired.html", {"opened": opened, "token": token}, status=410)
    with scope(opened.scope):
        return _answer(request, opened, token)


@link_view
def answer_thanks(request: HttpRequest, token: str) -> HttpResponse:
    """Say what was answered and what happens next."""
    opened = open_link(token)
    if opened is None or not opened.works:
        return redirect("placements:answer_link", token=token)
    with scope(opened.scope):
        found = _guests(opened)
    context = {
        "opened": opened,
        "token": token,
        "coming": [guest for guest in found if guest.answer == "yes"],
        "declined": [guest for guest in found if guest.answer == "no"],
        "waiting": [guest for guest in found if not guest.answer],
    }
    return render(request, "placements/answer_thanks.html", context)


@link_view
@require_POST
def answer_renew(request: HttpRequest, token: str) -> HttpResponse:
    """Mail a new link to the employer's contact, never to an address typed here."""
    opened = open_link(token)
    if opened is None:
        return _closed(request, "placements/answer_unknown.html", {}, status=404)
    try:
        hit(request, f"answer_renew:{opened.link.pk.hex}", limit=RENEWALS, seconds=RENEWAL_WINDOW)
    except TooMany as error:
        return _closed(request, "placements/answer_paused.html", {"message": error.message}, status=429)
    with scope(opened.scope):
        renew_link(link=opened.link, actor=opened.actor)
    return redirect("placements:answer_renewed")


@link_view
def answer_renewed(request: HttpRequest) -> HttpResponse:
    """Say that a new link is on its way."""
    return render(request, "placements/answer_renewed.html")


def _answer(request: HttpRequest, opened: OpenedLink, token: str) -> HttpResponse:
    found = _guests(opened)
    form = AnswerForm(request.POST if request.method == "POST" else None, guests=found)
    if request.method == "POST" and form.is_valid():
        try:
            answer(answers=form.answers(), actor=opened.actor, link=opened.link)
        except DomainError as error:
            form.add_error(error.field, str(error.message))
        else:
            return redirect("placements:answer_thanks", token=token)
    waiting = [guest for guest in form.guests if not guest.answer]
    context = {
        "opened": opened,
        "form": form,
        "open_guests": form.guests,
        "closed_guests": [guest for guest in found if not guest.open],
        "waiting": waiting,
        "asked_weeks": sorted({week_on for guest in waiting for week_on in guest.weeks}),
        "schools": sorted({guest.placement.school_name for guest in found}),
    }
    return render(request, "placements/answer_form.html", context, status=422 if form.errors else 200)


def _guests(opened: OpenedLink) -> list[Guest]:
    return guests(employer_id=opened.link.employer_id, round_id=opened.link.round_id)


def _closed(request: HttpRequest, template: str, context: dict[str, object], *, status: int) -> HttpResponse:
    return render(request, template, context, status=status)
