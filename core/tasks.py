"""Where Celery looks for the tasks of this app."""

from core.outbox.tasks import deliver_outbox

__all__ = ["deliver_outbox"]
