"""The season: which classes are booked in which weeks, and the rounds with their dates and wishes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone

from accounts.enums import PlacementKind
from core.weeks import WEEK
from dashboards.demo.calendar import SchoolCalendar
from dashboards.demo.dice import Dice
from dashboards.demo.employers import Offer
from dashboards.demo.schools import NORRANG, SchoolRows
from dashboards.demo.wishes import WishModel, WishRows
from placements.enums import RoundPhase
from placements.models import Round, RoundPeriod
from placements.selectors.rounds import phase
from schools.enums import ProtectionMode
from schools.models import ClosedWeek, Learner, PeriodWeek, PlacementPeriod, SchoolClass, SchoolUnit

DAY: Final = timedelta(days=1)
WHEEL: Final = "wheel"
# The guide's school shows every phase on the day the demo starts: class, open weeks from this one, phase. 8D has
# not booked.
NORRANG_SEASON: Final = {
    "9A": (-6, WHEEL),
    "9B": (0, WHEEL),
    "9C": (3, RoundPhase.CONFIRMING),
    "8A": (5, RoundPhase.CLOSED),
    "8B": (7, RoundPhase.CHOOSING),
    "8C": (9, RoundPhase.VIEWING),
}
# Others that are always there, by the order of the schools: one ready to run, one done, one about to start. The guide's
# school has the weeks of its closed round to itself: it may run that one without the authority.
OTHERS: Final = {(1, 8): (11, RoundPhase.CLOSED), (1, 9): (-4, WHEEL), (2, 9): (1, WHEEL)}
OWN_WEEKS: Final = "8A"
UNBOOKED_SHARE: Final = 0.12
SENT_IN: Final = {RoundPhase.CHOOSING: 0.7, RoundPhase.CLOSED: 0.92}
FAVOURED: Final = 2
SAVED: Final = 0.35  # of those who have not sent in


@dataclass
class Booking:
    """Classes of one school and grade that go out in the same weeks, and the phase their round is shown in."""

    unit: SchoolUnit
    classes: list[SchoolClass]
    weeks: tuple[date, ...]
    phase: str = WHEEL
    periods: list[PlacementPeriod] = field(default_factory=list)
    round: Round | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of a round; `published_at` is when its result goes out."""

    view_at: datetime
    choose_at: datetime
    close_at: datetime
    confirm_on: date
    published_at: datetime


def bookings(dice: Dice, schools: SchoolRows, calendar: SchoolCalendar) -> Iterator[Booking]:
    """Yield what the schools book: the guide's by plan, the others where they like."""
    free: dict[int, list[tuple[SchoolUnit, list[SchoolClass]]]] = {8: [], 9: []}
    for index, unit in enumerate(schools.units):
        for grade in (8, 9):
            classes = schools.classes_of(unit, grade)
            if unit.name == NORRANG:
                yield from _norrang(unit, classes, calendar)
                continue
            groups = [classes[start : start + 2] for start in range(0, len(classes), 2)]
            if groups and (fixed := OTHERS.get((index, grade))):
                yield Booking(unit, groups.pop(0), calendar.near(fixed[0]), fixed[1])
            free[grade] += [(unit, group) for group in groups if not dice.often(UNBOOKED_SHARE)]
    own = calendar.near(NORRANG_SEASON[OWN_WEEKS][0])
    for grade, held in free.items():
        # The largest take the weeks that everybody wants: that is where places run short.
        held.sort(key=lambda group: -sum(len(schools.learners[each.pk]) for each in group[1]))
        for (unit, group), weeks in zip(held, calendar.spread(grade, len(held), beside=own), strict=True):
            yield Booking(unit, group, weeks)


def _norrang(unit: SchoolUnit, classes: Sequence[SchoolClass], calendar: SchoolCalendar) -> Iterator[Booking]:
    for each in classes:
        if each.name in NORRANG_SEASON:
            steps, shown = NORRANG_SEASON[each.name]
            yield Booking(unit, [each], calendar.near(steps), shown)


