"""Rounds, choices, allocation runs with their results, placements, and the links employers answer by."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import PlacementKind
from accounts.models import User
from core.tenancy.models import TenantModel
from core.tenancy.policies import RowPolicy
from employers.models import Employer, Slot
from placements.enums import (
    PLACEMENT_MOVES,
    RUN_ACTIVE,
    RUN_MOVES,
    RUN_OUT,
    PlacementStatus,
    RepairOption,
    RunPolicy,
    RunPurpose,
    RunStatus,
)
from schools.models import Learner, PlacementPeriod, SchoolAuthority, SchoolUnit


class Round(TenantModel):
    """A season's unit of work for one kind: which periods, the dates of each phase, and the rules."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="rounds")
    school_unit = models.ForeignKey(
        SchoolUnit, models.PROTECT, null=True, related_name="rounds", help_text="empty: the whole authority"
    )
    kind = models.CharField(_("praktikform"), max_length=20, choices=PlacementKind, default=PlacementKind.PRAO)
    title = models.CharField(_("rubrik"), max_length=120)
    view_at = models.DateTimeField(_("platserna visas"))
    choose_at = models.DateTimeField(_("valet öppnar"))
    close_at = models.DateTimeField(_("valet stänger"))
    confirm_on = models.DateField(_("arbetsplatserna svarar senast"))
    min_choices = models.PositiveSmallIntegerField(_("minst antal val"), default=3)
    max_choices = models.PositiveSmallIntegerField(_("högst antal val"), default=6)
    published_at = models.DateTimeField(null=True)
    seed = models.CharField(max_length=64, help_text="of the lottery; its hash is shown before the wishes close")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(view_at__lte=F("choose_at")) & Q(choose_at__lt=F("close_at")),
                name="placements_round_phases_in_order",
            ),
            models.CheckConstraint(
                condition=Q(min_choices__gte=1) & Q(min_choices__lte=F("max_choices")),
                name="placements_round_choices_in_order",
            ),
            RowPolicy.authority("placements_round_rows", parents=("authority", "school_unit")),
        ]
        indexes = [models.Index(fields=["region", "authority", "close_at"], name="placements_round_close")]

    def __str__(self) -> str:
        return self.title


class RoundPeriod(TenantModel):
    """A period that takes part in a round. A period is in one round at most."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    round = models.ForeignKey(Round, models.CASCADE, related_name="round_periods")
    period = models.ForeignKey(PlacementPeriod, models.PROTECT, related_name="round_periods")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["region", "period"], name="placements_roundperiod_one_round"),
            RowPolicy.authority("placements_roundperiod_rows", parents=("authority", "round", "period")),
        ]
        indexes = [models.Index(fields=["region", "authority", "round"], name="placements_rp_round")]

    def __str__(self) -> str:
        return str(self.period_id)


class ChoiceList(TenantModel):
    """A learner's wishes in a round: saved at every step, sent in when the learner says so."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    round = models.ForeignKey(Round, models.CASCADE, related_name="choice_lists")
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="choice_lists")
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["region", "round", "learner"], name="placements_choicelist_one_each"),
            RowPolicy.authority(
                "placements_choicelist_rows",
                parents=("authority", "round", "learner"),
                learner="learner_id",
                learner_writes=True,
            ),
        ]
        indexes = [models.Index(fields=["region", "authority", "round"], name="placements_choicelist_round")]

    def __str__(self) -> str:
        return str(self.round_id)


