"""The data that is measured: an authority with a round over all its learners, and the region's employers."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.utils import timezone

from accounts.enums import OrganisationKind, Role
from accounts.models import Organisation, User
from core.permissions import Actor
from core.states import move
from core.tenancy import Scope, SystemReason, scope, system_scope
from core.weeks import WEEK, today
from dashboards.demo.calendar import SchoolCalendar
from dashboards.demo.dice import Dice, shares
from dashboards.demo.employers import EmployerMaker, EmployerRows
from dashboards.demo.people import PeopleMaker, member_actor
from dashboards.demo.region import BORAS, MUNICIPALITIES
from dashboards.demo.schools import SchoolMaker, SchoolPlan, SchoolRows
from dashboards.demo.season import Booking, SeasonMaker
from dashboards.demo.wishes import WishModel
from dashboards.demo.workplaces import SiteMaker
from placements.enums import RoundPhase, RunPolicy, RunStatus
from placements.models import AllocationRun, Round, RoundPeriod
from placements.services.publishing import publish_run
from placements.services.run_work import perform_run
from placements.services.runs import request_run
from placements.services.telling import tell_published
from schools.enums import ProtectionMode
from schools.models import Learner

SCHOOL_SIZE: Final = 200
CHOOSERS: Final = 25
SITES_PER_LEARNER: Final = 0.3
# The classes go out in turns of two weeks; those who choose now, in the two that follow.
TURNS: Final = 6
FIRST_TURN: Final = 3 * WEEK


def outside_the_wall() -> AbstractContextManager[Scope]:
    """The scope for building, and for what no member could ask. Nothing is timed in it."""
    return system_scope(SystemReason.BENCHMARK)


@dataclass
class World:
    """What was built, with a member of each kind to look at it."""

    region: Organisation
    authority: Organisation
    schools: SchoolRows
    employers: EmployerRows
    people: PeopleMaker
    round: Round
    learners: int

    @property
    def coordinator(self) -> User:
        return self.people.staff[self.authority.pk, Role.AUTHORITY_COORDINATOR]

    @property
    def actor(self) -> Actor:
        return member_actor(self.coordinator, self.authority, Role.AUTHORITY_COORDINATOR)

    def chooser(self) -> Learner:
        """Return a learner whose round is open."""
        school_class = next(each for each in self.schools.classes if each.grade_level == 9)
        return self.schools.learners[school_class.pk][0]

    def allocate(self) -> AllocationRun:
        """Ask for a run of the round and do it, as a worker would. Returns the draft."""
        run = self.queue()
        perform_run(run_id=run.pk, in_scope=self.authority.scope())
        return self.draft()

    def queue(self) -> AllocationRun:
        """Ask for a run of the round."""
        with scope(self.authority.scope()):
            return request_run(round=self.round, is_trial=False, policy=RunPolicy.OPTIMUM, actor=self.actor)

    def draft(self) -> AllocationRun:
        """Return the newest run, allocated now if there is none."""
        with scope(self.authority.scope()):
            found = AllocationRun.objects.filter(round=self.round, status=RunStatus.DRAFT).order_by("number").last()
        return found or self.allocate()

    def publish(self) -> None:
        """Publish the round, unless it is."""
        with scope(self.authority.scope()):
            self.round.refresh_from_db()
        if self.round.published_at is None:
            run = self.reviewed()
            with scope(self.authority.scope()):
                publish_run(run=run, actor=self.actor)
                AllocationRun.objects.filter(pk=run.pk).update(undo_until=timezone.now())
            tell_published()

    def reviewed(self) -> AllocationRun:
        """Return the newest run, allocated now if there is none, looked through."""
        with scope(self.authority.scope()):
            found = AllocationRun.objects.filter(round=self.round, status=RunStatus.REVIEWED).order_by("number").last()
        if found is None:
            found = self.draft()
            with scope(self.authority.scope()):
                move(found, RunStatus.REVIEWED, actor=self.actor)
        return found


def build(learners: int) -> World:
    """Make everything in one transaction, from the same dice every time."""
    with outside_the_wall():
        return _Builder(learners).build()


class _Builder:
    def __init__(self, learners: int) -> None:
        self.learners = learners
        self.dice = Dice(f"benchmark {learners}")
        self.calendar = SchoolCalendar(today())
        ahead = [week for week in self.calendar.open if week >= self.calendar.this_week + FIRST_TURN]
        self.turns = [tuple(ahead[start : start + 2]) for start in range(0, 2 * (TURNS + 1), 2)]
        self.slugs: set[str] = set()
        self.region = Organisation(id=self.dice.uuid(), kind=OrganisationKind.REGION, name="Mätregionen", slug="mat")
        self.region.region = self.region
        self.people = PeopleMaker(self.dice)

    def build(self) -> World:
        schools, employers = self._schools(), self._employers()
        authority = next(iter(schools.authorities.values()))
        self._members(authority, schools, employers)
        self.region.save(force_insert=True)
        Organisation.objects.bulk_create([authority, *employers.organisations.values()])
        Organisation.objects.bulk_create(schools.unit_organisations)
        schools.write()
        self.people.write()
        employers.write()
        made = self._season(authority, schools, employers)
        return World(self.region, authority, schools, employers, self.people, made, self.learners)

    def _schools(self) -> SchoolRows:
        municipality = next(each for each in MUNICIPALITIES if each.code == BORAS)
        maker = SchoolMaker(self.dice, self.region, self.calendar.today, self.slugs)
        authority = maker.authority(municipality.authority, municipality.code)
        count = -(-self.learners // SCHOOL_SIZE)
        for number, size in enumerate(shares(self.learners, [1.0] * count), start=1):
            grades = {8: size, 9: min(CHOOSERS, size)}
            maker.school(authority, SchoolPlan(f"Skola {number}", municipality, municipality.towns[0].name, grades))
        return maker.made

    def _employers(self) -> EmployerRows:
        maker = EmployerMaker(self.dice, self.region, self.calendar, self.slugs)
        maker.offered = [week for turn in self.turns for week in turn]
        sites = SiteMaker(self.dice)
        for site in sites.known():
            maker.add(site, published=True)
        for site in sites.draw(round(self.learners * SITES_PER_LEARNER)):
            maker.add(site)
        return maker.made

    def _members(self, authority: Organisation, schools: SchoolRows, employers: EmployerRows) -> None:
        self.people.member(self.region, Role.REGIONAL_COORDINATOR)
        self.people.member(authority, Role.AUTHORITY_COORDINATOR)
        self.people.member(schools.unit_organisations[0], Role.CAREER_COUNSELLOR)
        for employer in employers.organisations.values():
            self.people.member(employer, Role.EMPLOYER_ADMINISTRATOR)

    def _season(self, authority: Organisation, schools: SchoolRows, employers: EmployerRows) -> Round:
        season = SeasonMaker(self.dice, schools, employers.offers, timezone.now(), employers.offers[0])
        choosing = self.turns.pop()
        for unit in schools.units:
            booking = Booking(unit, schools.classes_of(unit, 9), choosing, RoundPhase.CHOOSING)
            season.book(booking)
            season.open_round(booking)
        made = self._round(authority)
        season.rounds.append(made)
        for number, school_class in enumerate(each for each in schools.classes if each.grade_level == 8):
            turn = self.turns[number % len(self.turns)]
            booking = Booking(school_class.school_unit, [school_class], turn)
            season.book(booking)
            self._join(season, made, booking)
        season.write()
        return made

    def _round(self, authority: Organisation) -> Round:
        now, day = timezone.now(), timedelta(days=1)
        return Round(
            id=self.dice.uuid(),
            region=self.region,
            authority_id=authority.pk,
            title="Prao årskurs 8",
            view_at=now - 30 * day,
            choose_at=now - 20 * day,
            close_at=now - 2 * day,
            confirm_on=today() + 7 * day,
            seed=f"{self.dice.getrandbits(128):032x}",
        )

    def _join(self, season: SeasonMaker, made: Round, booking: Booking) -> None:
        """Put a class into the round, every learner with a full list sent in."""
        (period,) = booking.periods
        owners = {"region": self.region, "authority_id": made.authority_id}
        season.links.append(RoundPeriod(id=self.dice.uuid(), **owners, round=made, period=period))
        model = WishModel(self.dice, season.offers, booking.weeks, grade=8, home=booking.unit.municipality_code)
        for learner in season.schools.learners[booking.classes[0].pk]:
            if learner.protection_mode == ProtectionMode.NONE:
                drawn = model.draw(learner.sex, made.max_choices)
                season.wishes.add(made, learner, drawn, made.choose_at, submitted=True)
