"""The technical tables: the history of states and the outbox."""

from django.conf import settings
from django.db import models

from core.outbox.models import OutboxMessage
from core.tenancy.models import TenantModel
from core.tenancy.policies import RowPolicy

__all__ = ["OutboxMessage", "StateChange"]


class StateChange(TenantModel):
    """One move of one row's status: who, when, from, to and why. Written by core.states only."""

    authority = models.ForeignKey(settings.TENANCY_ROOT_MODEL, models.PROTECT, null=True, related_name="+")
    employer = models.ForeignKey(settings.TENANCY_ROOT_MODEL, models.PROTECT, null=True, related_name="+")
    subject = models.CharField(max_length=80)
    subject_id = models.UUIDField()
    before = models.CharField(max_length=40)
    after = models.CharField(max_length=40)
    reason = models.TextField(blank=True)
    actor_kind = models.CharField(max_length=20)
    actor_label = models.CharField(max_length=200)
    actor_user_id = models.UUIDField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["region", "subject", "subject_id", "at"], name="core_statechange_subject")]
        constraints = [RowPolicy.shared("core_statechange_rows", writers=("authority", "employer", "region"))]

    def __str__(self) -> str:
        return f"{self.subject} {self.before} → {self.after}"
