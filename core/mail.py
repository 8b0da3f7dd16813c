"""Mail as files: what the demo and the tests read instead of a mailbox."""

import os
import re
import uuid
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class FileBackend(BaseEmailBackend):
    """Writes each message once, as <Message-ID>.eml in EMAIL_FILE_PATH; a second attempt changes nothing."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for email in email_messages:
            _write_once(folder, email)
        return len(email_messages)


def _write_once(folder: Path, email: EmailMessage) -> None:
    message = email.message()
    name = _UNSAFE.sub("_", str(message["Message-ID"]).strip("<>"))
    draft = folder / f".{uuid.uuid4().hex}.part"
    draft.write_bytes(message.as_bytes())
    try:
        # A hard link is whole or absent and refuses an existing name: O_EXCL that survives kill -9.
        os.link(draft, folder / f"{name}.eml")
    except FileExistsError:
        pass
    finally:
        draft.unlink()
