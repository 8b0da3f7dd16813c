"""The top floor: every app's addresses meet here."""

from django.urls import include, path

from accounts.access import public
from core import health, views
from core.tenancy.middleware import outside_tenancy
from dashboards.urls import public_patterns as dashboards_public
from schools.urls import public_patterns as schools_public

urlpatterns = [
    path("healthz", outside_tenancy(health.healthz), name="healthz"),
    path("readyz", outside_tenancy(health.readyz), name="readyz"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("utseende/", public(views.set_scheme), name="set_scheme"),
    path("komponenter/", public(views.styleguide), name="styleguide"),
    path("tillganglighet/", public(views.accessibility), name="accessibility"),
    path("personuppgifter/", public(views.privacy), name="privacy"),
    path("konto/", include("allauth.urls")),
    *dashboards_public,
    *schools_public,
    path("", include("accounts.urls")),
    path("", include("employers.urls")),
    path("", include("schools.urls")),
    path("", include("placements.urls")),
    path("", include("guidance.urls")),
    path("", include("dashboards.urls")),
]
