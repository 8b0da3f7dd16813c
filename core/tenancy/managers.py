"""Querysets that refuse to run without a scope.

They refuse when a query is *evaluated*: guarding construction would break every ModelForm. Row-level security
stops what slips past the ORM.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db import models

from core.tenancy.scopes import require_scope

M_co = TypeVar("M_co", bound=models.Model, covariant=True)

# Every QuerySet method that reaches the database; `get`, `first`, `in_bulk` and their like end in one of these.
GUARDED = (
    "_fetch_all",
    "iterator",
    "aggregate",
    "count",
    "exists",
    "contains",
    "explain",
    "create",
    "bulk_create",
    "bulk_update",
    "update",
    "delete",
    "_insert",
    "_update",
    "_raw_delete",
)


def _guard(name: str) -> Callable[..., Any]:
    inherited = getattr(models.QuerySet, name)

    @wraps(inherited)
    def guarded(self: models.QuerySet[Any], *args: Any, **kwargs: Any) -> Any:
        require_scope()
        return inherited(self, *args, **kwargs)

    return guarded


class TenantQuerySet(models.QuerySet[M_co]):
    """A queryset over a tenant table."""


for _name in GUARDED:
    setattr(TenantQuerySet, _name, _guard(_name))

TenantManager = models.Manager.from_queryset(TenantQuerySet)