def apl_bookings(dice: Dice, classes: Sequence[SchoolClass], calendar: SchoolCalendar) -> Iterator[Booking]:
    """Yield the weeks of upper-secondary classes: three or four in a row, in either term."""
    weeks = calendar.of_year()
    for each in classes:
        start = dice.randrange(len(weeks) - 4)
        yield Booking(each.school_unit, [each], tuple(weeks[start : start + dice.randint(3, 4)]))


def dates_of(booking: Booking, now: datetime) -> Dates:
    """Return a round's dates: those of the year wheel, or such that the round is in the phase asked for now."""
    first, day = booking.weeks[0], timezone.localdate(now)
    monday = day - timedelta(days=day.weekday())
    if booking.phase == RoundPhase.CONFIRMING:
        return Dates(
            _at(day - 30 * DAY, 8),
            _at(day - 22 * DAY, 8),
            _at(day - 8 * DAY, 16),
            day + 4 * DAY,
            _at(day - 5 * DAY, 10),
        )
    closes = first - 3 * WEEK + 4 * DAY
    if booking.phase == RoundPhase.CLOSED:
        return Dates(_at(day - 25 * DAY, 8), _at(day - 17 * DAY, 8), _at(day - 2 * DAY, 16), closes, _at(closes, 8))
    if booking.phase == RoundPhase.CHOOSING:
        opened = min(monday - WEEK, day - 6 * DAY)
        return Dates(_at(opened - WEEK, 8), _at(opened, 8), _at(day + 5 * DAY, 16), closes, _at(closes, 8))
    if booking.phase == RoundPhase.VIEWING:
        return Dates(
            _at(day - 3 * DAY, 8), _at(monday + WEEK, 8), _at(monday + 2 * WEEK + 4 * DAY, 16), closes, _at(closes, 8)
        )
    return Dates(
        view_at=_at(first - 7 * WEEK, 8),
        choose_at=_at(first - 6 * WEEK, 8),
        close_at=_at(first - 5 * WEEK + 4 * DAY, 16),
        confirm_on=first - 3 * WEEK + 4 * DAY,
        published_at=_at(first - 4 * WEEK + 1 * DAY, 10),
    )


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


