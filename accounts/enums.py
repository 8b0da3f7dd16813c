"""Kinds of organisations, roles (one person may hold several), forms of placement, and light or dark."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganisationKind(models.TextChoices):
    """The levels of the organisation tree."""

    REGION = "region", _("Region")
    AUTHORITY = "authority", _("Huvudman")
    SCHOOL_UNIT = "school_unit", _("Skolenhet")
    EMPLOYER = "employer", _("Arbetsgivare")


class Role(models.TextChoices):
    """What a person is in an organisation. All are named now; rights follow as the pages come."""

    REGIONAL_COORDINATOR = "regional_coordinator", _("Regional samordnare")
    SYSTEM_ADMINISTRATOR = "system_administrator", _("Systemadministratör")
    AUTHORITY_COORDINATOR = "authority_coordinator", _("Huvudmannasamordnare")
    PRINCIPAL = "principal", _("Rektor")
    CAREER_COUNSELLOR = "career_counsellor", _("SYV")
    PRAO_TEACHER = "prao_teacher", _("Praoansvarig")
    MENTOR = "mentor", _("Mentor")
    VOCATIONAL_TEACHER = "vocational_teacher", _("Yrkeslärare")
    PROTECTED_IDENTITY_OFFICER = "protected_identity_officer", _("Handläggare skyddade personuppgifter")
    EMPLOYER_ADMINISTRATOR = "employer_administrator", _("Arbetsgivaradministratör")
    SUPERVISOR = "supervisor", _("Handledare")
    COUNCIL_MEMBER = "council_member", _("Rådsledamot")
    ELECTED_REPRESENTATIVE = "elected_representative", _("Förtroendevald")
    PROGRAMME_COORDINATOR = "programme_coordinator", _("VFU- eller LIA-samordnare")


# Which roles an organisation of each kind can give.
ROLES_BY_KIND: dict[str, tuple[Role, ...]] = {
    OrganisationKind.REGION: (Role.REGIONAL_COORDINATOR, Role.COUNCIL_MEMBER),
    OrganisationKind.AUTHORITY: (
        Role.AUTHORITY_COORDINATOR,
        Role.SYSTEM_ADMINISTRATOR,
        Role.PROTECTED_IDENTITY_OFFICER,
        Role.ELECTED_REPRESENTATIVE,
        Role.PROGRAMME_COORDINATOR,
    ),
    OrganisationKind.SCHOOL_UNIT: (
        Role.CAREER_COUNSELLOR,
        Role.PRINCIPAL,
        Role.PRAO_TEACHER,
        Role.MENTOR,
        Role.VOCATIONAL_TEACHER,
    ),
    OrganisationKind.EMPLOYER: (Role.EMPLOYER_ADMINISTRATOR, Role.SUPERVISOR),
}

SCHOOL_STAFF = (Role.CAREER_COUNSELLOR, Role.PRAO_TEACHER, Role.PRINCIPAL, Role.MENTOR)


class PlacementKind(models.TextChoices):
    """The forms of placement that share one calendar and one capacity.

    They stand here because employers and schools both speak of them, and neither stands on the other.
    """

    PRAO = "prao", _("prao")
    APL = "apl", _("apl")
    APPRENTICE = "apprentice", _("gymnasial lärling")
    ADULT_APL = "adult_apl", _("apl i vuxenutbildning")
    LIA = "lia", _("LIA")
    VFU = "vfu", _("VFU")
    PRACTICE = "practice", _("praktik")


class ColorScheme(models.TextChoices):
    """Light, dark, or as the device says."""

    DEVICE = "device", _("Som enheten")
    LIGHT = "light", _("Ljust")
    DARK = "dark", _("Mörkt")


class LoggedAccess(models.TextChoices):
    """The pages about learners whose opening is logged: the URL's name, and what the log calls it."""

    CLASS = "schools:class_detail", _("Klassens elever")
    CODES = "schools:class_codes", _("Klassens koder")
    RESULT = "placements:result_learner", _("En elevs resultat")
    CARD = "placements:card_learner", _("En elevs praktikkort")
