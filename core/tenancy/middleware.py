"""One transaction and one scope round the whole response."""

from collections.abc import Callable
from contextlib import nullcontext

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.module_loading import import_string

from core.tenancy.scopes import Scope, scope

View = Callable[..., HttpResponseBase]
Resolver = Callable[[HttpRequest, "object", dict[str, object]], Scope | None]


def outside_tenancy(view: View) -> View:
    """Mark a view that must answer without a database: no transaction is opened for it."""
    view.bare = True  # type: ignore[attr-defined]
    return transaction.non_atomic_requests(view)


class TenancyMiddleware:
    """Ask `settings.TENANCY_RESOLVER` who is asking, and open that scope round view and template.

    ATOMIC_REQUESTS alone would open its transaction inside this middleware, after the scope was set; a transaction here
    alone would commit what a failed view had written. Hence both, and a roll-back on every 5xx.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.resolver: Resolver = import_string(settings.TENANCY_RESOLVER)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            match = resolve(request.path_info, getattr(request, "urlconf", None))
        except Resolver404:
            return self.get_response(request)
        if getattr(match.func, "bare", False):
            return self.get_response(request)
        with transaction.atomic():
            found = self.resolver(request, match.func, match.kwargs)
            with scope(found) if found else nullcontext():
                response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            return response
