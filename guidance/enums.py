"""Wide and narrow guidance."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class GuidanceScope(models.TextChoices):
    """Wide guidance is everything that gives knowledge for choices; narrow is the counsellor's talk."""

    WIDE = "wide", _("Vid vägledning")
    NARROW = "narrow", _("Snäv vägledning")
