"""Invitations, people, my settings and the access log."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import login
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import selectors, services
from accounts.access import MemberRequest, link_view, org_view, signed_in
from accounts.context import navigation
from accounts.enums import ColorScheme
from accounts.forms import AcceptInvitationForm, InviteForm, SettingsForm
from core.errors import DomainError
from core.ratelimit import hit
from core.ui import receipt
from core.views import SCHEME_COOKIE, YEAR

UNPROCESSABLE = 422


@signed_in
def home(request: MemberRequest) -> HttpResponse:
    """Send a person who has signed in to the start page of their organisation, or let them choose."""
    seats = selectors.seats_of(request.user)
    if len(seats) == 1:
        return redirect("dashboards:today", org=seats[0].organisation.slug)
    return render(request, "accounts/home.html", {"seats": seats})


@org_view("accounts.view_today")
def more(request: MemberRequest) -> HttpResponse:
    """List every page of the role: the fourth tab of the phone."""
    return render(request, "accounts/more.html", {"pages": navigation(request.actor, request.organisation)})


@link_view
@require_http_methods(["GET", "POST"])
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation and take the answer."""
    try:
        hit(request, "invitation", limit=30, seconds=300)
        invitation = services.open_invitation(token)
    except DomainError as error:
        return render(request, "accounts/invitation_refused.html", {"error": error}, status=410)
    known = selectors.has_account(invitation.email)
    form = AcceptInvitationForm(request.POST or None)
    if request.method == "POST" and (known or form.is_valid()):
        answers = {} if known else form.cleaned_data
        user = services.accept_invitation(
            token=token, name=answers.get("name", ""), password=answers.get("password", "")
        )
        if not known:
            login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        receipt(request, _("Välkommen till %(name)s.") % {"name": invitation.organisation.name})
        return redirect("dashboards:today", org=invitation.organisation.slug)
    context = {"invitation": invitation, "organisation": invitation.organisation, "form": form, "known": known}
    return render(request, "accounts/invitation_accept.html", context, status=UNPROCESSABLE if form.errors else 200)


@org_view("accounts.manage_people")
@require_http_methods(["GET", "POST"])
def person_list(request: MemberRequest) -> HttpResponse:
    """Everyone with a role in the organisation, those invited, and a form to invite one more."""
    form = InviteForm(request.POST or None, organisation=request.organisation)
    if request.method == "POST" and form.is_valid():
        try:
            services.invite(organisation=request.organisation, actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field, str(error.message))
        else:
            receipt(request, _("Inbjudan är på väg till %(email)s.") % {"email": form.cleaned_data["email"]})
            return redirect("accounts:person_list", org=request.organisation.slug)
    context = {
        "form": form,
        "members": selectors.members_of(request.organisation),
        "invitations": selectors.open_invitations_of(request.organisation),
    }
    return render(request, "accounts/person_list.html", context, status=UNPROCESSABLE if form.errors else 200)


@org_view("accounts.manage_people")
@require_http_methods(["GET", "POST"])
def membership_end(request: MemberRequest, membership_id: str) -> HttpResponse:
    """Ask, then take a role from a person."""
    membership = get_object_or_404(selectors.members_of(request.organisation), pk=membership_id)
    if request.method == "GET":
        return render(request, "accounts/membership_end.html", {"membership": membership})
    return _done(
        request,
        lambda: services.end_membership(membership=membership, actor=request.actor),
        _("%(name)s har inte längre rollen.") % {"name": membership.user.name},
    )


@org_view("accounts.manage_people")
@require_POST
def invitation_withdraw(request: MemberRequest, invitation_id: str) -> HttpResponse:
    """Take back an invitation."""
    invitation = get_object_or_404(selectors.open_invitations_of(request.organisation), pk=invitation_id)
    return _done(
        request,
        lambda: services.withdraw_invitation(invitation=invitation),
        _("Inbjudan är tillbakadragen. Länken fungerar inte längre."),
    )


def _done(request: MemberRequest, act: Callable[[], None], sentence: str) -> HttpResponse:
    try:
        act()
    except DomainError as error:
        receipt(request, error.message)
    else:
        receipt(request, sentence)
    return redirect("accounts:person_list", org=request.organisation.slug)


@org_view("accounts.view_access_log")
def access_log(request: MemberRequest) -> HttpResponse:
    """Who has opened pages about learners, newest first."""
    page = Paginator(selectors.access_log_of(request.organisation), 50).get_page(request.GET.get("page"))
    return render(request, "accounts/access_log.html", {"page": page})


@signed_in
@require_http_methods(["GET", "POST"])
def my_settings(request: MemberRequest) -> HttpResponse:
    """Language, appearance, notifications; sign-ins by allauth's pages."""
    form = SettingsForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        services.save_settings(user=request.user, **form.cleaned_data)
        receipt(request, _("Dina inställningar är sparade."))
        response = redirect("accounts:my_settings")
        _remember(response, form.cleaned_data["language"], form.cleaned_data["color_scheme"])
        return response
    return render(request, "accounts/my_settings.html", {"form": form}, status=UNPROCESSABLE if form.errors else 200)


def _remember(response: HttpResponse, language: str, scheme: str) -> None:
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax")
    response.set_cookie(SCHEME_COOKIE, "auto" if scheme == ColorScheme.DEVICE else scheme, max_age=YEAR, samesite="Lax")
