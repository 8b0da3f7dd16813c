"""Rows of schools: authorities, units, classes, learners with guardians, and classes that book weeks for apl."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Model
from django.utils.text import slugify

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.weeks import school_year
from dashboards.demo.dice import Dice, shares
from dashboards.demo.employers import BATCH, free_slug, phone
from dashboards.demo.names import draw_adult, draw_person
from dashboards.demo.region import (
    APL_PROGRAMMES,
    INDEPENDENT_NAME,
    INDEPENDENT_SCHOOLS,
    MUNICIPALITIES,
    UPPER_SECONDARY,
    Municipality,
    town_named,
)
from schools.enums import AuthorityKind, ProtectionMode
from schools.models import Guardian, Learner, SchoolAuthority, SchoolClass, SchoolUnit

CLASS_SIZE: Final = 25
LARGEST_CLASS: Final = 30
PROTECTED_SHARE: Final = 1 / 500
NORRANG: Final = "Norrängsskolan"
# The school of the guide keeps its seven classes in the small region too.
NORRANG_CLASSES: Final = {8: (24, 23, 24, 23), 9: (24, 23, 22)}


@dataclass(frozen=True, slots=True)
class SchoolPlan:
    """A school before it is a row: how many learners in each grade."""

    name: str
    municipality: Municipality
    town: str
    learners: dict[int, int]
    code: str = ""
    point: tuple[float, float] | None = None


@dataclass
class SchoolRows:
    """Everything about schools, ready to be written."""

    authorities: dict[str, Organisation] = field(default_factory=dict)
    units: list[SchoolUnit] = field(default_factory=list)
    unit_organisations: list[Organisation] = field(default_factory=list)
    classes: list[SchoolClass] = field(default_factory=list)
    learners: defaultdict[Any, list[Learner]] = field(default_factory=lambda: defaultdict(list))
    rows: defaultdict[type[Model], list[Any]] = field(default_factory=lambda: defaultdict(list))

    def write(self) -> None:
        """Insert everything, parents first."""
        for model in (SchoolAuthority, SchoolUnit, SchoolClass, Learner, Guardian):
            model.objects.bulk_create(self.rows[model], batch_size=BATCH)

    def classes_of(self, unit: SchoolUnit, grade: int) -> list[SchoolClass]:
        """Return a unit's classes in a grade, by name."""
        return [each for each in self.classes if each.school_unit_id == unit.pk and each.grade_level == grade]


class SchoolMaker:
    """Makes rows of authorities and schools."""

    def __init__(self, dice: Dice, region: Organisation, today: date, slugs: set[str]) -> None:
        self.dice, self.region, self.slugs = dice, region, slugs
        self.year = school_year(today)
        self.made = SchoolRows()

    def authority(self, name: str, code: str, kind: str = AuthorityKind.MUNICIPAL) -> SchoolAuthority:
        """Make an authority."""
        organisation = self._organisation(OrganisationKind.AUTHORITY, self.region, name, code)
        self.made.authorities[name] = organisation
        made = SchoolAuthority(
            organisation=organisation, region=self.region, name=name, kind=kind, municipality_code=code
        )
        self.made.rows[SchoolAuthority].append(made)
        return made

    def school(self, authority: SchoolAuthority, plan: SchoolPlan) -> SchoolUnit:
        """Make a unit with its classes and learners."""
        organisation = self._organisation(
            OrganisationKind.SCHOOL_UNIT, authority.organisation, plan.name, plan.municipality.code
        )
        self.made.unit_organisations.append(organisation)
        town = town_named(plan.town, plan.municipality)
        latitude, longitude = plan.point or (town.latitude, town.longitude)
        unit = SchoolUnit(
            organisation=organisation,
            region=self.region,
            authority=authority,
            name=plan.name,
            code=plan.code,
            municipality_code=plan.municipality.code,
            city=plan.town,
            phone=phone(self.dice),
            latitude=latitude,
            longitude=longitude,
        )
        self.made.units.append(unit)
        self.made.rows[SchoolUnit].append(unit)
        for grade, learners in sorted(plan.learners.items()):
            for letter, size in zip("ABCDEFGHIJ", class_sizes(plan.name, grade, learners), strict=False):
                self.school_class(unit, plan.municipality, f"{grade}{letter}", grade, size)
        return unit

    def school_class(
        self, unit: SchoolUnit, municipality: Municipality, name: str, grade: int, size: int
    ) -> SchoolClass:
        """Make a class with learners; grades above 9 are the years of upper-secondary school."""
        made = SchoolClass(
            id=self.dice.uuid(),
            region=self.region,
            authority_id=unit.authority_id,
            school_unit=unit,
            name=name,
            grade_level=grade,
            school_year=self.year,
            code=f"{name}-{self.dice.code(4)}",
            mentor_name=draw_adult(self.dice),
        )
        self.made.classes.append(made)
        self.made.rows[SchoolClass].append(made)
        for _number in range(size):
            self._learner(made, municipality)
        return made

    def _learner(self, school_class: SchoolClass, municipality: Municipality) -> None:
        dice = self.dice
        person = draw_person(dice, girls=municipality.girls, foreign=municipality.foreign)
        held = self.made.learners[school_class.pk]
        protected = dice.often(PROTECTED_SHARE)
        address = slugify(f"{person.first_name} {person.last_name}").replace("-", ".")
        born = self.year - school_class.grade_level - 6
        learner = Learner(
            id=dice.uuid(),
            region=self.region,
            authority_id=school_class.authority_id,
            school_unit_id=school_class.school_unit_id,
            school_class=school_class,
            first_name=person.first_name,
            last_name=person.last_name,
            birth_date=date(born, 1, 1) + timedelta(days=dice.randint(0, 364)),
            sex=person.sex,
            email="" if protected or dice.often(0.03) else f"{address}.{len(held)}@elev.example",
            home_city=dice.choice(municipality.towns).name,
            personal_code=dice.code(6),
            protection_mode=ProtectionMode.ALIAS if protected else ProtectionMode.NONE,
        )
        held.append(learner)
        self.made.rows[Learner].append(learner)
        for name, language in person.guardians if not protected else ():
            self._guardian(learner, name, language)

    def _guardian(self, learner: Learner, name: str, language: str) -> None:
        address = slugify(name).replace("-", ".")
        self.made.rows[Guardian].append(
            Guardian(
                id=self.dice.uuid(),
                region=self.region,
                authority_id=learner.authority_id,
                learner=learner,
                name=name,
                email=f"{address}.{learner.personal_code.lower()}@hem.example",
                phone=phone(self.dice),
                language=language,
            )
        )

    def _organisation(self, kind: str, parent: Organisation, name: str, code: str) -> Organisation:
        return Organisation(
            id=self.dice.uuid(),
            kind=kind,
            parent=parent,
            region=self.region,
            name=name,
            slug=free_slug(name, self.slugs),
            municipality_code=code,
        )


