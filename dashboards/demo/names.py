"""Invented people: first and last names in the proportions of a Swedish class, and the languages at home."""

from dataclasses import dataclass
from typing import Final

from dashboards.demo.dice import Dice
from schools.enums import Sex

GIRLS: Final = (  # noqa: SIM905 -- names are read more easily without quotes
    "Alice Maja Elsa Ella Lilly Astrid Wilma Freja Olivia Selma Ebba Agnes Saga Alma Ida Klara Julia Linnéa Nova Stina"
    " Tuva Vera Signe Molly Elin Tyra Nellie Moa Emma Isabelle Hanna Lova Sara Emilia Felicia Edith Amanda Ellen Thea"
    " Ronja Greta Matilda Iris Leia Märta Svea Tilde Livia"
).split()
BOYS: Final = (  # noqa: SIM905 -- names are read more easily without quotes
    "William Lucas Oscar Elias Hugo Oliver Liam Alexander Axel Charlie Vincent Leo Gustav Viktor Emil Filip Isak Noah"
    " Ludvig Anton Arvid Theo Melvin Edvin Albin Viggo Adam Sixten Erik Nils Olle Alfred Wilmer Elliot Kevin Valter"
    " Loke Jonathan Simon Ville Malte Kasper Sigge Ture Love Tim Milton Frank"
).split()
LAST: Final = (  # noqa: SIM905 -- names are read more easily without quotes
    "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Pettersson Jonsson"
    " Jansson Hansson Bengtsson Carlsson Jönsson Lindberg Magnusson Lindström Gustavsson Olofsson Lindgren Axelsson"
    " Bergström Lundberg Jakobsson Berg Berglund Fredriksson Sandberg Henriksson Sjöberg Forsberg Lind Engström"
    " Eklund Danielsson Lundin Håkansson Björk Bergman Gunnarsson Wikström Holm Samuelsson Isaksson Fransson Nyström"
    " Holmberg Arvidsson Löfgren Söderberg Nyberg Ahlström Hultman Claesson Ljung Rydén Brandt Ekdahl Hallberg Malm"
).split()
MOTHERS: Final = (  # noqa: SIM905 -- names are read more easily without quotes
    "Anna Maria Karin Sara Emma Jenny Lena Malin Johanna Sofia Helena Åsa Linda Camilla Annika Ulrika Therese Jessica"
    " Petra Frida Katarina Monica Veronica Pernilla"
).split()
FATHERS: Final = (  # noqa: SIM905 -- names are read more easily without quotes
    "Anders Johan Mikael Fredrik Peter Magnus Daniel Andreas Jonas Mattias Henrik Stefan Marcus Niklas Patrik Thomas"
    " Joakim Robert Martin Christian Jörgen Tobias Håkan Björn"
).split()


@dataclass(frozen=True, slots=True)
class Background:
    """Names that go together, the language at home, and how common the background is."""

    language: str
    weight: float
    girls: list[str]
    boys: list[str]
    last: list[str]
    parents: tuple[list[str], list[str]]


def _background(
    language: str, weight: float, girls: str, boys: str, last: str, mothers: str, fathers: str
) -> Background:
    return Background(language, weight, girls.split(), boys.split(), last.split(), (mothers.split(), fathers.split()))


# The mix is our own guess at a region like this one: Syria, Iraq, Bosnia, Somalia, Iran and Afghanistan, Thailand,
# Finland, Poland. Languages without letters of ours get theirs in Swedish.
BACKGROUNDS: Final = (
    _background(
        "ar", 30, "Amina Nour Maryam Sara Fatima Lina Jana Rana Hala Yasmin", "Omar Yousef Ali Ahmad Karim Hassan"
        " Bilal Sami Adam Zain", "Haddad Al-Ahmad Khalil Hassan Nasser Issa Mansour Darwish Saleh Ibrahim",
        "Rima Hanan Samira Layla Zeinab", "Mahmoud Khaled Tarek Fadi Nabil",
    ),
    _background(
        "sv", 20, "Lejla Emina Amra Ajla Elma Dalila", "Adin Tarik Amar Harun Emir Dino", "Hodžić Begić Halilović"
        " Kovačević Delić Mujić", "Amela Sanela Mirela", "Senad Mirza Edin",
    ),
    _background(
        "so", 16, "Hodan Ayaan Ifrah Sagal Hibaq Naima", "Abdi Mahad Liban Guled Zakaria Yahya", "Warsame Abdi Farah"
        " Hussein Mohamud Jama", "Faduma Sahra Asha", "Abdullahi Ismail Omar",
    ),
    _background(
        "fa", 14, "Zahra Setayesh Parisa Nazanin Mahsa Elnaz", "Reza Amir Arash Navid Mehdi Yasin", "Hosseini Rezai"
        " Ahmadi Karimi Jafari Mohammadi", "Masoumeh Leila Farzaneh", "Hamid Mohsen Javad",
    ),
    _background(
        "th", 4, "Ploy Malee Emmy Nina", "Arthit Max Tony Robin", "Srisai Boonmee Andersson Nilsson", "Somchai Kanya"
        " Nong", "Per Lars Kjell",
    ),
    _background(
        "sv", 8, "Aino Helmi Emma Sanna", "Eino Niko Jesper Mika", "Virtanen Korhonen Mäkinen Nieminen", "Päivi Tuula"
        " Marja", "Jari Timo Pekka",
    ),
    _background(
        "en", 8, "Zuzanna Maja Oliwia Lena", "Jakub Szymon Filip Kacper", "Kowalska Nowak Wiśniewski Zieliński",
        "Agnieszka Monika Beata", "Piotr Marek Tomasz",
    ),
)  # fmt: skip
SWEDISH: Final = Background("sv", 1, GIRLS, BOYS, LAST, (MOTHERS, FATHERS))


@dataclass(frozen=True, slots=True)
class Person:
    """A learner's name and sex, and what the guardians are called."""

    first_name: str
    last_name: str
    sex: str
    guardians: list[tuple[str, str]]


def draw_person(dice: Dice, *, girls: float, foreign: float) -> Person:
    """Draw a learner: `girls` and `foreign` are shares. A background shows in the name, not always in the language."""
    found = dice.weighted(BACKGROUNDS, [each.weight for each in BACKGROUNDS]) if dice.often(foreign) else SWEDISH
    sex = Sex.WOMAN if dice.often(girls) else Sex.MAN
    first = dice.choice(found.girls if sex == Sex.WOMAN else found.boys)
    last = dice.choice(found.last)
    language = found.language if dice.often(0.55) else "sv"
    mother, father = (dice.choice(names) for names in found.parents)
    shared = last if dice.often(0.75) else dice.choice(found.last)
    both = [(f"{mother} {shared}", language), (f"{father} {last}", language)]
    return Person(first, last, sex, both if dice.often(0.7) else both[:1])


def draw_adult(dice: Dice, *, woman: bool | None = None) -> str:
    """Draw a name for somebody at work: a contact, a supervisor, a mentor."""
    sex = dice.often(0.5) if woman is None else woman
    if dice.often(0.12):
        found = dice.weighted(BACKGROUNDS, [each.weight for each in BACKGROUNDS])
        return f"{dice.choice(found.parents[0 if sex else 1])} {dice.choice(found.last)}"
    return f"{dice.choice(MOTHERS if sex else FATHERS)} {dice.choice(LAST)}"
