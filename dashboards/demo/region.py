"""Public facts of the eight municipalities of Sjuhärad, and the invented schools in them.

Learners per year: Skolverket, SIRIS "Antal elever per årskurs", 2024/25, municipal and independent schools. Where the
source hides an independent school's few learners the cell is 0. Postcodes and points: PostNord's and SCB's open lists,
one for each place. `foreign` is our own estimate and decides names only.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Town:
    """A place with a postcode, a point, and how many of the municipality's workplaces lie there."""

    name: str
    postcode: str
    latitude: float
    longitude: float
    weight: float = 1


@dataclass(frozen=True, slots=True)
class Municipality:
    """One municipality: who runs the schools, how many learners, where people work, and what the schools are called."""

    code: str
    name: str
    authority: str
    girls: float
    foreign: float
    year8: int
    year9: int
    independent8: int
    independent9: int
    towns: tuple[Town, ...]
    schools: tuple[tuple[str, str, float], ...]


BORAS: Final = "1490"
REGION_NAME: Final = "Sjuhärad"
INDEPENDENT_NAME: Final = "Sävens friskolor"

MUNICIPALITIES: Final = (
    Municipality(
        "1490", "Borås", "Borås Stad", 0.482, 0.30, 1163, 1114, 294, 252,
        (
            Town("Borås", "503 30", 57.7247, 12.9272, 8), Town("Fristad", "513 32", 57.8249, 13.0078),
            Town("Dalsjöfors", "516 31", 57.7158, 13.1171), Town("Brämhult", "507 31", 57.7284, 13.0007),
            Town("Sandared", "518 30", 57.7120, 12.7856), Town("Viskafors", "515 33", 57.6233, 12.8567),
        ),
        (
            ("Norrängsskolan", "Borås", 1.6), ("Viskaskolan", "Borås", 1.3), ("Ekbackaskolan", "Borås", 1.3),
            ("Ryavallsskolan", "Borås", 1.3), ("Kypeskolan", "Borås", 1), ("Väverskolan", "Borås", 1),
            ("Tollskolan", "Fristad", 1.1), ("Rångsjöskolan", "Dalsjöfors", 1.1), ("Vattenhusskolan", "Viskafors", 0.7),
            ("Sjöhagsskolan", "Sandared", 0.9),
        ),
    ),
    Municipality(
        "1463", "Mark", "Marks kommun", 0.478, 0.14, 432, 396, 32, 39,
        (
            Town("Kinna", "511 54", 57.4966, 12.6803, 3), Town("Skene", "511 61", 57.4870, 12.6439, 2),
            Town("Fritsla", "511 71", 57.5460, 12.8036), Town("Horred", "519 30", 57.3553, 12.4779),
            Town("Sätila", "511 69", 57.5425, 12.4333),
        ),
        (("Kvarnholmsskolan", "Kinna", 1.6), ("Häggåskolan", "Fritsla", 0.9), ("Öresjöskolan", "Skene", 1.3)),
    ),
    Municipality(
        "1491", "Ulricehamn", "Ulricehamns kommun", 0.491, 0.13, 290, 281, 0, 0,
        (
            Town("Ulricehamn", "523 30", 57.7928, 13.4174, 4), Town("Timmele", "523 72", 57.8621, 13.4305),
            Town("Gällstad", "523 61", 57.6965, 13.5098), Town("Blidsberg", "523 76", 57.9311, 13.4946),
        ),
        (("Åsundaskolan", "Ulricehamn", 2), ("Rosenlidsskolan", "Timmele", 1)),
    ),
    Municipality(
        "1452", "Tranemo", "Tranemo kommun", 0.481, 0.13, 142, 143, 0, 0,
        (
            Town("Tranemo", "514 31", 57.4880, 13.3484, 2), Town("Limmared", "514 40", 57.5412, 13.3553),
            Town("Länghem", "514 43", 57.6032, 13.2492), Town("Dalstorp", "514 61", 57.6157, 13.5323),
        ),
        (("Nittorpsskolan", "Tranemo", 1),),
    ),
    Municipality(
        "1465", "Svenljunga", "Svenljunga kommun", 0.482, 0.15, 123, 129, 0, 0,
        (
            Town("Svenljunga", "512 50", 57.4959, 13.1077, 3), Town("Hillared", "512 76", 57.6305, 13.1588),
            Town("Sexdrega", "512 77", 57.5786, 13.1217), Town("Överlida", "512 60", 57.3485, 12.8993),
        ),
        (("Lidaskolan", "Svenljunga", 1),),
    ),
    Municipality(
        "1443", "Bollebygd", "Bollebygds kommun", 0.496, 0.10, 130, 121, 0, 0,
        (
            Town("Bollebygd", "517 30", 57.6719, 12.5737, 3), Town("Olsfors", "517 71", 57.6924, 12.6992),
            Town("Töllsjö", "517 70", 57.7952, 12.6335),
        ),
        (("Nolåsskolan", "Bollebygd", 1),),
    ),
    Municipality(
        "1442", "Vårgårda", "Vårgårda kommun", 0.467, 0.12, 143, 155, 0, 0,
        (Town("Vårgårda", "447 30", 58.0348, 12.8103, 3),),
        (("Kullaängsskolan", "Vårgårda", 1),),
    ),
    Municipality(
        "1466", "Herrljunga", "Herrljunga kommun", 0.507, 0.12, 111, 103, 0, 0,
        (Town("Herrljunga", "524 30", 58.0793, 13.0230, 3), Town("Ljung", "524 41", 57.9883, 13.0598)),
        (("Haraskolan", "Herrljunga", 1),),
    ),
)  # fmt: skip

# The independent authority's schools: name, municipality, town, share of its learners there.
INDEPENDENT_SCHOOLS: Final = (
    ("Sävens friskola", "1490", "Borås", 6),
    ("Sävens friskola Parkgatan", "1490", "Borås", 3),
    ("Sävens friskola Skene", "1463", "Skene", 1),
)
# Upper-secondary schools that book weeks for apl: they share the workplaces.
UPPER_SECONDARY: Final = (
    ("Viskastrandens gymnasium", "1490", "Borås"),
    ("Simonslidens gymnasium", "1490", "Borås"),
    ("Kinnaborgs gymnasium", "1463", "Kinna"),
    ("Tingsgårdens gymnasium", "1491", "Ulricehamn"),
)
APL_PROGRAMMES: Final = (
    ("BA", "Bygg"), ("EE", "El"), ("VO", "Vård"), ("BF", "Barn"), ("FT", "Fordon"), ("RL", "Kök"), ("IN", "Industri"),
    ("FS", "Försäljning"),
)  # fmt: skip

STREETS: Final = (  # noqa: SIM905 -- names are read more easily without quotes
    "Storgatan Skolgatan Industrigatan Kyrkogatan Järnvägsgatan Parkgatan Ängsvägen Björkvägen Hantverksgatan"
    " Verkstadsgatan Kvarngatan Bangatan Boråsvägen Sågvägen Fabriksgatan Nygatan Trädgårdsgatan Varbergsvägen"
    " Göteborgsvägen Ringvägen Brogatan Norra_Esplanaden Lillgatan Källgatan Lasarettsgatan Tvärgatan Åsgatan"
).split()


def town_named(name: str, municipality: Municipality) -> Town:
    """Return a town of a municipality; its first one if the name is unknown."""
    return next((town for town in municipality.towns if town.name == name), municipality.towns[0])