def class_sizes(school: str, grade: int, learners: int) -> list[int]:
    """Split a grade into classes of about 25."""
    if school == NORRANG and sum(NORRANG_CLASSES[grade]) == learners:
        return list(NORRANG_CLASSES[grade])
    if not learners:
        return []
    count = max(1, round(learners / CLASS_SIZE))
    if learners / count > LARGEST_CLASS:
        count += 1
    return shares(learners, [1.0] * count)


def make_invented_schools(maker: SchoolMaker, size: float) -> None:
    """Make the nine authorities with schools, in the size asked for: 1 is the real number of learners."""
    for municipality in MUNICIPALITIES:
        authority = maker.authority(municipality.authority, municipality.code)
        numbers = {8: max(10, round(municipality.year8 * size)), 9: max(10, round(municipality.year9 * size))}
        for plan in _plans(municipality, numbers, small=size < 1):
            maker.school(authority, plan)
    independent = maker.authority(INDEPENDENT_NAME, "1490", AuthorityKind.INDEPENDENT)
    weights = [weight for *_rest, weight in INDEPENDENT_SCHOOLS]
    eight = shares(round(sum(each.independent8 for each in MUNICIPALITIES) * size), weights)
    nine = shares(round(sum(each.independent9 for each in MUNICIPALITIES) * size), weights)
    if size < 1:
        eight, nine = [sum(eight)], [sum(nine)]
    for (name, code, town, _weight), in8, in9 in zip(INDEPENDENT_SCHOOLS, eight, nine, strict=False):
        maker.school(independent, SchoolPlan(name, _by_code(code), town, {8: in8, 9: in9}))


def _plans(municipality: Municipality, numbers: dict[int, int], *, small: bool) -> list[SchoolPlan]:
    """In the small region a municipality has one school; Borås has the guide's and one more."""
    if not small:
        weights = [weight for *_rest, weight in municipality.schools]
        split = {grade: shares(count, weights) for grade, count in numbers.items()}
        return [
            SchoolPlan(name, municipality, town, {8: split[8][index], 9: split[9][index]})
            for index, (name, town, _weight) in enumerate(municipality.schools)
        ]
    first, *others = municipality.schools
    if first[0] != NORRANG:
        return [SchoolPlan(first[0], municipality, first[1], numbers)]
    here = {grade: sum(sizes) for grade, sizes in NORRANG_CLASSES.items()}
    rest = {grade: max(0, numbers[grade] - here[grade]) for grade in numbers}
    return [
        SchoolPlan(NORRANG, municipality, first[1], here),
        SchoolPlan(others[0][0], municipality, others[0][1], rest),
    ]


def make_upper_secondary(maker: SchoolMaker, count: int) -> list[SchoolClass]:
    """Make upper-secondary schools with vocational classes. They book weeks; their learners choose elsewhere."""
    made = []
    authorities = {
        each.municipality_code: each for each in maker.made.rows[SchoolAuthority] if each.kind == "municipal"
    }
    for name, code, town in UPPER_SECONDARY[:count]:
        municipality = _by_code(code)
        unit = maker.school(authorities[code], SchoolPlan(name, municipality, town, {}))
        for letters, _programme in maker.dice.sample(APL_PROGRAMMES, 3):
            made.append(
                maker.school_class(
                    unit, municipality, f"{letters}{(maker.year - 1) % 100}", 11, maker.dice.randint(9, 16)
                )
            )
    return made


def _by_code(code: str) -> Municipality:
    return next(each for each in MUNICIPALITIES if each.code == code)
