"""A round that is about to be published, or has been: a class, two workplaces, and a reviewed run."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from accounts.enums import Role
from core.permissions import Actor, ActorKind
from core.tenancy import Scope, scope
from employers.models import Employer, Slot
from placements.enums import RunStatus
from placements.models import AllocationRun, AnswerLink, Placement, Round
from placements.services.publishing import publish_run
from placements.services.telling import tell_published
from schools.models import Learner, PlacementPeriod, SchoolClass, SchoolUnit
from tests.factories import accounts, employers, placements, schools


@dataclass
class Season:
    """What was built. `slots` and `employers` are in the order they were made."""

    school: SchoolUnit
    school_class: SchoolClass
    period: PlacementPeriod
    round: Round
    run: AllocationRun
    weeks: list[date]
    employers: list[Employer] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    learners: list[Learner] = field(default_factory=list)

    @property
    def actor(self) -> Actor:
        """The school's counsellor."""
        found = self.school.organisation.scope()
        return Actor(
            kind=ActorKind.MEMBER,
            label="Malin Ekdahl",
            region_id=found.region,
            organisation_id=self.school.pk,
            authority_id=found.authority,
            roles=frozenset({Role.CAREER_COUNSELLOR}),
        )

    def employer_actor(self, number: int = 0) -> Actor:
        """The administrator of one of the employers."""
        employer = self.employers[number]
        return Actor(
            kind=ActorKind.MEMBER,
            label="Petra Holm",
            region_id=employer.region_id,
            organisation_id=employer.pk,
            employer_id=employer.pk,
            roles=frozenset({Role.EMPLOYER_ADMINISTRATOR}),
        )

    def publish(self, *, told: bool = True) -> "Season":
        """Publish the run, as the school does; unless told otherwise the time for regret passes, and all are told."""
        with scope(self.authority_scope):
            publish_run(run=self.run, actor=self.actor)
        if told:
            self.let_time_pass()
        return self

    def let_time_pass(self) -> None:
        """The publishing happened long enough ago that all have been told."""
        with scope(self.authority_scope):
            now = timezone.now()
            AllocationRun.objects.filter(pk=self.run.pk).update(undo_until=now, results_at=now)
            Placement.objects.filter(run=self.run).update(shown_at=now)
        tell_published()

    @property
    def authority_scope(self) -> Scope:
        return self.school.organisation.scope()

    def placement(self, number: int = 0) -> Placement:
        """The live placement of one learner."""
        return Placement.objects.get(learner=self.learners[number], ended_at=None)

    def link(self, number: int = 0) -> AnswerLink:
        """The answer link of one of the employers."""
        return AnswerLink.objects.select_related("employer").get(employer=self.employers[number])


def make_season(region: Any, weeks: list[date], *, learners: int = 3, seats: int = 3, **slot: Any) -> Season:
    """Build a reviewed run: every learner but the last gets the first slot; the last gets none. Call inside a scope.

    The first employer has `seats` seats a week, the second five.
    """
    authority = schools.make_authority(region)
    school = schools.make_school(authority)
    accounts.make_member(school.organisation, Role.CAREER_COUNSELLOR)
    school_class = schools.make_class(school, "8B")
    pupils = [
        schools.make_learner(school_class, name) for name in ("Amina", "Elias", "Viktor", "Noor", "Sam")[:learners]
    ]
    for pupil in pupils:
        schools.make_guardian(pupil)
    period = schools.make_period(school_class, weeks)
    made = placements.make_round(period, phase="closed")
    hosts = [employers.make_employer(region, name) for name in ("Hulta Bageri", "Viskadalens Åkeri")]
    slots = [employers.make_slot(employers.make_workplace(host), **slot) for host in hosts]
    employers.make_seats(slots[0], weeks, seats)
    employers.make_seats(slots[1], weeks, 5)
    for pupil in pupils:
        placements.make_choices(made, pupil, slots)
    now = timezone.now()
    accepted = {"unplaced": {"by": "Malin Ekdahl", "at": now.isoformat(), "count": 1}}
    run = placements.make_run(made, status=RunStatus.REVIEWED, reviewed_at=now, accepted=accepted)
    for pupil in pupils[:-1]:
        placements.make_assignment(run, pupil, period, slots[0], 1)
    placements.make_assignment(run, pupils[-1], period, None, None)
    return Season(school, school_class, period, made, run, weeks, hosts, slots, pupils)
