"""The test run: private servers, real migrations, the app role, fast hashing, no pool."""

from config.settings.base import *

SECRET_KEY = "only-for-tests"  # noqa: S105 -- guards nothing
DEBUG = False
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True

# A test that waits for another's open transaction must fail, not hang.
DATABASES["default"]["OPTIONS"]["options"] = "-c statement_timeout=20s -c lock_timeout=10s"
CELERY_TASK_ALWAYS_EAGER = False

WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
