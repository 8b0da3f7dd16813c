"""Employers, their workplaces and people, what they offer, and the seats per week."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import PlacementKind
from accounts.models import Organisation
from core.tenancy.models import RegionOwned, TenantModel
from core.tenancy.policies import RowPolicy
from employers.enums import SLOT_MOVES, OccupationField, SlotStatus


class Employer(RegionOwned):
    """A legal entity that takes learners. Its key is its organisation's id."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, primary_key=True, related_name="employer")
    name = models.CharField(_("namn"), max_length=200)
    organisation_number = models.CharField(_("organisationsnummer"), max_length=11, blank=True)
    sector = models.CharField(
        _("sektor"), max_length=10, choices=[("private", _("Privat")), ("public", _("Offentlig"))], default="private"
    )
    sni_code = models.CharField(_("SNI-kod"), max_length=5, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(RegionOwned.Meta):
        constraints = [
            RowPolicy.regional(
                "employers_employer_rows", writers=("region", "employer"), owners={"employer": "organisation_id"}
            )
        ]
        indexes = [models.Index(fields=["region", "name"], name="employers_employer_name")]

    def __str__(self) -> str:
        return self.name


class Workplace(TenantModel):
    """A place where learners can be: an address under one employer."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="workplaces")
    name = models.CharField(_("arbetsplatsens namn"), max_length=200)
    street = models.CharField(_("gatuadress"), max_length=200)
    postcode = models.CharField(_("postnummer"), max_length=6)
    city = models.CharField(_("ort"), max_length=80)
    municipality_code = models.CharField(_("kommun"), max_length=4)
    latitude = models.FloatField(null=True, blank=True, help_text="WGS84 degrees")
    longitude = models.FloatField(null=True, blank=True, help_text="WGS84 degrees")
    directions = models.TextField(_("hitta hit"), blank=True)
    risk_assessed_on = models.DateField(_("riskbedömning gjord"), null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            RowPolicy.regional("employers_workplace_rows", writers=("region", "employer"), parents=("employer",))
        ]
        indexes = [models.Index(fields=["region", "employer", "name"], name="employers_workplace_name")]

    def __str__(self) -> str:
        return self.name


class ContactPerson(TenantModel):
    """Whom we write to at an employer: seen by the employer and the region's coordinators."""

    employer = models.ForeignKey(Employer, models.CASCADE, related_name="contacts")
    name = models.CharField(_("namn"), max_length=150)
    email = models.EmailField(_("e-post"))
    phone = models.CharField(_("telefon"), max_length=30, blank=True)
    is_primary = models.BooleanField(_("får frågor och besked"), default=True)

    class Meta(TenantModel.Meta):
        constraints = [RowPolicy.employer("employers_contactperson_rows", parents=("employer",))]
        indexes = [models.Index(fields=["region", "employer"], name="employers_contact_employer")]

    def __str__(self) -> str:
        return self.name


class Slot(TenantModel):
    """What a workplace offers: the same fields serve the offer, the choice, the confirmation and the card."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="slots")
    workplace = models.ForeignKey(Workplace, models.PROTECT, related_name="slots")
    title = models.CharField(_("rubrik"), max_length=120)
    kinds = ArrayField(models.CharField(max_length=20, choices=PlacementKind), verbose_name=_("praktikformer"))
    occupation_field = models.CharField(_("yrkesområde"), max_length=30, choices=OccupationField)
    tasks = models.TextField(_("arbetsuppgifter"))
    requirements = models.TextField(_("bra att veta"), blank=True)
    bring = models.CharField(_("ta med"), max_length=200, blank=True)
    starts_at = models.TimeField(_("börjar"))
    ends_at = models.TimeField(_("slutar"))
    break_minutes = models.PositiveSmallIntegerField(_("rast, minuter"), default=45)
    grades = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("årskurser"), default=list)
    min_age = models.PositiveSmallIntegerField(_("lägsta ålder"), null=True, blank=True)
    supervisor_name = models.CharField(_("handledare"), max_length=150)
    supervisor_phone = models.CharField(_("handledarens telefon"), max_length=30, blank=True)
    status = models.CharField(max_length=20, choices=SlotStatus, default=SlotStatus.DRAFT)
    submitted_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True, help_text="when the employer last said that this still holds")
    created_at = models.DateTimeField(auto_now_add=True)

    MOVES = SLOT_MOVES

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="employers_slot_ends_after_start"),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False),
                name="employers_slot_published_has_time",
            ),
            RowPolicy.regional(
                "employers_slot_rows", writers=("region", "employer"), parents=("employer", "workplace")
            ),
        ]
        indexes = [
            models.Index(fields=["region", "status", "occupation_field"], name="employers_slot_status_field"),
            models.Index(fields=["region", "employer"], name="employers_slot_employer"),
        ]

    def __str__(self) -> str:
        return self.title


class SlotWeek(TenantModel):
    """Seats of one slot in one week, and how many are taken. `taken` moves through employers.services.capacity only."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    slot = models.ForeignKey(Slot, models.CASCADE, related_name="weeks")
    week_on = models.DateField(help_text="the week's Monday")
    seats = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["region", "slot", "week_on"], name="employers_slotweek_once_per_week"),
            models.CheckConstraint(condition=Q(taken__lte=F("seats")), name="employers_slotweek_not_oversold"),
            models.CheckConstraint(condition=Q(week_on__iso_week_day=1), name="employers_slotweek_on_monday"),
            RowPolicy.regional(
                "employers_slotweek_rows",
                writers=("region", "employer"),
                updaters=("authority",),
                owner_only=("seats", "week_on"),
                parents=("employer", "slot"),
            ),
        ]
        indexes = [models.Index(fields=["region", "week_on"], name="employers_slotweek_week")]

    def __str__(self) -> str:
        return f"{self.week_on} {self.taken}/{self.seats}"


