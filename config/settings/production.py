"""Production: nothing secret has a default, every cookie is secure, static files are hashed."""

from config import env
from config.mail import mail_settings
from config.settings.base import *

SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS", "")
DEBUG = False
BRYGGAN_BASE_URL = env.text("BRYGGAN_BASE_URL").rstrip("/")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("DEFAULT_FROM_EMAIL")
globals().update(mail_settings(env.text("EMAIL_URL")))

# The container's own health check calls 127.0.0.1; links are built from BRYGGAN_BASE_URL, never from
# the Host header.
ALLOWED_HOSTS = [*env.words("ALLOWED_HOSTS"), "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", BRYGGAN_BASE_URL)

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", 365 * 24 * 60 * 60)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrftoken"
CONTENT_SECURITY_POLICY["DIRECTIVES"]["upgrade-insecure-requests"] = True
# Only when a proxy in front sets this header, and strips it from outside: name it (X-Forwarded-Proto).
if _proxy_header := env.text("PROXY_PROTO_HEADER", ""):
    SECURE_PROXY_SSL_HEADER = (f"HTTP_{_proxy_header.upper().replace('-', '_')}", "https")
if _proxies := env.integer("TRUSTED_PROXY_COUNT", 0):
    ALLAUTH_TRUSTED_PROXY_COUNT = _proxies

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
