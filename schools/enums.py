"""Sexes as the register knows them, protection of identity, and the life of a period."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sex(models.TextChoices):
    """As in SS 12000. Used for aggregates only, never for eligibility."""

    WOMAN = "woman", _("Kvinna")
    MAN = "man", _("Man")
    UNKNOWN = "unknown", _("Okänt")


class ProtectionMode(models.TextChoices):
    """How a learner with a protected identity is kept out of lists, exports, mails, maps and runs."""

    NONE = "none", _("Ingen")
    OUTSIDE = "outside_system", _("Utanför systemet")
    ALIAS = "alias", _("Alias")


class AuthorityKind(models.TextChoices):
    """Who runs the schools."""

    MUNICIPAL = "municipal", _("Kommunal")
    INDEPENDENT = "independent", _("Enskild")
    REGIONAL = "regional", _("Region")


GUARDIAN_LANGUAGES = [
    ("sv", "Svenska"),
    ("en", "English"),
    ("ar", "العربية"),
    ("so", "Soomaali"),
    ("fa", "فارسی"),
    ("th", "ไทย"),
]
