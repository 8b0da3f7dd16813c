"""A market as rows: one authority with a round over all of it, ready to be allocated. Written by COPY as the owner."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import numpy as np
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault
from django.utils import timezone

from accounts.enums import OrganisationKind, PlacementKind, Role
from accounts.models import Membership, Organisation, User
from core.weeks import WEEK, monday, school_year, today
from dashboards.benchmark.market import BLOCKS, MINUTES_PER_KM, REACH_KM, START_MINUTES, Ints, Market
from employers.enums import OccupationField, SlotStatus
from employers.models import Employer, Slot, SlotWeek, Workplace, WorkplaceWeek
from placements.models import Choice, ChoiceList, Round, RoundPeriod, TravelModel
from schools.models import Learner, PeriodWeek, PlacementPeriod, SchoolAuthority, SchoolClass, SchoolUnit

FIRST_WEEK: Final = 4 * WEEK
KM_OF_DEGREE: Final = 111.2
ORIGIN: Final = (57.7, 13.0)
SLUG: Final = "riket"
Columns = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Country:
    """What was built."""

    region: Organisation
    authority: Organisation
    round_id: UUID
    learners: int


class CountryBuilder:
    """Writes a market's rows. Ids come from the dice, so the same market makes the same rows."""

    def __init__(self, market: Market, wishes: Ints, *, seed: int = 1) -> None:
        """`wishes` [n, WISHES]: slot numbers in order of liking, −1 for none."""
        self.market, self.wishes = market, wishes
        self.dice = np.random.default_rng(seed)
        self.now = timezone.now()
        self.region, self.authority = (self.ids(1)[0] for _ in range(2))

    def ids(self, count: int) -> list[str]:
        """Version 4 ids as text."""
        raw = self.dice.integers(0, 256, (count, 16), np.uint8)
        raw[:, 6] = raw[:, 6] & 0x0F | 0x40
        raw[:, 8] = raw[:, 8] & 0x3F | 0x80
        text = raw.tobytes().hex()
        return [text[at : at + 32] for at in range(0, 32 * count, 32)]

    def write(self, *, password: str = "") -> Country:
        """Write everything. Call as the schema's owner, in a transaction."""
        market = self.market
        self._organisations()
        schools, classes, class_of, period_of = self._schools()
        learners = self._learners(schools, classes, class_of)
        slots = self._employers()
        made = self._round(period_of, classes)
        self._wishes(made, learners, slots)
        self._members(password)
        region = Organisation(id=self.region, region_id=self.region, slug=SLUG, kind=OrganisationKind.REGION)
        authority = Organisation(
            id=self.authority,
            region_id=self.region,
            parent_id=self.region,
            slug=f"{SLUG}-huvudman",
            kind=OrganisationKind.AUTHORITY,
        )
        return Country(region, authority, UUID(made), market.n_learners)

    def _organisations(self) -> None:
        common = {"created_at": self.now, "region": self.region, "municipality_code": ""}
        copy_rows(Organisation, 1, id=self.region, kind="region", parent=None, name="Riket", slug=SLUG, **common)
        copy_rows(
            Organisation,
            1,
            id=self.authority,
            kind="authority",
            parent=self.region,
            name="Rikets skolor",
            slug=f"{SLUG}-huvudman",
            **common,
        )
        copy_rows(
            SchoolAuthority,
            1,
            organisation=self.authority,
            region=self.region,
            name="Rikets skolor",
            municipality_code="1490",
        )
        copy_rows(
            TravelModel,
            1,
            id=self.ids(1),
            region=self.region,
            speed_kmh=40,
            detour_percent=30,
            start_minutes=round(START_MINUTES),
            far_minutes=45,
            limit_minutes=round(START_MINUTES + MINUTES_PER_KM * REACH_KM),
        )

    def _schools(self) -> tuple[list[str], list[str], Ints, list[str]]:
        market = self.market
        count = len(market.school_area)
        schools = self.ids(count)
        names = [f"Skola {number}" for number in range(1, count + 1)]
        latitude, longitude = degrees(market.school_at)
        copy_rows(
            Organisation,
            count,
            id=schools,
            kind="school_unit",
            parent=self.authority,
            region=self.region,
            name=names,
            slug=[f"{SLUG}-skola-{number}" for number in range(1, count + 1)],
            municipality_code="",
            created_at=self.now,
        )
        owners = {"region": self.region, "authority": self.authority}
        copy_rows(
            SchoolUnit,
            count,
            organisation=schools,
            name=names,
            municipality_code="1490",
            latitude=latitude,
            longitude=longitude,
            **owners,
        )
        # Learners of one school and block make its classes: here one for each pair, however many they are.
        pairs, class_of = np.unique(market.school * BLOCKS + market.block, return_inverse=True)
        sizes = np.bincount(class_of)
        classes, periods = self.ids(len(pairs)), self.ids(len(pairs))
        school_of = [schools[pair // BLOCKS] for pair in pairs.tolist()]
        labels = [f"8{chr(65 + pair % BLOCKS)}" for pair in pairs]
        copy_rows(
            SchoolClass,
            len(pairs),
            id=classes,
            school_unit=school_of,
            name=labels,
            grade_level=8,
            school_year=school_year(today()),
            code=[f"K{number:07d}" for number in range(len(pairs))],
            **owners,
        )
        copy_rows(
            PlacementPeriod,
            len(pairs),
            id=periods,
            school_unit=school_of,
            school_class=classes,
            kind=PlacementKind.PRAO,
            label=labels,
            learners=sizes.tolist(),
            created_at=self.now,
            **owners,
        )
        weeks = [self.weeks(int(pair % BLOCKS)) for pair in pairs]
        copy_rows(
            PeriodWeek,
            2 * len(pairs),
            id=self.ids(2 * len(pairs)),
            period=[period for period in periods for _week in range(2)],
            week_on=[week for both in weeks for week in both],
            **owners,
        )
        return schools, classes, class_of, periods

    def weeks(self, block: int) -> tuple[date, date]:
        """Mondays of a block: two weeks, the blocks one after another."""
        first = monday(today()) + FIRST_WEEK + 2 * block * WEEK
        return first, first + WEEK

    def _learners(self, schools: Sequence[str], classes: Sequence[str], class_of: Ints) -> list[str]:
        count = self.market.n_learners
        learners = self.ids(count)
        born = date(school_year(today()) - 14, 1, 1)
        copy_rows(
            Learner,
            count,
            id=learners,
            region=self.region,
            authority=self.authority,
            school_unit=[schools[school] for school in self.market.school],
            school_class=[classes[number] for number in class_of],
            first_name=[f"Elev {number}" for number in range(count)],
            last_name="Andersson",
            birth_date=[born + timedelta(days=int(day)) for day in self.dice.integers(0, 365, count)],
            sex=["girl" if sex else "boy" for sex in self.market.sex],
            personal_code=[f"P{number:07d}" for number in range(count)],
        )
        return learners

    def _employers(self) -> list[str]:
        market = self.market
        places = int(market.workplace.max()) + 1
        _all, first_slot = np.unique(market.workplace, return_index=True)
        employers, workplaces, slots = self.ids(places), self.ids(places), self.ids(len(market.workplace))
        names = [f"Arbetsplats {number}" for number in range(1, places + 1)]
        copy_rows(
            Organisation,
            places,
            id=employers,
            kind="employer",
            parent=self.region,
            region=self.region,
            name=names,
            slug=[f"{SLUG}-arbetsplats-{number}" for number in range(1, places + 1)],
            municipality_code="",
            created_at=self.now,
        )
        copy_rows(Employer, places, organisation=employers, region=self.region, name=names, created_at=self.now)
        latitude, longitude = degrees(market.slot_at[first_slot])
        copy_rows(
            Workplace,
            places,
            id=workplaces,
            region=self.region,
            employer=employers,
            name=names,
            street="Gatan 1",
            postcode="500 00",
            city="Orten",
            municipality_code="1490",
            latitude=latitude,
            longitude=longitude,
            risk_assessed_on=today() - timedelta(days=90),
        )
        fields = list(OccupationField.values)
        owners = {"region": self.region, "employer": [employers[place] for place in market.workplace]}
        copy_rows(
            Slot,
            len(slots),
            id=slots,
            workplace=[workplaces[place] for place in market.workplace],
            title=[f"Plats {number}" for number in range(1, len(slots) + 1)],
            kinds="{prao}",
            occupation_field=[fields[trade % len(fields)] for trade in market.slot_trade],
            tasks="Vara med i arbetet.",
            starts_at=time(8),
            ends_at=time(15),
            grades="{8,9}",
            supervisor_name="Handledaren",
            status=SlotStatus.PUBLISHED,
            published_at=self.now,
            confirmed_at=self.now,
            created_at=self.now,
            **owners,
        )
        self._seats(employers, workplaces, slots)
        return slots

    def _seats(self, employers: Sequence[str], workplaces: Sequence[str], slots: Sequence[str]) -> None:
        market = self.market
        slot, block = (np.repeat(part, 2) for part in np.nonzero(market.open_in))
        weeks = [self.weeks(int(number))[at % 2] for at, number in enumerate(block)]
        copy_rows(
            SlotWeek,
            len(slot),
            id=self.ids(len(slot)),
            region=self.region,
            employer=[employers[place] for place in market.workplace[slot].tolist()],
            slot=[slots[number] for number in slot.tolist()],
            week_on=weeks,
            seats=market.slot_seats[slot].tolist(),
            taken=0,
        )
        # A third of the workplaces take one learner fewer at a time than their slots have seats.
        pairs = np.unique(market.workplace[slot] * BLOCKS + block)
        pairs = np.repeat(pairs[pairs // BLOCKS % 3 == 0], 2)
        whole = np.bincount(market.workplace, market.slot_seats).astype(int)
        copy_rows(
            WorkplaceWeek,
            len(pairs),
            id=self.ids(len(pairs)),
            region=self.region,
            employer=[employers[pair // BLOCKS] for pair in pairs.tolist()],
            workplace=[workplaces[pair // BLOCKS] for pair in pairs.tolist()],
            week_on=[self.weeks(int(pair % BLOCKS))[at % 2] for at, pair in enumerate(pairs)],
            cap=[max(1, whole[pair // BLOCKS] - 1) for pair in pairs],
            taken=0,
        )

    def _round(self, periods: Sequence[str], classes: Sequence[str]) -> str:
        day, made = timedelta(days=1), self.ids(1)[0]
        owners = {"region": self.region, "authority": self.authority}
        copy_rows(
            Round,
            1,
            id=made,
            school_unit=None,
            kind=PlacementKind.PRAO,
            title="Prao årskurs 8",
            view_at=self.now - 30 * day,
            choose_at=self.now - 20 * day,
            close_at=self.now - 2 * day,
            confirm_on=today() + 14 * day,
            seed="land-och-rike",
            created_at=self.now,
            **owners,
        )
        copy_rows(RoundPeriod, len(classes), id=self.ids(len(classes)), round=made, period=list(periods), **owners)
        return made

    def _wishes(self, made: str, learners: Sequence[str], slots: Sequence[str]) -> None:
        owners = {"region": self.region, "authority": self.authority}
        lists = self.ids(len(learners))
        at = self.now - timedelta(days=3)
        copy_rows(
            ChoiceList, len(lists), id=lists, round=made, learner=learners, saved_at=at, submitted_at=at, **owners
        )
        who, rank = np.nonzero(self.wishes >= 0)
        copy_rows(
            Choice,
            len(who),
            id=self.ids(len(who)),
            choice_list=[lists[number] for number in who.tolist()],
            learner=[learners[number] for number in who.tolist()],
            slot=[slots[number] for number in self.wishes[who, rank].tolist()],
            rank=(rank + 1).tolist(),
            **owners,
        )

    def _members(self, password: str) -> None:
        roles = ((self.region, Role.REGIONAL_COORDINATOR), (self.authority, Role.AUTHORITY_COORDINATOR))
        people = self.ids(len(roles))
        copy_rows(
            User,
            len(roles),
            id=people,
            email=[f"{role}@riket.example" for _where, role in roles],
            name=["Rut Region", "Hulda Huvudman"],
            password=make_password(password or None),
            created_at=self.now,
        )
        copy_rows(
            Membership,
            len(roles),
            id=self.ids(len(roles)),
            region=self.region,
            organisation=[where for where, _role in roles],
            user=people,
            role=[role for _where, role in roles],
            created_at=self.now,
        )


def degrees(at: Any) -> tuple[list[float], list[float]]:
    """Kilometres in the plane as latitudes and longitudes, near enough for a benchmark."""
    latitude = ORIGIN[0] + at[:, 1] / KM_OF_DEGREE
    longitude = ORIGIN[1] + at[:, 0] / (KM_OF_DEGREE * np.cos(np.radians(latitude)))
    return latitude.tolist(), longitude.tolist()


def copy_rows(model: type[Model], count: int, **columns: Any) -> None:
    """COPY `count` rows into a model's table. A list is one value a row, anything else holds for all of them.

    Fields that are not named get the model's default.
    """
    fields: list[Field[Any, Any]] = list(model._meta.concrete_fields)
    values = [_column(field, columns, count) for field in fields]
    names = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        statement = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
        with cursor.cursor.copy(statement) as copy:
            for row in zip(*values, strict=True):
                copy.write_row(row)


def _column(field: "Field[Any, Any]", columns: Columns, count: int) -> Iterable[Any]:
    found = columns[field.name] if field.name in columns else field.get_default()
    if isinstance(found, DatabaseDefault):
        raise TypeError(f"{field.name} has its default in the database: name it")
    if isinstance(found, list | tuple):
        return found
    return [found.isoformat() if isinstance(found, datetime) else found] * count
