"""Mail: the console, files in a folder, SMTP, or a provider through Anymail, chosen by EMAIL_URL."""

from pathlib import Path

from config import env
from config.mail import mail_settings

DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Bryggan <noreply@bryggan.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

_mail_folder = Path(__file__).resolve().parents[2] / "var" / "mail"
EMAIL_FILE_PATH = str(_mail_folder)
globals().update(mail_settings(env.text("EMAIL_URL", f"file://{_mail_folder}")))

BRYGGAN_OUTBOX_LEASE_SECONDS = env.integer("BRYGGAN_OUTBOX_LEASE_SECONDS", 60)
BRYGGAN_MAIL_DOMAIN = env.text("BRYGGAN_MAIL_DOMAIN", "bryggan.example")