class SeasonMaker:
    """Makes periods, rounds and wishes of bookings."""

    def __init__(
        self, dice: Dice, schools: SchoolRows, offers: Sequence[Offer], now: datetime, favourite: Offer | None = None
    ) -> None:
        """`favourite` is the first wish of two learners in the rounds that wait for answers."""
        self.dice, self.schools, self.offers, self.now, self.favourite = dice, schools, offers, now, favourite
        self.periods: list[PlacementPeriod] = []
        self.weeks: list[PeriodWeek] = []
        self.rounds: list[Round] = []
        self.links: list[RoundPeriod] = []
        self.wishes = WishRows(dice)

    def book(self, booking: Booking, kind: str = PlacementKind.PRAO) -> None:
        """Book the weeks of every class."""
        for school_class in booking.classes:
            owners = {"region_id": school_class.region_id, "authority_id": school_class.authority_id}
            period = PlacementPeriod(
                id=self.dice.uuid(),
                **owners,
                school_unit=school_class.school_unit,
                school_class=school_class,
                kind=kind,
                label=school_class.name,
                learners=len(self.schools.learners[school_class.pk]),
            )
            booking.periods.append(period)
            self.periods.append(period)
            self.weeks += [
                PeriodWeek(id=self.dice.uuid(), **owners, period=period, week_on=week) for week in booking.weeks
            ]

    def open_round(self, booking: Booking) -> None:
        """Open the booking's round, if it is near enough to be open or planned, with the wishes made by now."""
        dates = dates_of(booking, self.now)
        if dates.view_at > self.now + 2 * WEEK:
            return
        made = self._round(
            booking, dates, f"Prao {', '.join(period.label for period in booking.periods)}", booking.unit
        )
        if booking.phase != RoundPhase.CLOSED and dates.published_at <= self.now:
            booking.published_at = dates.published_at
        if dates.choose_at <= self.now:
            unsettled = SENT_IN.get(phase(made, self.now), 0.95)
            self._wish(booking, made, 0.95 if booking.published_at else unsettled)

    def open_shared_round(self, booked: Sequence[Booking], title: str, dates: Dates, sent_in: float) -> None:
        """Book the weeks of every booking and open one round for them all, the wishes made."""
        for booking in booked:
            self.book(booking)
        made = self._round(booked[0], dates, title, None)
        for booking in booked:
            if booking is not booked[0]:
                self._link(booking, made)
            self._wish(booking, made, sent_in)

    def _round(self, booking: Booking, dates: Dates, title: str, unit: SchoolUnit | None) -> Round:
        first = booking.periods[0]
        made = Round(
            id=self.dice.uuid(),
            region_id=first.region_id,
            authority_id=first.authority_id,
            school_unit=unit,
            title=title,
            view_at=dates.view_at,
            choose_at=dates.choose_at,
            close_at=dates.close_at,
            confirm_on=dates.confirm_on,
            seed=f"{self.dice.getrandbits(128):032x}",
        )
        self.rounds.append(made)
        self._link(booking, made)
        return made

    def _link(self, booking: Booking, made: Round) -> None:
        booking.round = made
        self.links += [
            RoundPeriod(
                id=self.dice.uuid(),
                region_id=made.region_id,
                authority_id=made.authority_id,
                round=made,
                period=period,
            )
            for period in booking.periods
        ]

    def _wish(self, booking: Booking, made: Round, share: float) -> None:
        """`share` of the learners have sent in; some of the others have begun."""
        learners = list(self._choosers(booking))
        self.dice.shuffle(learners)
        sent, saved = round(share * len(learners)), round((share + (1 - share) * SAVED) * len(learners))
        last = min(made.close_at, self.now)
        models = {
            school_class.school_unit.municipality_code: WishModel(
                self.dice,
                self.offers,
                booking.weeks,
                grade=school_class.grade_level,
                home=school_class.school_unit.municipality_code,
            )
            for school_class in booking.classes
        }
        for number, learner in enumerate(learners[:saved]):
            submitted = number < sent
            count = self.dice.randint(made.min_choices, made.max_choices) if submitted else self.dice.randint(1, 3)
            at = made.choose_at + (last - made.choose_at) * self.dice.betavariate(0.7, 1.2)
            drawn = models[learner.school_class.school_unit.municipality_code].draw(learner.sex, count)
            if self.favourite and booking.phase == RoundPhase.CONFIRMING and number < FAVOURED:
                drawn = [self.favourite, *(offer for offer in drawn if offer is not self.favourite)][:count]
            self.wishes.add(made, learner, drawn, at, submitted=submitted)

    def _choosers(self, booking: Booking) -> Iterator[Learner]:
        for school_class in booking.classes:
            for learner in self.schools.learners[school_class.pk]:
                if learner.protection_mode == ProtectionMode.NONE:
                    yield learner

    def write(self) -> None:
        """Insert everything, parents first."""
        PlacementPeriod.objects.bulk_create(self.periods, batch_size=1000)
        PeriodWeek.objects.bulk_create(self.weeks, batch_size=1000)
        Round.objects.bulk_create(self.rounds, batch_size=1000)
        RoundPeriod.objects.bulk_create(self.links, batch_size=1000)
        self.wishes.write()


def closed_week_rows(dice: Dice, calendar: SchoolCalendar, region_id: UUID) -> list[ClosedWeek]:
    """Return the breaks as rows, for the school year and the terms beside it."""
    return [
        ClosedWeek(id=dice.uuid(), region_id=region_id, week_on=week, reason=reason)
        for week, reason in sorted(calendar.closed.items())
    ]
