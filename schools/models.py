"""School authorities, units, classes, learners with guardians, and the periods they book."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import PlacementKind
from accounts.models import Organisation
from core.tenancy.models import RegionOwned, TenantModel
from core.tenancy.policies import RowPolicy
from schools.enums import GUARDIAN_LANGUAGES, AuthorityKind, ProtectionMode, Sex


class SchoolAuthority(RegionOwned):
    """A huvudman: the data controller of its learners. Its key is its organisation's id."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, primary_key=True, related_name="school_authority")
    name = models.CharField(_("namn"), max_length=200)
    kind = models.CharField(max_length=20, choices=AuthorityKind, default=AuthorityKind.MUNICIPAL)
    municipality_code = models.CharField(_("kommunkod"), max_length=4)

    class Meta(RegionOwned.Meta):
        constraints = [
            RowPolicy.regional(
                "schools_schoolauthority_rows",
                writers=("region", "authority"),
                owners={"authority": "organisation_id"},
            )
        ]
        indexes = [models.Index(fields=["region", "name"], name="schools_authority_name")]

    def __str__(self) -> str:
        return self.name


class SchoolUnit(RegionOwned):
    """A school unit. Its key is its organisation's id."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, primary_key=True, related_name="school_unit")
    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="units")
    name = models.CharField(_("namn"), max_length=200)
    code = models.CharField(_("skolenhetskod"), max_length=8, blank=True)
    municipality_code = models.CharField(_("kommunkod"), max_length=4)
    city = models.CharField(_("ort"), max_length=80, blank=True)
    phone = models.CharField(_("telefon"), max_length=30, blank=True)
    latitude = models.FloatField(null=True, blank=True, help_text="WGS84 degrees")
    longitude = models.FloatField(null=True, blank=True, help_text="WGS84 degrees")

    class Meta(RegionOwned.Meta):
        constraints = [
            RowPolicy.regional("schools_schoolunit_rows", writers=("region", "authority"), parents=("authority",))
        ]
        indexes = [models.Index(fields=["region", "authority", "name"], name="schools_unit_name")]

    def __str__(self) -> str:
        return self.name


class SchoolClass(TenantModel):
    """A class in one school year."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    school_unit = models.ForeignKey(SchoolUnit, models.PROTECT, related_name="classes")
    name = models.CharField(_("klass"), max_length=20)
    grade_level = models.PositiveSmallIntegerField(_("årskurs"))
    school_year = models.PositiveSmallIntegerField(_("läsår"), help_text="the year in which it begins")
    code = models.CharField(_("klasskod"), max_length=12, help_text="with a personal code it lets a learner in")
    mentor_name = models.CharField(_("mentor"), max_length=150, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["region", "school_unit", "school_year", "name"], name="schools_schoolclass_once_per_year"
            ),
            models.UniqueConstraint(fields=["code"], name="schools_schoolclass_code"),
            RowPolicy.authority("schools_schoolclass_rows", parents=("authority", "school_unit")),
        ]
        indexes = [models.Index(fields=["region", "authority"], name="schools_class_authority")]

    def __str__(self) -> str:
        return self.name


class Learner(TenantModel):
    """A pupil. No personal identity number; the birth date is for age rules only."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    school_unit = models.ForeignKey(SchoolUnit, models.PROTECT, related_name="learners")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="learners")
    first_name = models.CharField(_("förnamn"), max_length=80)
    last_name = models.CharField(_("efternamn"), max_length=80)
    birth_date = models.DateField(_("födelsedatum"), null=True, blank=True)
    sex = models.CharField(_("kön"), max_length=10, choices=Sex, default=Sex.UNKNOWN)
    email = models.EmailField(_("e-post"), blank=True)
    home_city = models.CharField(_("hemort"), max_length=80, blank=True)
    personal_code = models.CharField(_("personlig kod"), max_length=12)
    protection_mode = models.CharField(max_length=20, choices=ProtectionMode, default=ProtectionMode.NONE)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["region", "school_class", "personal_code"], name="schools_learner_code_in_class"
            ),
            RowPolicy.authority(
                "schools_learner_rows", parents=("authority", "school_unit", "school_class"), learner="id"
            ),
        ]
        indexes = [
            models.Index(fields=["region", "authority", "school_class"], name="schools_learner_class"),
            models.Index(fields=["region", "school_unit"], name="schools_learner_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class Guardian(TenantModel):
    """A guardian of one learner, with the language letters should be in."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="guardians")
    name = models.CharField(_("namn"), max_length=150)
    email = models.EmailField(_("e-post"), blank=True)
    phone = models.CharField(_("telefon"), max_length=30, blank=True)
    language = models.CharField(_("språk"), max_length=5, choices=GUARDIAN_LANGUAGES, default="sv")

    class Meta(TenantModel.Meta):
        constraints = [
            RowPolicy.authority("schools_guardian_rows", parents=("authority", "learner"), learner="learner_id")
        ]
        indexes = [models.Index(fields=["region", "authority", "learner"], name="schools_guardian_learner")]

    def __str__(self) -> str:
        return self.name


class PlacementPeriod(TenantModel):
    """Weeks booked for a class on the region's week matrix. Regional: label and head-count only, no learners."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    school_unit = models.ForeignKey(SchoolUnit, models.PROTECT, related_name="periods")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="periods")
    kind = models.CharField(_("praktikform"), max_length=20, choices=PlacementKind, default=PlacementKind.PRAO)
    label = models.CharField(_("klass"), max_length=20)
    learners = models.PositiveSmallIntegerField(_("elever"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(learners__gt=0), name="schools_placementperiod_has_learners"),
            RowPolicy.regional(
                "schools_placementperiod_rows",
                writers=("authority",),
                parents=("authority", "school_unit", "school_class"),
            ),
        ]
        indexes = [models.Index(fields=["region", "school_unit"], name="schools_period_unit")]

    def __str__(self) -> str:
        return self.label


class PeriodWeek(TenantModel):
    """One week of a period."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    period = models.ForeignKey(PlacementPeriod, models.CASCADE, related_name="weeks")
    week_on = models.DateField(help_text="the week's Monday")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["region", "period", "week_on"], name="schools_periodweek_once"),
            models.CheckConstraint(condition=Q(week_on__iso_week_day=1), name="schools_periodweek_on_monday"),
            RowPolicy.regional("schools_periodweek_rows", writers=("authority",), parents=("authority", "period")),
        ]
        indexes = [models.Index(fields=["region", "week_on"], name="schools_periodweek_week")]

    def __str__(self) -> str:
        return str(self.week_on)


class ClosedWeek(TenantModel):
    """A week in which schools of some municipalities are closed, or busy with something that stops placements."""

    week_on = models.DateField(help_text="the week's Monday")
    reason = models.CharField(_("orsak"), max_length=80)
    municipality_codes = ArrayField(
        models.CharField(max_length=4), default=list, blank=True, help_text="empty: the whole region"
    )

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["region", "week_on", "reason"], name="schools_closedweek_once"),
            models.CheckConstraint(condition=Q(week_on__iso_week_day=1), name="schools_closedweek_on_monday"),
            RowPolicy.regional("schools_closedweek_rows", writers=("region",)),
        ]

    def __str__(self) -> str:
        return f"{self.week_on} {self.reason}"
