"""Rows of employers: organisation, contact, workplace, slots in every state of their life, and seats per week."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Model
from django.utils import timezone
from django.utils.text import slugify

from accounts.enums import OrganisationKind, PlacementKind
from accounts.models import Organisation
from core.permissions import SYSTEM, Actor
from core.states import record
from dashboards.demo.calendar import SchoolCalendar
from dashboards.demo.dice import Dice
from dashboards.demo.names import draw_adult
from dashboards.demo.trades import Trade
from dashboards.demo.workplaces import Habit, Site
from employers.enums import SlotStatus
from employers.models import ContactPerson, Employer, Slot, SlotWeek, Workplace, WorkplaceWeek

S = SlotStatus
BATCH: Final = 2000
# Slots in other states than published, for every hundred.
OTHER_STATES: Final = ((S.SUBMITTED, 6), (S.DRAFT, 4), (S.PAUSED, 3), (S.EXPIRED, 4))
RETURNED_BECAUSE: Final = (
    "Skriv vad eleven gör under dagen, inte bara vad ni tillverkar. Det räcker med två meningar.",
    "Arbetstiden blir längre än sju timmar. Korta dagen eller lägg in en längre rast.",
    "Vem tar emot eleven första morgonen? Fyll i handledarens namn och telefon.",
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A published slot with what decides who wishes for it."""

    slot: Slot
    trade: Trade
    municipality_code: str
    popular: float
    seats: dict[date, int]


@dataclass
class EmployerRows:
    """Everything about employers, ready to be written."""

    region_id: UUID
    organisations: dict[str, Organisation] = field(default_factory=dict)
    rows: defaultdict[type[Model], list[Any]] = field(default_factory=lambda: defaultdict(list))
    offers: list[Offer] = field(default_factory=list)
    returned: list[Slot] = field(default_factory=list)
    returned_by: Actor = SYSTEM

    def write(self) -> None:
        """Insert everything, parents first."""
        for model in (Employer, ContactPerson, Workplace, Slot, SlotWeek, WorkplaceWeek):
            model.objects.bulk_create(self.rows[model], batch_size=BATCH)
        for number, slot in enumerate(self.returned):
            reason = RETURNED_BECAUSE[number % len(RETURNED_BECAUSE)]
            record(slot, before=S.SUBMITTED, after=S.DRAFT, actor=self.returned_by, reason=reason)

    def seats(self, week_on: date) -> int:
        """Return how many seats are published in a week."""
        return sum(offer.seats.get(week_on, 0) for offer in self.offers)


