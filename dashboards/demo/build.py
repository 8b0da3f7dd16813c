"""Builds the invented region: one transaction, parents first, then the season up to today."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from django.utils import timezone

from accounts.enums import OrganisationKind, PlacementKind, Role
from accounts.models import Organisation
from core.tenancy import SystemReason, system_scope
from dashboards.demo.calendar import SchoolCalendar
from dashboards.demo.cast import HULTA, learner_sign_ins, leave_invitations, make_cast
from dashboards.demo.database import plan_without_statistics
from dashboards.demo.dice import Dice
from dashboards.demo.employers import EmployerMaker, EmployerRows, free_slug
from dashboards.demo.guidance import write_plans
from dashboards.demo.outcomes import Outcomes, Publisher, by_first_week
from dashboards.demo.people import PeopleMaker, SignIn, member_actor
from dashboards.demo.region import REGION_NAME
from dashboards.demo.schools import NORRANG, SchoolMaker, SchoolRows, make_invented_schools, make_upper_secondary
from dashboards.demo.season import Booking, SeasonMaker, apl_bookings, bookings, closed_week_rows
from dashboards.demo.workplaces import SiteMaker
from placements.enums import RoundPhase
from placements.models import Placement
from schools.models import ClosedWeek, SchoolClass

SIZES: Final = {"tenth": 0.1, "full": 1.0}
SITES: Final = {"tenth": 135, "full": 1500}
UPPER_SECONDARY_SCHOOLS: Final = {"tenth": 1, "full": 4}
PLANS: Final = 4
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Built:
    """What was made: counts by word, and the sign-ins."""

    counts: dict[str, int]
    sign_ins: list[SignIn]


class DemoBuilder:
    """Builds the region step by step; `build` opens its own transaction."""

    def __init__(self, *, size: str, today: date, say: Say) -> None:
        self.size, self.say = size, say
        self.dice = Dice(f"{REGION_NAME} {size} {today}")
        self.calendar = SchoolCalendar(today)
        self.now = _moment(today)
        self.slugs = set(Organisation.objects.values_list("slug", flat=True))
        slug = free_slug(REGION_NAME, self.slugs)
        self.region = Organisation(id=self.dice.uuid(), kind=OrganisationKind.REGION, name=REGION_NAME, slug=slug)
        self.region.region = self.region
        self.people = PeopleMaker(self.dice)

    def build(self) -> Built:
        """Make everything, or nothing."""
        with system_scope(SystemReason.SEED):
            plan_without_statistics()
            schools, apl_classes = self._schools()
            employers = self._employers()
            self._write(schools, employers)
            season, booked = self._season(schools, apl_classes, employers)
            self._outcomes(schools, booked)
            learner_sign_ins(self.people, schools)
            plans = write_plans(self.dice, schools.units[:PLANS], self.calendar)
            placements = Placement.objects.filter(region=self.region).count()
        counts = {
            "huvudmän": len(schools.authorities),
            "skolenheter": len(schools.units),
            "klasser": len(schools.classes),
            "elever": sum(map(len, schools.learners.values())),
            "arbetsgivare": len(employers.organisations),
            "publicerade platser": len(employers.offers),
            "omgångar": len(season.rounds),
            "val": len(season.wishes.choices),
            "placeringar": placements,
            "vägledningsplaner": plans,
            "personer": len(self.people.users),
        }
        return Built(counts, self.people.sign_ins)

    def _schools(self) -> tuple[SchoolRows, list[SchoolClass]]:
        maker = SchoolMaker(self.dice, self.region, self.calendar.today, self.slugs)
        make_invented_schools(maker, SIZES[self.size])
        apl_classes = make_upper_secondary(maker, UPPER_SECONDARY_SCHOOLS[self.size])
        self.say("Skolor, klasser och elever är uppritade.")
        return maker.made, apl_classes

    def _employers(self) -> EmployerRows:
        sites, maker = SiteMaker(self.dice), EmployerMaker(self.dice, self.region, self.calendar, self.slugs)
        for site in sites.known():
            maker.add(site, published=True)
        for site in sites.draw(SITES[self.size]):
            maker.add(site)
        self.say("Arbetsgivare, platser och veckor är uppritade.")
        return maker.made

    def _write(self, schools: SchoolRows, employers: EmployerRows) -> None:
        sara = make_cast(self.people, self.region, schools, employers)
        leave_invitations(self.people, schools, employers, sara, self.now)
        self.region.save(force_insert=True)
        Organisation.objects.bulk_create([*schools.authorities.values(), *employers.organisations.values()])
        Organisation.objects.bulk_create(schools.unit_organisations)
        schools.write()
        self.people.write()
        employers.write()
        ClosedWeek.objects.bulk_create(closed_week_rows(self.dice, self.calendar, self.region.pk))
        self.say("Skolor, arbetsgivare och personer är sparade.")

    def _season(
        self, schools: SchoolRows, apl_classes: list[SchoolClass], employers: EmployerRows
    ) -> tuple[SeasonMaker, list[Booking]]:
        hulta = next(offer for offer in employers.offers if offer.slot.title == HULTA)
        season = SeasonMaker(self.dice, schools, employers.offers, self.now, hulta)
        booked = list(bookings(self.dice, schools, self.calendar))
        for booking in booked:
            season.book(booking)
            season.open_round(booking)
        for booking in apl_bookings(self.dice, apl_classes, self.calendar):
            season.book(booking, PlacementKind.APL)
        season.write()
        self.say(f"Omgångar och val är sparade: {len(season.rounds)} omgångar.")
        return season, booked

    def _outcomes(self, schools: SchoolRows, booked: list[Booking]) -> None:
        units = {organisation.pk: organisation for organisation in schools.unit_organisations}

        def publisher_of(booking: Booking) -> Publisher:
            user = self.people.staff[booking.unit.pk, Role.CAREER_COUNSELLOR]
            return Publisher(user, member_actor(user, units[booking.unit.pk], Role.CAREER_COUNSELLOR))

        outcomes = Outcomes(self.dice, self.now, publisher_of, waits=HULTA)
        published = by_first_week(each for each in booked if each.round and each.published_at)
        for booking in published:
            if booking.round:
                outcomes.publish(booking, booking.round)
        for booking in booked:
            if booking.round and booking.phase == RoundPhase.CLOSED and booking.unit.name == NORRANG:
                outcomes.run(booking, booking.round, is_trial=True)
                outcomes.run(booking, booking.round)
        outcomes.write_history()
        self.say(f"Fördelningar är körda och publicerade: {len(published)}.")


def _moment(today: date) -> datetime:
    """Return now, or noon of an earlier day."""
    if today == timezone.localdate():
        return timezone.now()
    return timezone.make_aware(datetime.combine(today, time(12)))
