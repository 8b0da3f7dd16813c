"""Pages that belong to no app: the style guide and the choice of light or dark."""

from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from core import styleguide as samples

SCHEMES: Final = ("light", "dark", "auto")
SCHEME_COOKIE: Final = "scheme"
YEAR: Final = 365 * 24 * 3600


def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for those who build and review pages."""
    if not (settings.DEBUG or settings.BRYGGAN_DEMO):
        raise Http404
    return render(request, "styleguide.html", samples.context(request))


@require_POST
def set_scheme(request: HttpRequest) -> HttpResponse:
    """Remembers light, dark or as the device in a cookie and goes back to where you were."""
    scheme, target = request.POST.get("scheme", ""), request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(target if safe else "/")
    if scheme in SCHEMES:
        response.set_cookie(SCHEME_COOKIE, scheme, max_age=YEAR, secure=request.is_secure(), samesite="Lax")
    return response


def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement (DOS-lagen, 2018:1937)."""
    return render(request, "accessibility.html")


def privacy(request: HttpRequest) -> HttpResponse:
    """What personal data is kept, why, and by whom."""
    return render(request, "privacy.html")