class EmployerMaker:
    """Makes rows of sites."""

    def __init__(self, dice: Dice, region: Organisation, calendar: SchoolCalendar, slugs: set[str]) -> None:
        self.dice, self.region, self.calendar, self.slugs = dice, region, calendar, slugs
        self.made = EmployerRows(region.pk)
        self.now = timezone.make_aware(datetime.combine(calendar.today, time(7)))
        self.offered = calendar.offered()
        self.pack: list[str] = []

    def add(self, site: Site, *, published: bool = False) -> None:
        """Make the rows of one site; `published` sites are never in another state, and open all year."""
        employer_id = self._employer(site)
        workplace = self._workplace(site, employer_id)
        weeks = self._slot(site, workplace, "", site.trade.tasks, published=published)
        if site.trade.more and self.dice.often(0.5):
            suffix, tasks = site.trade.more
            weeks |= self._slot(site, workplace, f", {suffix}", (tasks,), published=published)
            self._cap(workplace, site, weeks)

    def _employer(self, site: Site) -> UUID:
        if site.employer in self.made.organisations:
            return self.made.organisations[site.employer].pk
        organisation = Organisation(
            id=self.dice.uuid(),
            kind=OrganisationKind.EMPLOYER,
            parent=self.region,
            region=self.region,
            name=site.employer,
            slug=free_slug(site.employer, self.slugs),
            municipality_code=site.municipality_code,
        )
        self.made.organisations[site.employer] = organisation
        self.made.rows[Employer].append(
            Employer(
                organisation=organisation,
                region=self.region,
                name=site.employer,
                sector="public" if site.trade.public else "private",
                organisation_number=site.organisation_number,
                sni_code=site.trade.sni,
            )
        )
        name = "Petra Holm" if site.name == "Hulta Bageri" else draw_adult(self.dice)
        self.made.rows[ContactPerson].append(
            ContactPerson(
                id=self.dice.uuid(),
                region=self.region,
                employer_id=organisation.pk,
                name=name,
                email=f"{slugify(name).replace('-', '.')}@{organisation.slug[:50]}.example",
                phone=phone(self.dice),
            )
        )
        return organisation.pk

    def _workplace(self, site: Site, employer_id: UUID) -> Workplace:
        assessed = None if self.dice.often(0.08) else self.calendar.today - timedelta(days=self.dice.randint(20, 800))
        latitude, longitude = self._point(site)
        workplace = Workplace(
            id=self.dice.uuid(),
            region=self.region,
            employer_id=employer_id,
            name=site.name,
            street=site.street,
            postcode=site.town.postcode,
            city=site.town.name,
            municipality_code=site.municipality_code,
            latitude=latitude,
            longitude=longitude,
            risk_assessed_on=assessed,
        )
        self.made.rows[Workplace].append(workplace)
        return workplace

    def _point(self, site: Site) -> tuple[float | None, float | None]:
        if site.real:
            return site.point or (None, None)
        near, by = self.dice.uniform(-0.012, 0.012), self.dice.uniform(-0.02, 0.02)
        return round(site.town.latitude + near, 5), round(site.town.longitude + by, 5)

    def _slot(
        self, site: Site, workplace: Workplace, suffix: str, tasks: tuple[str, ...], *, published: bool
    ) -> set[date]:
        dice, trade = self.dice, site.trade
        status = S.PUBLISHED if published else self._status()
        starts_at, ends_at = (_time(text) for text in dice.choice(trade.hours).split("-"))
        apl = trade.apl and dice.often(0.3)
        slot = Slot(
            id=dice.uuid(),
            region=self.region,
            employer_id=workplace.employer_id,
            workplace=workplace,
            title=f"{site.name}{suffix}",
            kinds=[PlacementKind.PRAO, PlacementKind.APL] if apl else [PlacementKind.PRAO],
            occupation_field=trade.field,
            tasks=dice.choice(tasks),
            requirements=dice.choice(trade.requirements) if trade.requirements else "",
            bring=dice.choice(trade.bring),
            starts_at=starts_at,
            ends_at=ends_at,
            break_minutes=dice.choice((30, 45, 45, 60)) if _hours(starts_at, ends_at) <= 7 else 45,
            grades=[] if apl else [9] if dice.often(0.07) and not published else [8, 9],
            supervisor_name="Petra Holm" if site.name == "Hulta Bageri" else draw_adult(dice),
            supervisor_phone=phone(dice),
            status=status,
            **self._times(status),
        )
        self.made.rows[Slot].append(slot)
        return self._seats(site, slot, busy=published)

    def _status(self) -> str:
        """Dealt from a shuffled pack of a hundred, so that every state comes up in a small region too."""
        if not self.pack:
            self.pack = [state for state, count in OTHER_STATES for _each in range(count)]
            self.pack += [S.PUBLISHED] * (100 - len(self.pack))
            self.dice.shuffle(self.pack)
        return self.pack.pop()

    def _times(self, status: str) -> dict[str, datetime | None]:
        """One published slot in eight has not been confirmed for a year."""
        dice, day = self.dice, timedelta(days=1)
        if status in (S.DRAFT, S.SUBMITTED):
            written = self.now - dice.randint(1, 20) * day
            return {"confirmed_at": written, "submitted_at": written if status == S.SUBMITTED else None}
        stale = status == S.EXPIRED or dice.often(0.12)
        published = self.now - (dice.randint(380, 600) if stale else dice.randint(25, 300)) * day
        confirmed = published + dice.randint(0, 12) * day if stale else self.now - dice.randint(2, 150) * day
        return {
            "submitted_at": published - 3 * day,
            "approved_at": published,
            "published_at": published,
            "confirmed_at": max(confirmed, published),
        }

    def _seats(self, site: Site, slot: Slot, *, busy: bool) -> set[date]:
        weeks = sorted(Habit.draw(self.dice, self.offered, busy=busy).weeks)
        self.made.rows[SlotWeek].extend(
            SlotWeek(
                id=self.dice.uuid(),
                region=self.region,
                employer_id=slot.employer_id,
                slot=slot,
                week_on=week,
                seats=site.seats,
            )
            for week in weeks
        )
        if slot.status == S.PUBLISHED:
            seats = dict.fromkeys(weeks, site.seats)
            self.made.offers.append(Offer(slot, site.trade, site.municipality_code, site.popular, seats))
        elif slot.status == S.DRAFT and len(self.made.returned) < 3:
            self.made.returned.append(slot)
        return set(weeks)

    def _cap(self, workplace: Workplace, site: Site, weeks: set[date]) -> None:
        """Two slots share the house: together they take fewer than the sum."""
        self.made.rows[WorkplaceWeek].extend(
            WorkplaceWeek(
                id=self.dice.uuid(),
                region=self.region,
                employer_id=workplace.employer_id,
                workplace=workplace,
                week_on=week,
                cap=max(1, 2 * site.seats - 1),
            )
            for week in sorted(weeks)
        )


def free_slug(name: str, taken: set[str]) -> str:
    """Return an address nobody has, and note it as taken."""
    base = slugify(name.translate(str.maketrans("åäöÅÄÖ", "aaoAAO")))[:70] or "verksamhet"
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    taken.add(slug)
    return slug


def phone(dice: Dice) -> str:
    """Return a number in the series that is kept free for fiction."""
    return f"070-174 06 {dice.randint(5, 99):02d}"


def _time(text: str) -> time:
    hours, minutes = text.split(".")
    return time(int(hours), int(minutes))


def _hours(starts_at: time, ends_at: time) -> float:
    return ends_at.hour - starts_at.hour + (ends_at.minute - starts_at.minute) / 60
