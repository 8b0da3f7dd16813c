"""One row of every tenant model, all of one region, one authority and one employer: what the standing matrices walk."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.enums import Role
from accounts.models import AccessLog, Invitation, Organisation
from core.outbox.models import OutboxMessage
from core.permissions import SYSTEM
from core.states import record
from core.tenancy import Party, Scope
from core.weeks import WEEK, monday, today
from employers.models import Employer
from guidance.models import Activity, Goal, GuidancePlan
from placements.models import AnswerLink, Placement, PlacementLock, PlacementWeek, TravelModel
from schools.models import ClosedWeek, SchoolAuthority
from tests.factories import accounts, dashboards, employers, placements, schools


@dataclass
class World:
    """The rows by model label, and the scopes of those who own them."""

    region: Organisation
    authority: SchoolAuthority
    employer: Employer
    rows: dict[str, models.Model]

    def scope(self, party: str) -> Scope:
        authority, learner = self.authority.pk, self.rows["schools.Learner"].pk
        return {
            "region": Scope(Party.REGION, region=self.region.pk),
            "authority": Scope(Party.AUTHORITY, region=self.region.pk, authority=authority),
            "employer": Scope(Party.EMPLOYER, region=self.region.pk, employer=self.employer.pk),
            "learner": Scope(Party.LEARNER, region=self.region.pk, authority=authority, learner=learner),
        }[party]


def make_world(region: Organisation, name: str = "") -> World:
    """Build the rows. Call inside a system scope."""
    world = World(region, schools.make_authority(region, f"Borås {name}"), employers.make_employer(region), {})
    keep = _keeper(world)
    keep(world.authority, world.employer, world.employer.contacts.get())
    owners = {"region": region, "authority": world.authority}
    week_on = monday(today() + timedelta(weeks=8))

    user = keep(accounts.make_member(world.authority.organisation, Role.AUTHORITY_COORDINATOR).memberships.get()).user
    expires_at = timezone.now() + timedelta(days=14)
    keep(
        Invitation.objects.create(
            region=region,
            organisation=world.authority.organisation,
            email="ny@example.se",
            role=Role.AUTHORITY_COORDINATOR,
            expires_at=expires_at,
        ),
        AccessLog.objects.create(
            region=region,
            authority_id=world.authority.pk,
            user_id=user.pk,
            actor_label="Malin",
            action="schools:class_detail",
        ),
    )
    workplace = keep(employers.make_workplace(world.employer))
    slot = keep(employers.make_slot(workplace))
    keep(employers.make_seats(slot, [week_on], 5)[0], employers.make_cap(workplace, [week_on], 5)[0])
    keep(employers.make_quota(slot, world.authority, [week_on], 2)[0])
    keep(TravelModel.objects.get_or_create(region=region)[0])

    school = keep(schools.make_school(world.authority, f"Norrängsskolan {name}"))
    school_class = keep(schools.make_class(school))
    learner = keep(schools.make_learner(school_class, "Amina"))
    keep(schools.make_guardian(learner))
    period = keep(schools.make_period(school_class, [week_on]))
    keep(period.weeks.get(), ClosedWeek.objects.create(region=region, week_on=week_on + WEEK, reason=f"Lov {name}"))

    made = keep(placements.make_round(period))
    keep(made.round_periods.get())
    keep(placements.make_choices(made, learner, [slot]).choices.get().choice_list)
    keep(learner.choice_lists.get().choices.get())
    figures = placements.make_figures(school_class, week_on)
    run = keep(placements.make_run(made, status="draft", summary=figures, finished_at=timezone.now()))
    keep(placements.make_assignment(run, learner, period, slot, 1))
    keep(placements.make_run_file(run))
    keep(PlacementLock.objects.create(**owners, round=made, learner=learner, slot=slot, reason="Särskilt stöd"))
    both = {**owners, "employer": world.employer}
    keep(AnswerLink.objects.create(**both, round=made, expires_at=expires_at))
    later = week_on + WEEK * 2
    employers.make_seats(slot, [later], 5)
    published = schools.make_period(school_class, [later])
    answered = placements.make_round(published, phase="closed", title="Prao 2", published_at=timezone.now())
    placement = keep(_placement(both, slot, learner, answered, published, later))
    keep(
        PlacementWeek.objects.create(
            **both, placement=placement, learner=learner, week_on=later, days=(later, later + timedelta(days=5))
        ),
        OutboxMessage.objects.create(
            region=region,
            authority=world.authority.organisation,
            employer=world.employer.organisation,
            key=f"digest:{placement.pk}",
            event="placements/employer_digest",
        ),
        record(placement, before="reserved", after="employer_confirmed", actor=SYSTEM),
    )
    keep(dashboards.make_forecast(region))
    plan = keep(GuidancePlan.objects.create(**owners, school_unit=school, school_year=2026))
    goal = keep(Goal.objects.create(**owners, plan=plan, text="Alla elever möter två yrken"))
    keep(
        Activity.objects.create(
            **owners, plan=plan, goal=goal, title="Prao", grade_level=8, week_on=week_on, responsible="SYV"
        )
    )
    return world


def _keeper(world: World) -> Any:
    def keep(*made: models.Model) -> Any:
        for row in made:
            world.rows[row._meta.label] = row
        return made[0]

    return keep


def _placement(both: dict[str, Any], slot: Any, learner: Any, made: Any, period: Any, week_on: date) -> Placement:
    return Placement.objects.create(
        **both,
        slot=slot,
        learner=learner,
        school_unit=learner.school_unit,
        round=made,
        period=period,
        learner_name="Amina Warsame",
        class_name="8D",
        school_name="Norrängsskolan",
        starts_on=week_on,
        ends_on=week_on + timedelta(days=4),
        rank=1,
        status="employer_confirmed",
        confirmed_at=timezone.now(),
    )


def grow(world: World, *numbers: int) -> None:
    """Add one more, for each number, of everything a list of this world may show."""
    rows = world.rows
    region, week_on = world.region, rows["schools.PeriodWeek"].week_on
    for number in numbers:
        accounts.make_member(world.authority.organisation, Role.SYSTEM_ADMINISTRATOR, f"Person {number}")
        other = employers.make_employer(region, f"Arbetsgivare {number}")
        for employer in (world.employer, other):
            workplace = employers.make_workplace(employer, f"Arbetsplats {number}")
            slot = employers.make_slot(workplace)
            employers.make_seats(slot, [week_on], 5)
            employers.make_slot(workplace, status="submitted", submitted_at=timezone.now())
        school = rows["schools.SchoolUnit"]
        school_class = schools.make_class(school, f"8{number}")
        schools.make_class(school, f"9{number}", 9, learners=1)
        learner = schools.make_learner(school_class)
        schools.make_guardian(learner)
        period = schools.make_period(school_class, [week_on])
        made = placements.make_round(period, title=f"Prao {number}")
        placements.make_choices(made, learner, [slot, rows["employers.Slot"]])
        run = placements.make_run(made, status="draft")
        placements.make_assignment(run, learner, period, slot, 1)
        _more_of_the_same(world, slot, number)
        other_school = schools.make_school(world.authority, f"Skola {number}")
        schools.make_period(schools.make_class(other_school, "8A", learners=1), [week_on])


def _more_of_the_same(world: World, slot: Any, number: int) -> None:
    """More learners in the class, the round and the run that the world already has, each with a placement."""
    rows = world.rows
    made, period, run = rows["placements.Round"], rows["schools.PlacementPeriod"], rows["placements.AllocationRun"]
    owners = {"region": world.region, "authority": world.authority}
    learner = schools.make_learner(rows["schools.SchoolClass"], f"Elev {number}")
    placements.make_choices(made, learner, [slot, rows["employers.Slot"]])
    placements.make_assignment(run, learner, period, rows["employers.Slot"], 1)
    PlacementLock.objects.create(**owners, round=made, learner=learner, slot=slot, reason="Särskilt stöd")
    both = {**owners, "employer": world.employer}
    held = rows["placements.Placement"]
    placement = _placement(both, rows["employers.Slot"], learner, held.round, held.period, held.starts_on)
    record(placement, before="reserved", after="employer_confirmed", actor=SYSTEM)
    Activity.objects.create(
        **owners,
        plan=rows["guidance.GuidancePlan"],
        goal=rows["guidance.Goal"],
        title=f"Studiebesök {number}",
        grade_level=8,
        week_on=held.starts_on,
        responsible="SYV",
    )
    AccessLog.objects.create(
        region=world.region, authority_id=world.authority.pk, actor_label="Malin", action="schools:class_detail"
    )
