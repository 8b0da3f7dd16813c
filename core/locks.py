"""Advisory locks for decisions that span rows which one statement cannot update."""

from collections.abc import Iterable
from hashlib import blake2b

from django.db import connection
from django.db.utils import OperationalError
from django.utils.translation import gettext as _

from core.errors import DomainError

WAIT = "3s"


class Busy(DomainError):
    """Somebody else holds the lock, and waiting three seconds did not help."""

    code = "busy"


def lock(*keys: str) -> None:
    """Take transaction-long locks on `keys`, in sorted order so that two takers cannot block each other.

    Raises:
        Busy: a lock was not free within three seconds.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        before = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [WAIT])
        try:
            for number in _numbers(keys):
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
        except OperationalError as error:
            raise Busy(_("Någon annan arbetar med samma sak just nu. Vänta en stund och försök igen.")) from error
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])


def _numbers(keys: Iterable[str]) -> list[int]:
    return sorted({int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True) for key in keys})
