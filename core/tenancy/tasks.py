"""Celery task bases: a worker acts inside a tenant's scope, or for a named system reason."""

from typing import Any
from uuid import UUID

from celery import Task
from django.apps import apps
from django.conf import settings

from core.tenancy.scopes import Scope, SystemReason, scope, system_scope


class TenantTask(Task):  # type: ignore[misc]
    """Runs in one transaction and the scope of `organisation_id`, its first keyword argument."""

    abstract = True

    def __call__(self, *args: Any, organisation_id: str, **kwargs: Any) -> Any:
        """Open the organisation's scope and run."""
        with scope(scope_of(organisation_id)):
            return self.run(*args, **kwargs)


class SystemTask(Task):  # type: ignore[misc]
    """Runs in one transaction under the system scope named by the class attribute `reason`."""

    abstract = True
    reason: SystemReason

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Open the named system scope and run."""
        with system_scope(self.reason):
            return self.run(*args, **kwargs)


def scope_of(organisation_id: str | UUID) -> Scope:
    """Return the scope of an organisation: for tasks that commit more than once and open it themselves."""
    organisation = apps.get_model(settings.TENANCY_ROOT_MODEL).objects.get(pk=organisation_id)
    found: Scope = organisation.scope()
    return found