class Choice(TenantModel):
    """One wish: a slot at a rank, 1 being the first."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    choice_list = models.ForeignKey(ChoiceList, models.CASCADE, related_name="choices")
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="+")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="choices")
    rank = models.PositiveSmallIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["region", "choice_list", "rank"],
                name="placements_choice_one_per_rank",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(fields=["region", "choice_list", "slot"], name="placements_choice_slot_once"),
            models.CheckConstraint(condition=Q(rank__gte=1), name="placements_choice_rank_from_one"),
            RowPolicy.authority(
                "placements_choice_rows",
                parents=("authority", "choice_list", "learner", "slot"),
                learner="learner_id",
                learner_writes=True,
            ),
        ]
        indexes = [
            models.Index(fields=["region", "authority", "learner"], name="placements_choice_learner"),
            models.Index(fields=["region", "slot"], name="placements_choice_slot"),
        ]

    def __str__(self) -> str:
        return f"{self.rank}"


class AllocationRun(TenantModel):
    """Request, claim, progress, inputs, seed, result and log of one allocation, in one row."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    round = models.ForeignKey(Round, models.CASCADE, related_name="runs")
    number = models.PositiveSmallIntegerField()
    is_trial = models.BooleanField(help_text="a dry run: never published")
    purpose = models.CharField(max_length=10, choices=RunPurpose, default=RunPurpose.FULL)
    option = models.CharField(max_length=10, choices=RepairOption, blank=True, help_text="of a repair")
    policy = models.CharField(_("regel"), max_length=20, choices=RunPolicy, default=RunPolicy.OPTIMUM)
    shares_shortage = models.BooleanField(
        default=False, help_text="schools have learners without a place in proportion to their size, before any wish"
    )
    status = models.CharField(max_length=20, choices=RunStatus, default=RunStatus.QUEUED)
    seed = models.CharField(max_length=64)
    inputs_hash = models.CharField(max_length=64, blank=True)
    engine = models.CharField(max_length=60, blank=True)
    rule_version = models.CharField(max_length=20, blank=True, help_text="of the eligibility rules and the objective")
    stage = models.CharField(max_length=40, blank=True)
    progress = models.PositiveSmallIntegerField(default=0, help_text="percent")
    summary = models.JSONField(default=dict)
    log = models.JSONField(default=list)
    error = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    requested_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(null=True, help_text="last sign of life of the worker that holds the run")
    finished_at = models.DateTimeField(null=True)
    accepted = models.JSONField(default=dict, help_text="warnings accepted before publishing: code → by, at, count")
    reviewed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    undo_until = models.DateTimeField(null=True, help_text="nobody is told before, and it can be taken back")
    results_at = models.DateTimeField(null=True, help_text="when learners and guardians see the result")
    told_at = models.DateTimeField(null=True, help_text="when the messages were written")

    MOVES = RUN_MOVES

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["region", "round", "number"], name="placements_run_number"),
            models.UniqueConstraint(
                fields=["region", "round"],
                condition=Q(status__in=[str(status) for status in RUN_ACTIVE]),
                name="placements_run_one_active",
            ),
            models.UniqueConstraint(
                fields=["region", "round"],
                condition=Q(status__in=[str(status) for status in RUN_OUT], purpose="full"),
                name="placements_run_one_published",
            ),
            models.CheckConstraint(
                condition=~Q(status="published")
                | Q(is_trial=False, published_at__isnull=False, undo_until__isnull=False, results_at__isnull=False),
                name="placements_run_trial_not_published",
            ),
            RowPolicy.authority("placements_allocationrun_rows", parents=("authority", "round")),
        ]
        indexes = [
            models.Index(fields=["region", "authority", "round"], name="placements_run_round"),
            models.Index(
                fields=["heartbeat_at"],
                condition=Q(status__in=[str(status) for status in RUN_ACTIVE]),
                name="placements_run_active",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class Assignment(TenantModel):
    """What one run gives one learner, and why."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    run = models.ForeignKey(AllocationRun, models.CASCADE, related_name="assignments")
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="+")
    period = models.ForeignKey(PlacementPeriod, models.PROTECT, related_name="+")
    slot = models.ForeignKey(Slot, models.PROTECT, null=True, related_name="+")
    rank = models.PositiveSmallIntegerField(
        null=True, help_text="of the wish; empty when outside the wishes or unplaced"
    )
    locked = models.BooleanField(default=False)
    moved_from = models.ForeignKey(
        Slot, models.PROTECT, null=True, related_name="+", help_text="the place a repair takes the learner from"
    )
    travel_minutes = models.PositiveSmallIntegerField(null=True, help_text="estimated, one way; empty when unknown")
    reason = models.CharField(max_length=40, blank=True, help_text="why there is no place")
    explanation = models.JSONField(default=list, help_text="for each better wish: slot, reason code, applicants, seats")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["region", "run", "learner"], name="placements_assignment_one_each"),
            RowPolicy.authority(
                "placements_assignment_rows",
                parents=("authority", "run", "learner", "period", "slot", "moved_from"),
                learner="learner_id",
            ),
        ]
        indexes = [models.Index(fields=["region", "authority", "run"], name="placements_assignment_run")]

    def __str__(self) -> str:
        return str(self.slot_id)


class RunFile(TenantModel):
    """What a run was given and what it answered, without names: anyone can solve it again and check the proof."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    run = models.OneToOneField(AllocationRun, models.CASCADE, related_name="file")
    problem = models.BinaryField(help_text="npz of placements.allocation.files")
    result = models.BinaryField(help_text="npz; holds the seed, so it is shown only once the run is published")

    class Meta(TenantModel.Meta):
        constraints = [
            # It holds everybody's wishes and the seed: no learner's id is ever its own, so no learner reads it.
            RowPolicy.authority("placements_runfile_rows", parents=("authority", "run"), learner="id")
        ]
        indexes = [models.Index(fields=["region", "authority"], name="placements_runfile_owner")]

    def __str__(self) -> str:
        return str(self.run_id)


class PlacementLock(TenantModel):
    """A learner's place decided by hand before a run, with the reason."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    round = models.ForeignKey(Round, models.CASCADE, related_name="locks")
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="+")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="+")
    reason = models.CharField(_("orsak"), max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["region", "round", "learner"], name="placements_lock_one_each"),
            RowPolicy.authority(
                "placements_placementlock_rows",
                parents=("authority", "round", "learner", "slot"),
                learner="learner_id",
            ),
        ]
        indexes = [models.Index(fields=["region", "authority", "round"], name="placements_lock_round")]

    def __str__(self) -> str:
        return self.reason


class AnswerLink(TenantModel):
    """A signed link by which an employer answers for all learners of one publishing. The token is the signed id."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="answer_links")
    round = models.ForeignKey(Round, models.CASCADE, related_name="answer_links")
    expires_at = models.DateTimeField()
    renewed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["region", "round", "employer"], name="placements_answerlink_one_each"),
            RowPolicy.shared("placements_answerlink_rows", parents=("authority", "employer", "round")),
        ]
        indexes = [models.Index(fields=["region", "employer"], name="placements_answerlink_employer")]

    def __str__(self) -> str:
        return str(self.pk)