class WorkplaceWeek(TenantModel):
    """How many learners a workplace can have at the same time in one week, whatever the kind."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    workplace = models.ForeignKey(Workplace, models.CASCADE, related_name="weeks")
    week_on = models.DateField(help_text="the week's Monday")
    cap = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["region", "workplace", "week_on"], name="employers_workplaceweek_once_per_week"
            ),
            models.CheckConstraint(condition=Q(taken__lte=F("cap")), name="employers_workplaceweek_not_oversold"),
            models.CheckConstraint(condition=Q(week_on__iso_week_day=1), name="employers_workplaceweek_on_monday"),
            RowPolicy.regional(
                "employers_workplaceweek_rows",
                writers=("region", "employer"),
                updaters=("authority",),
                owner_only=("cap", "week_on"),
                parents=("employer", "workplace"),
            ),
        ]
        indexes = [models.Index(fields=["region", "week_on"], name="employers_workplaceweek_week")]

    def __str__(self) -> str:
        return f"{self.week_on} {self.taken}/{self.cap}"


class SlotQuota(TenantModel):
    """Seats of a slot in one week kept for one authority until a day; then they return to the pool by themselves.

    `taken` is how many seats of the slot that authority's learners hold in the week, within the quota or beyond it.
    It moves through employers.services.capacity only.
    """

    authority = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    slot = models.ForeignKey(Slot, models.CASCADE, related_name="quotas")
    week_on = models.DateField(help_text="the week's Monday")
    seats = models.PositiveSmallIntegerField(_("reserverade platser"))
    release_on = models.DateField(_("släpps"), help_text="first day when everybody may have the seats")
    taken = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["region", "slot", "authority", "week_on"], name="employers_slotquota_once_per_week"
            ),
            models.CheckConstraint(condition=Q(seats__gte=1), name="employers_slotquota_some_seats"),
            models.CheckConstraint(condition=Q(week_on__iso_week_day=1), name="employers_slotquota_on_monday"),
            RowPolicy.regional(
                "employers_slotquota_rows",
                writers=("region", "employer"),
                updaters=("authority",),
                owner_only=("seats", "week_on", "release_on"),
                parents=("employer", "slot"),
            ),
        ]
        indexes = [models.Index(fields=["region", "week_on"], name="employers_slotquota_week")]

    def __str__(self) -> str:
        return f"{self.week_on} {self.taken}/{self.seats}"
