"""What every installation shares. The topics are in their own files beside this one."""

from pathlib import Path

from config import env
from config.settings.database import *
from config.settings.i18n import *
from config.settings.logs import *
from config.settings.mail import *
from config.settings.queue import *
from config.settings.security import *
from config.settings.signin import *
from config.settings.static import *

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = BASE_DIR / "var"

BRYGGAN_APPS = ["core", "accounts", "employers", "schools", "placements", "guidance", "dashboards"]

INSTALLED_APPS = [
    "config.apps.ProjectConfig",
    *BRYGGAN_APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "anymail",
    "csp",
    "django_filters",
    "django_htmx",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.common.CommonMiddleware",
    "core.middleware.PlainText",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.tenancy.middleware.TenancyMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TENANCY_ROOT_MODEL = "accounts.Organisation"
TENANCY_RESOLVER = "accounts.access.resolve_scope"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.frame",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Where links in mail point, and whether the region is the invented one with public sign-ins.
BRYGGAN_BASE_URL = env.text("BRYGGAN_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
BRYGGAN_DEMO = env.boolean("BRYGGAN_DEMO", default=False)
