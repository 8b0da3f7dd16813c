"""Many learners with wishes, in a few statements: enough work for a worker to be caught in the middle of it."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from random import Random

from django.utils import timezone

from accounts.enums import Role
from accounts.models import Organisation
from core.permissions import Actor, ActorKind
from core.weeks import WEEK, monday, today
from employers.models import Slot, SlotWeek
from placements.enums import RunStatus
from placements.models import AllocationRun, Assignment, Choice, ChoiceList, Round
from schools.models import Guardian, Learner, PlacementPeriod, SchoolUnit
from tests.factories import employers, placements, schools

WISHES = 6
HOSTS = 8


@dataclass
class Crowd:
    """A closed round of one class; every learner has `WISHES` wishes and there are seats for all."""

    school: SchoolUnit
    period: PlacementPeriod
    round: Round
    slots: list[Slot]
    learners: list[Learner]

    @property
    def counsellor(self) -> Actor:
        found = self.school.organisation.scope()
        return Actor(
            kind=ActorKind.MEMBER,
            label="Malin Ekdahl",
            region_id=found.region,
            organisation_id=self.school.pk,
            authority_id=found.authority,
            roles=frozenset({Role.CAREER_COUNSELLOR}),
        )

    def make_draft(self) -> AllocationRun:
        """A finished run that gives everybody a seat, as if a worker had made it."""
        run = placements.make_run(self.round, status=RunStatus.DRAFT)
        per_slot = _seats_each(len(self.learners), len(self.slots))
        owners = {"region_id": run.region_id, "authority_id": run.authority_id, "run": run, "period": self.period}
        Assignment.objects.bulk_create(
            Assignment(**owners, learner=learner, slot=self.slots[number // per_slot], rank=1)
            for number, learner in enumerate(self.learners)
        )
        return run


def make_crowd(region: Organisation, *, learners: int, slots: int, written_to: int) -> Crowd:
    """Build the crowd; `written_to` learners and one guardian of each have an address. Call inside a scope."""
    school = schools.make_school(schools.make_authority(region))
    school_class = schools.make_class(school, "8A")
    week_on = monday(today() + timedelta(weeks=10))
    period = schools.make_period(school_class, [week_on, week_on + WEEK], learners=learners)
    crowd = Crowd(school, period, placements.make_round(period, phase="closed"), [], [])
    crowd.slots = _slots(region, slots, _seats_each(learners, slots), [week_on, week_on + WEEK])
    owners = {"region_id": school.region_id, "authority_id": school.authority_id}
    crowd.learners = Learner.objects.bulk_create(
        Learner(
            **owners,
            school_unit=school,
            school_class=school_class,
            first_name=f"Elev{number:04}",
            last_name="Lund",
            email=f"elev{number}@example.se" if number < written_to else "",
            personal_code=f"K{number:05}",
        )
        for number in range(learners)
    )
    Guardian.objects.bulk_create(
        Guardian(**owners, learner=learner, name="Kim Lund", email=learner.email.replace("elev", "vh"))
        for learner in islice(crowd.learners, written_to)
    )
    _wish(crowd, owners)
    return crowd


def _slots(region: Organisation, count: int, seats: int, weeks: list) -> list[Slot]:
    hosts = [employers.make_workplace(employers.make_employer(region, f"Verkstad {number}")) for number in range(HOSTS)]
    made = [employers.make_slot(hosts[number % HOSTS], title=f"Plats {number}") for number in range(count)]
    SlotWeek.objects.bulk_create(
        SlotWeek(region_id=slot.region_id, employer_id=slot.employer_id, slot=slot, week_on=week, seats=seats)
        for slot in made
        for week in weeks
    )
    return made


def _seats_each(learners: int, slots: int) -> int:
    return -(-learners // slots)


def _wish(crowd: Crowd, owners: dict) -> None:
    """Skewed wishes: the first slots are everybody's favourites, so that the engine has something to weigh."""
    random, now = Random(41), timezone.now()
    lists = ChoiceList.objects.bulk_create(
        ChoiceList(**owners, round=crowd.round, learner=learner, saved_at=now, submitted_at=now)
        for learner in crowd.learners
    )
    weights = [1 / (number + 1) for number in range(len(crowd.slots))]
    Choice.objects.bulk_create(
        (
            Choice(**owners, choice_list=made, learner_id=made.learner_id, slot=slot, rank=rank)
            for made in lists
            for rank, slot in enumerate(_draw(random, crowd.slots, weights), start=1)
        ),
        batch_size=2000,
    )


def _draw(random: Random, slots: list[Slot], weights: list[float]) -> list[Slot]:
    """Different slots, the heavy ones first and most often."""
    return list(islice(dict.fromkeys(random.choices(slots, weights, k=30 * WISHES)), WISHES))