class Placement(TenantModel):
    """A learner's place at a workplace. The copied names are all that the employer may see of the learner."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="placements")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="placements")
    learner = models.ForeignKey(Learner, models.PROTECT, related_name="placements")
    school_unit = models.ForeignKey(SchoolUnit, models.PROTECT, related_name="placements")
    round = models.ForeignKey(Round, models.PROTECT, related_name="placements")
    period = models.ForeignKey(PlacementPeriod, models.PROTECT, related_name="placements")
    run = models.ForeignKey(
        AllocationRun, models.PROTECT, null=True, related_name="placements", help_text="empty: placed by hand"
    )
    kind = models.CharField(max_length=20, choices=PlacementKind, default=PlacementKind.PRAO)
    learner_name = models.CharField(max_length=161)
    class_name = models.CharField(max_length=20)
    school_name = models.CharField(max_length=200)
    school_phone = models.CharField(max_length=30, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    rank = models.PositiveSmallIntegerField(null=True, help_text="of the wish; empty when outside the wishes")
    status = models.CharField(max_length=30, choices=PlacementStatus, default=PlacementStatus.RESERVED)
    end_reason = models.CharField(_("orsak"), max_length=200, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    shown_at = models.DateTimeField(null=True, help_text="when the learner may see it; empty: at once")
    created_at = models.DateTimeField(auto_now_add=True)

    MOVES = PLACEMENT_MOVES

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="placements_placement_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=["region", "period", "learner"],
                condition=Q(ended_at__isnull=True),
                name="placements_placement_one_live_per_period",
            ),
            RowPolicy.shared(
                "placements_placement_rows",
                parents=("authority", "employer", "slot", "learner", "school_unit", "round", "period", "run"),
                learner="learner_id",
            ),
        ]
        indexes = [
            models.Index(fields=["region", "authority", "round"], name="placements_placement_round"),
            models.Index(fields=["region", "employer", "starts_on"], name="placements_placement_employer"),
            models.Index(fields=["region", "learner"], name="placements_placement_learner"),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.starts_on}"


class PlacementWeek(TenantModel):
    """One week of a placement: the working days are held against every other live placement of the learner."""

    authority = models.ForeignKey(SchoolAuthority, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    placement = models.ForeignKey(Placement, models.CASCADE, related_name="weeks")
    learner = models.ForeignKey(Learner, models.PROTECT, related_name="+")
    week_on = models.DateField(help_text="the week's Monday")
    days = DateRangeField(help_text="Monday to Friday")
    live = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        constraints = [
            ExclusionConstraint(
                name="placements_placementweek_not_two_places_at_once",
                expressions=[("learner", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
                condition=Q(live=True),
            ),
            RowPolicy.shared(
                "placements_placementweek_rows",
                parents=("authority", "employer", "placement", "learner"),
                learner="learner_id",
            ),
        ]
        indexes = [
            models.Index(fields=["region", "placement"], name="placements_pw_placement"),
            models.Index(fields=["region", "week_on"], name="placements_pw_week"),
        ]

    def __str__(self) -> str:
        return str(self.week_on)


class TravelModel(TenantModel):
    """How a region estimates travel from distance: beeline times detour at a speed, plus a start."""

    speed_kmh = models.PositiveSmallIntegerField(_("hastighet, km/h"), default=40)
    detour_percent = models.PositiveSmallIntegerField(_("omväg, procent"), default=30)
    start_minutes = models.PositiveSmallIntegerField(_("gång och väntan, minuter"), default=8)
    far_minutes = models.PositiveSmallIntegerField(_("lång resa från, minuter"), default=45)
    limit_minutes = models.PositiveSmallIntegerField(_("längsta resa, minuter"), null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["region"], name="placements_travelmodel_one_each"),
            models.CheckConstraint(condition=Q(speed_kmh__gte=1), name="placements_travelmodel_moves"),
            models.CheckConstraint(
                condition=Q(limit_minutes=None) | Q(limit_minutes__gte=F("far_minutes")),
                name="placements_travelmodel_limit_after_far",
            ),
            RowPolicy.regional("placements_travelmodel_rows", writers=("region",)),
        ]

    def __str__(self) -> str:
        return f"{self.speed_kmh} km/h"
