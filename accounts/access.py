"""How a view says who may open it, and how the middleware finds the scope from that.

Every view carries exactly one of these decorators; a test fails on a URL without one. All but the public pages are
kept out of caches: on a shared computer the back button shows nothing of who sat there before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts import selectors
from accounts.models import Organisation, User
from core.permissions import Actor, ActorKind
from core.tenancy import Party, Scope

View = Callable[..., HttpResponse]
V = TypeVar("V", bound=View)

LEARNER_SESSION_KEY = "learner"


@dataclass(frozen=True, slots=True)
class Access:
    """What a view asks of its visitor: `kind` is org, learner, link, signed_in or public."""

    kind: str
    permission: str = ""


def org_view(permission: str) -> Callable[[View], View]:
    """Open to members of the organisation in the URL who hold the permission; to others the page does not exist."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if must_strengthen(request):
                return HttpResponseRedirect(reverse("mfa_index"))
            if not request.actor.can(permission):  # type: ignore[attr-defined]
                raise Http404
            kwargs.pop("org")
            return view(request, *args, **kwargs)

        return _marked(never_cache(wrapped), Access("org", permission))

    return decorate


class MemberRequest(HttpRequest):
    """The request of somebody who has signed in, as `org_view` and `signed_in` hand it on."""

    user: User
    actor: Actor
    organisation: Organisation


def learner_view(view: View) -> View:
    """Open to a learner who has signed in by codes."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if LEARNER_SESSION_KEY not in request.session:
            return HttpResponseRedirect(reverse("learner_sign_in"))
        return view(request, *args, **kwargs)

    return _marked(never_cache(wrapped), Access("learner"))


def signed_in(view: View) -> View:
    """Open to anyone with a sign-in of their own; the view sees no tenant rows."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return _marked(never_cache(wrapped), Access("signed_in"))


def link_view(view: View) -> View:
    """Open to whoever holds a signed link; the view opens the link's own scope. Rate limited by core.ratelimit."""
    return _marked(never_cache(view), Access("link"))


def public(view: View) -> View:
    """Open to everyone; the view sees no tenant rows of its own."""
    return _marked(view, Access("public"))


def _marked(view: View, access: Access) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view


def must_strengthen(request: HttpRequest) -> bool:
    """Tell whether the role asks for a second step which the person has not set up."""
    wanted = frozenset(settings.BRYGGAN_REQUIRE_MFA_ROLES)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return bool(wanted & actor.roles) and not selectors.has_second_step(request.user)  # type: ignore[arg-type]


def resolve_scope(request: HttpRequest, view: View, kwargs: dict[str, Any]) -> Scope | None:
    """Find the scope of a request, and put `actor` and `organisation` on it. Called by the middleware.

    Raises:
        Http404: the person is not a member of the organisation in the URL.
    """
    access: Access | None = getattr(view, "access", None)
    if access is None or access.kind not in ("org", "learner"):
        return None
    if access.kind == "learner":
        return _learner_scope(request)
    if not request.user.is_authenticated:
        return None
    return _member_scope(request, request.user, str(kwargs["org"]))


def _member_scope(request: HttpRequest, user: User, slug: str) -> Scope:
    found = selectors.seat_of(user=user, slug=slug)
    if found is None:
        raise Http404
    scope = found.organisation.scope()
    request.organisation = found.organisation  # type: ignore[attr-defined]
    request.actor = Actor(  # type: ignore[attr-defined]
        kind=ActorKind.MEMBER,
        label=user.name,
        region_id=scope.region,
        organisation_id=found.organisation.pk,
        authority_id=scope.authority,
        employer_id=scope.employer,
        user_id=user.pk,
        roles=found.roles,
    )
    return scope


def _learner_scope(request: HttpRequest) -> Scope | None:
    held = request.session.get(LEARNER_SESSION_KEY)
    if not held:
        return None
    region, authority, learner = UUID(held["region"]), UUID(held["authority"]), UUID(held["id"])
    request.actor = Actor(  # type: ignore[attr-defined]
        kind=ActorKind.LEARNER, label="Elev", region_id=region, authority_id=authority, learner_id=learner
    )
    return Scope(Party.LEARNER, region=region, authority=authority, learner=learner)
