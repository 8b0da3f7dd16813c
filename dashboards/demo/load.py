"""Builds a region of public registers: real schools, real workplaces and real numbers, with invented people."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from accounts.enums import OrganisationKind, Role
from accounts.models import Organisation
from core.tenancy import SystemReason, system_scope
from core.weeks import WEEK, school_year
from dashboards.demo import registers
from dashboards.demo.calendar import SchoolCalendar
from dashboards.demo.database import plan_without_statistics
from dashboards.demo.dice import Dice, shares
from dashboards.demo.employers import EmployerMaker, EmployerRows, free_slug
from dashboards.demo.people import PeopleMaker, SignIn
from dashboards.demo.region import MUNICIPALITIES as KNOWN
from dashboards.demo.region import Municipality, Town
from dashboards.demo.registers import INDEPENDENT, MUNICIPAL, Registers, Row
from dashboards.demo.schools import SchoolMaker, SchoolPlan, SchoolRows
from dashboards.demo.season import Booking, Dates, SeasonMaker, closed_week_rows
from dashboards.demo.trades import BY_KEY, Trade
from dashboards.demo.workplaces import Site
from schools.enums import AuthorityKind
from schools.models import ClosedWeek, SchoolAuthority, SchoolClass

DAY: Final = timedelta(days=1)
FEWER_THAN_TEN: Final = 8  # what an empty cell of a small unit stands for
USUAL_FOREIGN: Final = 0.17
BLOCKS: Final = 10
WEEKS_BEFORE_START: Final = 5
STAFF_PER_SEAT: Final = 7
MOST_SEATS: Final = 4
SENT_IN: Final = 0.94
AGENCY_STAFF_TRADE: Final = "town_hall"


@dataclass(frozen=True, slots=True)
class Loaded:
    """One line per municipality: learners in the register and learners made, schools, classes, workplaces, seats."""

    lines: list[tuple[str, int, int, int, int, int, int]]
    rounds: list[tuple[str, int, int]]
    sign_ins: list[SignIn]


class RegionLoader:
    """Builds a region of what was read; `load` opens its own transaction."""

    def __init__(self, found: Registers, *, grade: int, today: date, say: Callable[[str], None]) -> None:
        self.found, self.grade, self.say = found, grade, say
        self.dice = Dice(f"{found.name} {grade} {found.year}")
        self.calendar = SchoolCalendar(today)
        self.now = timezone.now()
        self.slugs = set(Organisation.objects.values_list("slug", flat=True))
        slug = free_slug(found.name, self.slugs)
        self.region = Organisation(id=self.dice.uuid(), kind=OrganisationKind.REGION, name=found.name, slug=slug)
        self.region.region = self.region
        self.places = {code: self._municipality(code, row) for code, row in found.municipalities.items()}
        self.people = PeopleMaker(self.dice)

    def load(self) -> Loaded:
        """Make everything, or nothing."""
        with system_scope(SystemReason.SEED):
            plan_without_statistics()
            schools = self._schools()
            self.say(f"Skolor: {len(schools.units)} enheter i {len(schools.authorities)} huvudmän")
            employers = self._employers()
            self.say(f"Arbetsgivare: {len(employers.organisations)} med {len(employers.offers)} platser")
            self._write(schools, employers)
            rounds = self._rounds(schools, employers)
        return Loaded(list(self._lines(schools, employers)), rounds, self.people.sign_ins)

    # -- schools

    def _municipality(self, code: str, row: Row) -> Municipality:
        columns = ("centralort_lat", "centralort_lon")
        latitude, longitude = registers.point(row, registers.MUNICIPALITIES, columns) or (0.0, 0.0)
        known = next((each for each in KNOWN if each.code == code), None)
        return Municipality(
            code=code,
            name=row["kommun"],
            authority=row["kommun_namn_officiellt"],
            girls=self.found.girls.get(code, 0.49),
            foreign=known.foreign if known else USUAL_FOREIGN,
            year8=0,
            year9=0,
            independent8=0,
            independent9=0,
            towns=(Town(row["centralort"], "", latitude, longitude), *(known.towns[1:] if known else ())),
            schools=(),
        )

    def _schools(self) -> SchoolRows:
        maker = SchoolMaker(self.dice, self.region, self.calendar.today, self.slugs)
        authorities: dict[str, SchoolAuthority] = {}
        for row, learners in self._learners_per_school():
            owner, code = row["huvudman"], row["kommunkod"]
            if owner not in authorities:
                kind = AuthorityKind.MUNICIPAL if row["huvudman_typ"] == MUNICIPAL else AuthorityKind.INDEPENDENT
                authorities[owner] = maker.authority(owner, code, kind)
            plan = SchoolPlan(
                name=row["namn"],
                municipality=self.places[code],
                town=row["postort"] or self.places[code].towns[0].name,
                learners={self.grade: learners},
                code=row["skolenhetskod"],
                point=registers.point(row, registers.SCHOOLS),
            )
            maker.school(authorities[owner], plan)
        return maker.made

    def _learners_per_school(self) -> Iterator[tuple[Row, int]]:
        """Spread each municipality's learners over its schools, by how many finish year 9 there."""
        held: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.found.schools:
            held[row["kommunkod"], MUNICIPAL if row["huvudman_typ"] == MUNICIPAL else INDEPENDENT].append(row)
        counts = dict(self.found.learners)
        for code in self.places:
            for owner, other in ((MUNICIPAL, INDEPENDENT), (INDEPENDENT, MUNICIPAL)):
                if not held[code, owner] and held[code, other]:
                    counts[code, other] = counts.get((code, other), 0) + counts.pop((code, owner), 0)
        for key, rows in sorted(held.items()):
            weights = [registers.number(row, "elever_ak9_2024_25", registers.SCHOOLS) or FEWER_THAN_TEN for row in rows]
            yield from zip(rows, shares(counts.get(key, 0), weights), strict=True) if rows else ()

    # -- workplaces

    def _employers(self) -> EmployerRows:
        maker = EmployerMaker(self.dice, self.region, self.calendar, self.slugs)
        maker.offered = self._coming()
        for site in (*self._preschools(), *self._clinics(), *self._shops(), *self._agencies()):
            maker.add(site, published=True)
        return maker.made

    def _preschools(self) -> Iterator[Site]:
        owners: dict[str, str] = {
            row["orgnr"]: row["kommun_namn_officiellt"] for row in self.found.municipalities.values()
        }
        for row in self.found.preschools:
            employer = owners.setdefault(row["orgnr"], row["namn"])
            staff = registers.number(row, "heltidstjanster", registers.PRESCHOOLS, 4)
            seats = max(1, min(MOST_SEATS, round(staff / STAFF_PER_SEAT)))
            yield self._site(row, registers.PRESCHOOLS, BY_KEY["preschool"], employer, seats)

    def _clinics(self) -> Iterator[Site]:
        for row in self.found.clinics:
            # The register writes "Vårdcentralen X, Kommun".
            named = row | {
                "namn": row["namn"].rpartition(", ")[0] or row["namn"],
                "adress": row["adress"].split(",")[0],
            }
            yield self._site(named, registers.CLINICS, BY_KEY["clinic"], named["namn"], 2)

    def _shops(self) -> Iterator[Site]:
        for row in self.found.shops:
            yield self._site(row, registers.SHOPS, BY_KEY["grocery"], row["namn"], 2)

    def _agencies(self) -> Iterator[Site]:
        codes = {row["centralort"]: code for code, row in self.found.municipalities.items()}
        for row in self.found.agencies:
            placed = {**row, "kommunkod": codes[row["ort"]], "adress": row["besoksadress"]}
            yield self._site(placed, registers.AGENCIES, BY_KEY[AGENCY_STAFF_TRADE], row["namn"], 2)

    def _site(self, row: Row, file: str, trade: Trade, employer: str, seats: int) -> Site:
        place = self.places[row["kommunkod"]].towns[0]
        digits = row.get("postnummer", "").replace(" ", "")
        postcode = f"{digits[:3]} {digits[3:]}" if len(digits) == 5 and digits != "00000" else ""
        return Site(
            employer=employer,
            name=row["namn"],
            trade=trade,
            municipality_code=row["kommunkod"],
            town=Town(row.get("ort") or place.name, postcode, place.latitude, place.longitude),
            street=row["adress"],
            seats=seats,
            real=True,
            point=registers.point(row, file) if "lat" in row else None,
            organisation_number=_dashed(row.get("orgnr", "")),
        )

    # -- rows and rounds

    def _write(self, schools: SchoolRows, employers: EmployerRows) -> None:
        self.region.save(force_insert=True)
        Organisation.objects.bulk_create([*schools.authorities.values(), *employers.organisations.values()])
        Organisation.objects.bulk_create(schools.unit_organisations)
        schools.write()
        employers.write()
        ClosedWeek.objects.bulk_create(closed_week_rows(self.dice, self.calendar, self.region.pk))
        if settings.BRYGGAN_DEMO:
            self.people.member(self.region, Role.REGIONAL_COORDINATOR, shows="regionens tillgång och behov")
            for organisation in schools.authorities.values():
                self.people.member(organisation, Role.AUTHORITY_COORDINATOR, shows="omgången att fördela")
            self.people.write()
        self.say("Skolor, elever, arbetsgivare och platser är sparade.")

    def _rounds(self, schools: SchoolRows, employers: EmployerRows) -> list[tuple[str, int, int]]:
        """One round per authority, closed and ready to be allocated, its classes spread over the coming weeks."""
        season = SeasonMaker(self.dice, schools, employers.offers, self.now)
        blocks = self._blocks()
        made: list[tuple[str, int, int]] = []
        turn = 0
        for authority in schools.rows[SchoolAuthority]:
            classes = [each for each in schools.classes if each.authority_id == authority.pk]
            groups: defaultdict[tuple[date, ...], list[SchoolClass]] = defaultdict(list)
            for each in classes:
                groups[blocks[turn % len(blocks)]].append(each)
                turn += 1
            booked = [Booking(members[0].school_unit, members, weeks) for weeks, members in sorted(groups.items())]
            if booked:
                season.open_shared_round(booked, f"Prao årskurs {self.grade}", self._dates(blocks), SENT_IN)
                made.append((authority.name, len(classes), sum(len(schools.learners[each.pk]) for each in classes)))
        season.write()
        self.say(f"Omgångar med val är sparade: {len(made)} omgångar, {len(season.wishes.choices)} val.")
        return made

    def _blocks(self) -> list[tuple[date, ...]]:
        """Two weeks at a time, as far as the school year goes."""
        weeks = self._coming()
        found: list[tuple[date, ...]] = []
        for week in weeks:
            pair = self.calendar.pair(week)
            if len(pair) == 2 and pair[1] in weeks and not (found and pair[0] <= found[-1][-1]):
                found.append(pair)
        return found[:BLOCKS]

    def _coming(self) -> list[date]:
        """The open weeks from five weeks ahead to the end of their school year."""
        first = self.calendar.this_week + WEEKS_BEFORE_START * WEEK
        weeks = [week for week in self.calendar.open if week >= first]
        return [week for week in weeks if school_year(week) == school_year(weeks[0])]

    def _dates(self, blocks: list[tuple[date, ...]]) -> Dates:
        day = self.calendar.today
        return Dates(
            view_at=_at(day - 21 * DAY, 8),
            choose_at=_at(day - 14 * DAY, 8),
            close_at=_at(day - DAY, 16),
            confirm_on=min(day + 2 * WEEK, blocks[0][0] - 3 * DAY),
            published_at=_at(day + WEEK, 8),
        )

    def _lines(
        self, schools: SchoolRows, employers: EmployerRows
    ) -> Iterator[tuple[str, int, int, int, int, int, int]]:
        for code, place in self.places.items():
            units = {unit.pk for unit in schools.units if unit.municipality_code == code}
            classes = [each for each in schools.classes if each.school_unit_id in units]
            here = [offer for offer in employers.offers if offer.municipality_code == code]
            yield (
                place.name,
                sum(self.found.learners.get((code, owner), 0) for owner in (MUNICIPAL, INDEPENDENT)),
                sum(len(schools.learners[each.pk]) for each in classes),
                len(units),
                len(classes),
                len({offer.slot.workplace_id for offer in here}),
                sum(max(offer.seats.values(), default=0) for offer in here),
            )


def _dashed(digits: str) -> str:
    return f"{digits[:6]}-{digits[6:]}" if len(digits) == 10 else ""


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))
