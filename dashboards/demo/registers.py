"""Reads the public registers a region is built from, and says which file and row is wrong."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.errors import DomainError

Row = dict[str, str]

GROUPS: Final = "samverkansregioner.csv"
MUNICIPALITIES: Final = "kommuner.csv"
SCHOOLS: Final = "skolenheter_ak9.csv"
LEARNERS: Final = "elever_per_arskurs_kommun.csv"
PRESCHOOLS: Final = "arbetsgivare_forskolor.csv"
CLINICS: Final = "arbetsgivare_vardenheter.csv"
SHOPS: Final = "arbetsgivare_butiker.csv"
AGENCIES: Final = "arbetsgivare_myndigheter.csv"
# The columns that are read.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    GROUPS: ("samverkan_id", "samverkan", "kommunkod"),
    MUNICIPALITIES: (
        "kommunkod", "kommun", "kommun_namn_officiellt", "centralort", "centralort_lat", "centralort_lon", "orgnr",
    ),
    SCHOOLS: (
        "skolenhetskod", "namn", "kommunkod", "huvudman_typ", "huvudman", "postort", "lat", "lon", "elever_ak9_2024_25",
    ),
    LEARNERS: ("lasar", "kommunkod", "huvudman_typ", "andel_flickor_procent", "ak7", "ak8", "ak9"),
    PRESCHOOLS: (
        "namn", "huvudman_typ", "orgnr", "kommunkod", "adress", "postnummer", "lat", "lon", "heltidstjanster",
    ),
    CLINICS: ("namn", "kommunkod", "adress", "postnummer", "ort", "lat", "lon"),
    SHOPS: ("namn", "typ", "kommunkod", "adress", "ort", "lat", "lon"),
    AGENCIES: ("orgnr", "namn", "besoksadress", "postnummer", "ort"),
}  # fmt: skip
MUNICIPAL, INDEPENDENT, ALL_OWNERS = "Kommunal", "Enskild", "Samtliga"


class RegisterError(DomainError):
    """A file is missing or not what it should be; the message says which, and what to do."""

    code = "register"


@dataclass
class Registers:
    """The rows of one region: its name, municipalities by code, schools, learners and workplaces."""

    name: str
    year: str = ""
    municipalities: dict[str, Row] = field(default_factory=dict)
    schools: list[Row] = field(default_factory=list)
    learners: dict[tuple[str, str], int] = field(default_factory=dict)
    girls: dict[str, float] = field(default_factory=dict)
    preschools: list[Row] = field(default_factory=list)
    clinics: list[Row] = field(default_factory=list)
    shops: list[Row] = field(default_factory=list)
    agencies: list[Row] = field(default_factory=list)


def read_registers(folder: Path, region: str, grade: int) -> Registers:
    """Read everything about one region.

    Raises:
        RegisterError: the folder, a file, a column or the region is missing, or a number is no number.
    """
    if not folder.is_dir():
        raise RegisterError(f"Mappen {folder} finns inte. Ange mappen med registerfilerna.")
    tables = {name: _table(folder / name, columns) for name, columns in COLUMNS.items()}
    found = Registers(name="")
    codes = set()
    for row in tables[GROUPS]:
        if row["samverkan_id"].casefold() == region.casefold():
            found.name = row["samverkan"]
            codes.add(row["kommunkod"])
    if not codes:
        known = ", ".join(sorted({row["samverkan_id"].lower() for row in tables[GROUPS]}))
        raise RegisterError(f"Regionen {region} finns inte i {GROUPS}. Välj någon av: {known}.")
    found.municipalities = {row["kommunkod"]: row for row in tables[MUNICIPALITIES] if row["kommunkod"] in codes}
    for name, kept in ((SCHOOLS, found.schools), (PRESCHOOLS, found.preschools), (CLINICS, found.clinics)):
        kept += _within(tables[name], codes)
    found.shops += [row for row in _within(tables[SHOPS], codes) if not row["typ"].startswith("Systembolaget")]
    places = {row["centralort"] for row in found.municipalities.values()}
    found.agencies += [row for row in tables[AGENCIES] if row["ort"] in places]
    _learners(found, _within(tables[LEARNERS], codes), grade)
    return found


def number(row: Row, column: str, file: str, default: float = 0) -> float:
    """Return a number of a row; an empty cell is the default.

    Raises:
        RegisterError: it is no number.
    """
    text = row[column].strip()
    try:
        return float(text) if text else default
    except ValueError as error:
        raise RegisterError(
            f"{file}: {column} är {text!r} för {row.get('namn') or row['kommunkod']}, inte ett tal."
        ) from error


def point(row: Row, file: str, columns: Sequence[str] = ("lat", "lon")) -> tuple[float, float] | None:
    """Return the point of a row, or None."""
    latitude, longitude = (number(row, column, file) for column in columns)
    return (latitude, longitude) if latitude and longitude else None


def _table(file: Path, columns: Sequence[str]) -> list[Row]:
    if not file.exists():
        raise RegisterError(f"Filen {file.name} saknas i {file.parent}. Lägg dit den och kör igen.")
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise RegisterError(f"{file.name} saknar kolumnerna {', '.join(missing)}. Hämta filen på nytt.")
            return [{name: row[name] or "" for name in columns} for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise RegisterError(f"{file.name} går inte att läsa som csv i UTF-8. Hämta filen på nytt.") from error


def _within(rows: Iterable[Row], codes: set[str]) -> list[Row]:
    return [row for row in rows if row["kommunkod"] in codes]


def _learners(found: Registers, rows: list[Row], grade: int) -> None:
    """The newest year's learners by municipality and owner; where independent ones are hidden, what is left of all."""
    found.year = max((row["lasar"] for row in rows), default="")
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        if row["lasar"] == found.year:
            counts[row["kommunkod"]][row["huvudman_typ"]] = round(number(row, f"ak{grade}", LEARNERS))
            if row["huvudman_typ"] == ALL_OWNERS:
                found.girls[row["kommunkod"]] = number(row, "andel_flickor_procent", LEARNERS, 49) / 100
    for code, held in counts.items():
        municipal = held.get(MUNICIPAL, 0)
        found.learners[code, MUNICIPAL] = municipal
        found.learners[code, INDEPENDENT] = max(0, held.get(ALL_OWNERS, municipal) - municipal)
