"""A school's guidance plan for a year: goals and activities."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.tenancy.models import TenantModel
from core.tenancy.policies import RowPolicy
from guidance.enums import GuidanceScope
from schools.models import SchoolAuthority, SchoolUnit


class GuidancePlan(TenantModel):
    """One school unit's plan for one school year."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    school_unit = models.ForeignKey(SchoolUnit, models.PROTECT, related_name="guidance_plans")
    school_year = models.PositiveSmallIntegerField(_("läsår"), help_text="the year in which it begins")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["region", "school_unit", "school_year"], name="guidance_plan_one_per_year"),
            RowPolicy.authority("guidance_guidanceplan_rows", parents=("authority", "school_unit")),
        ]
        indexes = [models.Index(fields=["region", "authority"], name="guidance_plan_authority")]

    def __str__(self) -> str:
        return str(self.school_year)


class Goal(TenantModel):
    """What the school wants to reach this year, and how it will see it."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    plan = models.ForeignKey(GuidancePlan, models.CASCADE, related_name="goals")
    text = models.CharField(_("mål"), max_length=300)
    measure = models.CharField(_("så ser vi att vi nått dit"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [RowPolicy.authority("guidance_goal_rows", parents=("authority", "plan"))]
        indexes = [models.Index(fields=["region", "authority", "plan"], name="guidance_goal_plan")]

    def __str__(self) -> str:
        return self.text


class Activity(TenantModel):
    """Something the school does for guidance: for whom, when, by whom."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    plan = models.ForeignKey(GuidancePlan, models.CASCADE, related_name="activities")
    goal = models.ForeignKey(Goal, models.SET_NULL, null=True, blank=True, related_name="activities")
    title = models.CharField(_("aktivitet"), max_length=200)
    grade_level = models.PositiveSmallIntegerField(_("årskurs"))
    week_on = models.DateField(_("vecka"), help_text="the week's Monday")
    scope = models.CharField(_("vägledning"), max_length=10, choices=GuidanceScope, default=GuidanceScope.WIDE)
    responsible = models.CharField(_("ansvarig"), max_length=80)
    counts_placements = models.BooleanField(_("följs upp med elevernas praktik"), default=False)
    done_on = models.DateField(_("genomförd"), null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [RowPolicy.authority("guidance_activity_rows", parents=("authority", "plan", "goal"))]
        indexes = [models.Index(fields=["region", "authority", "plan"], name="guidance_activity_plan")]

    def __str__(self) -> str:
        return self.title
