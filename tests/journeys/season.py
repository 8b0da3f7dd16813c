"""A region before its season: a coordinator, a school with a counsellor, and one employer who is there already."""

from dataclasses import dataclass
from datetime import date, timedelta

from accounts.enums import Role
from accounts.models import Organisation, User
from core.tenancy import SystemReason, system_scope
from core.weeks import WEEK, Term, monday, school_year, school_year_label, term_of, today
from employers.enums import OccupationField
from employers.models import Employer
from schools.models import SchoolUnit
from tests.factories import accounts, employers, schools

PASSWORD = "hemligt-ord-2026"
WORKSHOP, TERMINAL = "Viskadalens verkstad", "Viskadalens terminal"
SEATS = 2
CLASS_LIST = """\
Förnamn;Efternamn;Födelsedatum;Kön;E-post;Vårdnadshavare;Vårdnadshavares e-post
Amina;Warsame;{born}-05-04;kvinna;amina@elev.example;Hodan Warsame;hodan@hem.example
Elias;Lindqvist;{born}-02-11;man;elias@elev.example;Ulla Lindqvist;ulla@hem.example
Noor;Haddad;{born}-09-30;kvinna;noor@elev.example;Sami Haddad;sami@hem.example
Viktor;Ek;{born}-07-19;man;;Jonas Ek;jonas@hem.example
"""


@dataclass
class Season:
    """Who is there, and the two weeks it is about."""

    region: Organisation
    school: SchoolUnit
    haulier: Employer
    coordinator: User
    counsellor: User
    term: Term
    weeks: list[date]

    @property
    def school_year_label(self) -> str:
        return school_year_label(school_year(self.weeks[0]))

    @property
    def class_list(self) -> bytes:
        """Four learners of year 8 as the school's register writes them: semicolons, and a mark in front."""
        return CLASS_LIST.format(born=school_year(self.weeks[0]) - 14).encode("utf-8-sig")


def make_season() -> Season:
    """The other employer has two workplaces, `SEATS` seats each; the bakery is still to be invited."""
    term, weeks = _coming_weeks()
    with system_scope(SystemReason.SEED):
        region = accounts.make_region()
        school = schools.make_school(schools.make_authority(region))
        haulier = employers.make_employer(region, "Viskadalens Åkeri")
        for name in (WORKSHOP, TERMINAL):
            place = employers.make_workplace(haulier, name)
            employers.make_seats(employers.make_slot(place, occupation_field=OccupationField.TRANSPORT), weeks, SEATS)
        return Season(
            region=region,
            school=school,
            haulier=haulier,
            coordinator=accounts.make_member(region, Role.REGIONAL_COORDINATOR, "Anna Berg"),
            counsellor=accounts.make_member(school.organisation, Role.CAREER_COUNSELLOR, "Malin Ekdahl"),
            term=term,
            weeks=weeks,
        )


def _coming_weeks() -> tuple[Term, list[date]]:
    """Two weeks of one term, five or more from now: time enough for a round, whenever the test is run."""
    term, earliest = term_of(today()), monday(today() + timedelta(weeks=5))
    while not (found := [week for week in term.weeks if week >= earliest and week + WEEK in term.weeks]):
        term = term.next()
    return term, [found[0], found[0] + WEEK]
