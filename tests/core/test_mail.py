"""Mail as files."""

from pathlib import Path
from typing import Any

from django.core.mail import EmailMessage, get_connection


def test_file_backend_writes_a_message_once(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_FILE_PATH = tmp_path
    message = EmailMessage("Hej", "Text", to=["a@example.org"], headers={"Message-ID": "<outbox-1@bryggan>"})
    backend = get_connection("core.mail.FileBackend")

    assert [backend.send_messages([message]), backend.send_messages([message])] == [1, 1]

    assert [path.name for path in tmp_path.iterdir()] == ["outbox-1_bryggan.eml"]
    assert b"Subject: Hej\n" in (tmp_path / "outbox-1_bryggan.eml").read_bytes()
