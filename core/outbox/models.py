"""The outbox table."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.tenancy.models import TenantModel
from core.tenancy.policies import RowPolicy


class OutboxStatus(models.TextChoices):
    """Where a message is on its way."""

    QUEUED = "queued", _("Väntar på att skickas")
    SENDING = "sending", _("Skickas")
    SENT = "sent", _("Skickat")
    FAILED = "failed", _("Kom inte fram")
    CANCELLED = "cancelled", _("Tillbakadraget")


class OutboxMessage(TenantModel):
    """One message to one recipient, at most once per `key`. Holds ids, never addresses or names."""

    authority = models.ForeignKey(settings.TENANCY_ROOT_MODEL, models.PROTECT, null=True, related_name="+")
    employer = models.ForeignKey(settings.TENANCY_ROOT_MODEL, models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=200)
    event = models.CharField(max_length=80, help_text="folder below templates/emails, and key of the event's reader")
    context = models.JSONField(default=dict, help_text="ids the reader needs to build the message")
    status = models.CharField(max_length=20, choices=OutboxStatus, default=OutboxStatus.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(
                fields=["due_at"], name="core_outbox_due", condition=models.Q(status__in=["queued", "sending"])
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["region", "key"], name="core_outbox_once_per_key"),
            models.CheckConstraint(
                condition=models.Q(status="sent", sent_at__isnull=False) | ~models.Q(status="sent"),
                name="core_outbox_sent_has_time",
            ),
            RowPolicy.shared("core_outboxmessage_rows", writers=("authority", "employer", "region")),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.key} ({self.status})"
