"""The base of every tenant table."""

import uuid

from django.conf import settings
from django.db import models

from core.tenancy.managers import TenantManager


class RegionOwned(models.Model):
    """A row of one region. Concrete models declare their row class with a RowPolicy in Meta.constraints."""

    region = models.ForeignKey(settings.TENANCY_ROOT_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


class TenantModel(RegionOwned):
    """A tenant row with a public id that says nothing about how many there are."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta(RegionOwned.Meta):
        abstract = True
