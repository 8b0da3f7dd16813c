"""Learners come in by the codes on their card."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.access import LEARNER_SESSION_KEY, public
from core.errors import DomainError
from core.ratelimit import hit
from schools.forms import LearnerSignInForm
from schools.models import Learner
from schools.selectors.sign_in import learner_by_codes

# A whole school sits behind one address, so an address gets room for several classes at once. With six characters of
# 24 a guesser who knows a class code still needs years.
TRIES_PER_ADDRESS, WINDOW_SECONDS = 120, 300
HOME = "/elev/"


@public
@never_cache
def learner_sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for the two codes, and let the learner in."""
    if request.method != "POST" and LEARNER_SESSION_KEY in request.session:
        return redirect(HOME)
    form = LearnerSignInForm(request.POST or None)
    if request.method != "POST":
        return _page(request, form)
    try:
        hit(request, "learner_sign_in", limit=TRIES_PER_ADDRESS, seconds=WINDOW_SECONDS)
    except DomainError as error:
        form.add_error(None, str(error.message))
        return _page(request, form, status=429)
    if not form.is_valid():
        return _page(request, form, status=422)
    learner = learner_by_codes(**form.cleaned_data)
    if learner is None:
        form.add_error(None, _("Koderna stämmer inte. Kontrollera båda på ditt kort, eller be din mentor om ett nytt."))
        return _page(request, form, status=422)
    _let_in(request, learner)
    return redirect(HOME)


def _let_in(request: HttpRequest, learner: Learner) -> None:
    """Start a session of the learner's own: a new key, and nothing left of who sat here before."""
    request.session.flush()
    request.session[LEARNER_SESSION_KEY] = {
        "id": str(learner.pk),
        "region": str(learner.region_id),
        "authority": str(learner.authority_id),
        "school": str(learner.school_unit_id),
    }


def _page(request: HttpRequest, form: LearnerSignInForm, *, status: int = 200) -> HttpResponse:
    return render(request, "schools/learner_sign_in.html", {"form": form}, status=status)


@public
@require_POST
def learner_sign_out(request: HttpRequest) -> HttpResponse:
    """End the learner's session."""
    request.session.flush()
    return redirect("learner_sign_in")
