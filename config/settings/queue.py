"""Celery: the queue only wakes workers, the database row is the truth."""

from config import env
from config.redis import broker_url

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", broker_url(env.text("REDIS_URL")))
# A task not finished within this time is handed out again; every task is safe to run twice.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 1800}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "bryggan"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Europe/Stockholm"

# How long the worker of an allocation run may be silent before another takes the run over.
BRYGGAN_RUN_LEASE_SECONDS = env.integer("BRYGGAN_RUN_LEASE_SECONDS", 30)

# How long a publishing can be taken back. Nobody is written to before.
BRYGGAN_UNDO_SECONDS = env.integer("BRYGGAN_UNDO_SECONDS", 900)
