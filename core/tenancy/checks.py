"""System checks: no first-party table without a declared row class, and no parent left out of its policy."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import models

from core.tenancy.models import RegionOwned
from core.tenancy.policies import row_policy, tenant_parents


def first_party_models() -> Iterator[type[models.Model]]:
    """Yield every concrete model of our own apps, automatic many-to-many tables included."""
    for config in apps.get_app_configs():
        if config.name in settings.BRYGGAN_APPS:
            yield from config.get_models(include_auto_created=True)


def tenant_models() -> list[type[models.Model]]:
    """Return every tenant model, in a stable order."""
    return sorted((m for m in first_party_models() if issubclass(m, RegionOwned)), key=lambda m: m._meta.label)


@register()
def check_row_classes(**_kwargs: Any) -> list[CheckMessage]:
    """Report tables without a row class, without a stated exemption, or with unguarded parents."""
    return [problem for model in first_party_models() for problem in _problems(model)]


def _problems(model: type[models.Model]) -> Iterator[CheckMessage]:
    policy = row_policy(model)
    if policy is None:
        if not getattr(model, "tenancy_exempt", ""):
            yield Error(f"{model._meta.label} declares no RowPolicy and no tenancy_exempt reason.", id="tenancy.E001")
        return
    if not issubclass(model, RegionOwned):
        yield Error(f"{model._meta.label} has a RowPolicy but does not derive from RegionOwned.", id="tenancy.E002")
    missing = sorted(set(tenant_parents(model)) - set(policy.parents))
    if missing:
        yield Error(f"{model._meta.label}: RowPolicy leaves out the parents {', '.join(missing)}.", id="tenancy.E003")
