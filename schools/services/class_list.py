"""Understand a class list: which column is which, what each row says, and what is wrong with it."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.errors import DomainError
from core.weeks import and_list, today
from schools.enums import Sex
from schools.services.tables import Table

NAME_LENGTH = 80
FIRST_YEAR = 1940
DATE_FORMATS = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y")

LABELS: Final = {
    "first_name": gettext_lazy("Förnamn"),
    "last_name": gettext_lazy("Efternamn"),
    "birth_date": gettext_lazy("Födelsedatum"),
    "sex": gettext_lazy("Kön"),
    "email": gettext_lazy("E-post"),
    "guardian_name": gettext_lazy("Vårdnadshavare"),
    "guardian_email": gettext_lazy("Vårdnadshavares e-post"),
    "guardian_language": gettext_lazy("Vårdnadshavares språk"),
    "protected": gettext_lazy("Skyddade personuppgifter"),
}
REQUIRED: Final = ("first_name", "last_name")

# Written as `plain` writes them: lower case, no accents, letters and digits only.
SYNONYMS: Final = {
    "first_name": {"fornamn", "tilltalsnamn", "elevfornamn", "firstname", "givenname"},
    "last_name": {"efternamn", "elevefternamn", "lastname", "surname", "familyname"},
    "birth_date": {"fodelsedatum", "fodelsedag", "fodelsetid", "fodd", "birthdate", "dateofbirth"},
    "sex": {"kon", "juridisktkon", "sex", "gender"},
    "email": {"epost", "epostadress", "elevepost", "elevensepost", "mejl", "mail", "email"},
    "guardian_name": {"vardnadshavare", "vardnadshavarenamn", "vardnadshavaresnamn", "vardnadshavare1",
                      "vardnadshavare1namn", "vh", "vhnamn", "vh1", "vh1namn", "guardian", "guardianname"},
    "guardian_email": {"vardnadshavareepost", "vardnadshavaresepost", "vardnadshavare1epost", "vhepost", "vh1epost",
                       "vhmejl", "vardnadshavaremejl", "vardnadshavaresmejl", "guardianemail"},
    "guardian_language": {"vardnadshavaresprak", "vardnadshavaressprak", "vardnadshavare1sprak", "vhsprak", "vh1sprak",
                          "sprak", "language", "guardianlanguage"},
    "protected": {"skyddadepersonuppgifter", "skyddadeuppgifter", "skyddadidentitet", "skyddad", "skydd", "sekretess",
                  "sekretessmarkering", "securitymarking"},
}  # fmt: skip
SEXES: Final = {
    "": Sex.UNKNOWN, "okant": Sex.UNKNOWN, "x": Sex.UNKNOWN,
    "k": Sex.WOMAN, "f": Sex.WOMAN, "kvinna": Sex.WOMAN, "flicka": Sex.WOMAN, "woman": Sex.WOMAN, "female": Sex.WOMAN,
    "m": Sex.MAN, "p": Sex.MAN, "man": Sex.MAN, "pojke": Sex.MAN, "male": Sex.MAN,
}  # fmt: skip
LANGUAGES: Final = {
    "svenska": "sv", "engelska": "en", "english": "en", "arabiska": "ar", "somaliska": "so", "persiska": "fa",
    "farsi": "fa", "dari": "fa", "thai": "th", "thailandska": "th",
    **{code: code for code in ("sv", "en", "ar", "so", "fa", "th")},
}  # fmt: skip
NOT_PROTECTED: Final = {"", "nej", "ingen", "inga", "0", "false", "no"}

_IDENTITY_NUMBER = re.compile(r"(?<!\d)((?:19|20)?)(\d{6})([-+]?)(\d{4})(?!\d)")


class WrongColumns(DomainError):
    """The list lacks a column we cannot do without."""

    code = "wrong_columns"


class IdentityNumbers(DomainError):
    """The list holds personal identity numbers."""

    code = "identity_numbers"


class EmptyList(DomainError):
    """The list names nobody."""

    code = "empty_list"


@dataclass(frozen=True, slots=True)
class ListRow:
    """One learner of the list. `number` is the row in the file; `errors` say how to mend it, `notes` what was done."""

    number: int
    first_name: str = ""
    last_name: str = ""
    birth_date: date | None = None
    sex: str = Sex.UNKNOWN
    email: str = ""
    guardian_name: str = ""
    guardian_email: str = ""
    guardian_language: str = "sv"
    protected: bool = False
    errors: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def name_key(self) -> tuple[str, str]:
        """Return the name as it is compared."""
        return self.first_name.casefold(), self.last_name.casefold()


@dataclass(frozen=True, slots=True)
class ClassList:
    """A list that has been read. `ignored` are the columns we do not keep."""

    rows: tuple[ListRow, ...]
    ignored: tuple[str, ...]


def plain(text: str) -> str:
    """Write a heading as headings are compared: no case, no accents, letters and digits only."""
    bare = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", bare)


def read_class_list(table: Table) -> ClassList:
    """Read a table whose first filled row holds the headings.

    Raises:
        EmptyList: there is no learner in it.
        WrongColumns: it lacks a column for first or last names.
        IdentityNumbers: a cell holds a personal identity number.
    """
    start = next((index for index, row in enumerate(table) if any(row)), None)
    if start is None:
        raise EmptyList(_("Listan är tom. Lägg in en rubrikrad och minst en elev."), field="file")
    heads = table[start]
    _refuse_identity_numbers(table, start, heads)
    places = _places(heads)
    rows = [
        _read_row(number, {field: row[place] for field, place in places.items() if place < len(row)})
        for number, row in enumerate(table[start + 1 :], start=start + 2)
        if any(row)
    ]
    if not rows:
        raise EmptyList(_("Listan har rubriker men inga elever. Lägg in minst en elev."), field="file")
    known = set(places.values())
    return ClassList(tuple(_mark_doubles(rows)), tuple(h for i, h in enumerate(heads) if h and i not in known))


def _places(heads: list[str]) -> dict[str, int]:
    """Find each field's column; the first wins."""
    places: dict[str, int] = {}
    for place, head in enumerate(heads):
        field = next((name for name, words in SYNONYMS.items() if plain(head) in words), None)
        if field and field not in places:
            places[field] = place
    missing = [str(LABELS[field]) for field in REQUIRED if field not in places]
    if missing:
        text = ngettext(
            "Listan saknar kolumnen %(missing)s. Kolumner som finns: %(found)s. "
            "Skriv rubrikerna på första raden, eller börja från mallen.",
            "Listan saknar kolumnerna %(missing)s. Kolumner som finns: %(found)s. "
            "Skriv rubrikerna på första raden, eller börja från mallen.",
            len(missing),
        )
        found = ", ".join(head for head in heads if head) or _("inga")
        raise WrongColumns(text % {"missing": and_list(missing), "found": found}, field="file")
    return places


# -- least data


def _refuse_identity_numbers(table: Table, start: int, heads: list[str]) -> None:
    phones = {place for place, head in enumerate(heads) if re.search("tel|mobil|phone", plain(head))}
    columns = [head for head in heads if plain(head) in {"personnummer", "pnr", "personnr", "personalnumber", "ssn"}]
    rows = [
        number
        for number, row in enumerate(table[start:], start=start + 1)
        if any(place not in phones and _has_identity_number(cell) for place, cell in enumerate(row))
    ]
    if not rows and not columns:
        return
    where = _("rad %(rows)s") % {"rows": ", ".join(map(str, rows[:5])) + (" …" if len(rows) > 5 else "")}
    text = _(
        "Listan innehåller personnummer (%(where)s). Bryggan behöver dem inte och sparar dem inte. "
        "Ta bort dem, eller skriv födelsedatum som 2012-05-04, och läs in listan igen."
    )
    raise IdentityNumbers(
        text % {"where": where if rows else _("kolumnen %(name)s") % {"name": columns[0]}}, field="file"
    )


def _has_identity_number(cell: str) -> bool:
    return any(_is_identity_number(*found.groups()) for found in _IDENTITY_NUMBER.finditer(cell))


def _is_identity_number(century: str, birth: str, mark: str, tail: str) -> bool:
    """A date (day + 60 for coordination numbers) and four digits. Ten digits in a row must pass the check digit too."""
    month, day = int(birth[2:4]), int(birth[4:6]) % 60
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return False
    return bool(century or mark) or _check_digit_holds(birth + tail)


def _check_digit_holds(digits: str) -> bool:
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(digits)]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


# -- rows


def _read_row(number: int, cells: dict[str, str]) -> ListRow:
    if plain(cells.get("protected", "")) not in NOT_PROTECTED:
        return ListRow(number, cells.get("first_name", ""), cells.get("last_name", ""), protected=True)
    errors: list[str] = []
    notes: list[str] = []
    return ListRow(
        number=number,
        first_name=_name(cells, "first_name", errors),
        last_name=_name(cells, "last_name", errors),
        birth_date=_birth_date(cells.get("birth_date", ""), errors),
        sex=_sex(cells.get("sex", ""), errors),
        email=_email(cells, "email", errors),
        guardian_name=cells.get("guardian_name", "")[:150],
        guardian_email=_email(cells, "guardian_email", errors),
        guardian_language=_language(cells.get("guardian_language", ""), notes),
        errors=tuple(errors),
        notes=tuple(notes),
    )


def _name(cells: dict[str, str], field: str, errors: list[str]) -> str:
    value = cells.get(field, "")
    if not value:
        errors.append(_("%(label)s saknas. Fyll i det, eller ta bort raden.") % {"label": LABELS[field]})
    if len(value) > NAME_LENGTH:
        errors.append(_("%(label)s är längre än 80 tecken. Korta det.") % {"label": LABELS[field]})
    return value


def _birth_date(text: str, errors: list[str]) -> date | None:
    if not text:
        return None
    for form in DATE_FORMATS:
        try:
            found = datetime.strptime(text, form).date()  # noqa: DTZ007 -- a date of birth has no time zone
        except ValueError:
            continue
        if found.year >= FIRST_YEAR and found < today():
            return found
    errors.append(_("Födelsedatum ”%(text)s” går inte att läsa. Skriv det som 2012-05-04.") % {"text": text})
    return None


def _sex(text: str, errors: list[str]) -> str:
    found = SEXES.get(plain(text))
    if found is None:
        errors.append(_("Kön ”%(text)s” går inte att läsa. Skriv kvinna eller man, eller lämna tomt.") % {"text": text})
    return found or Sex.UNKNOWN


def _email(cells: dict[str, str], field: str, errors: list[str]) -> str:
    text = cells.get(field, "")
    try:
        if text:
            validate_email(text)
    except ValidationError:
        label = LABELS[field]
        errors.append(
            _("%(label)s ”%(text)s” är inte en e-postadress. Rätta eller ta bort den.") % {"label": label, "text": text}
        )
    return text.lower()


def _language(text: str, notes: list[str]) -> str:
    found = LANGUAGES.get(plain(text)) if text else "sv"
    if found is None:
        notes.append(_("Brev finns inte på %(language)s ännu. De skickas på svenska.") % {"language": text.lower()})
    return found or "sv"


def _mark_doubles(rows: list[ListRow]) -> list[ListRow]:
    """Add an error to a row that repeats an earlier one."""
    seen: dict[tuple[object, ...], int] = {}
    marked = []
    for row in rows:
        key = (*row.name_key, row.birth_date)
        first = None if row.protected or not row.first_name else seen.setdefault(key, row.number)
        if first is not None and first != row.number:
            text = _("Samma elev står på rad %(first)d. Ta bort den ena, eller skriv födelsedatum om de är två.")
            row = replace(row, errors=(*row.errors, text % {"first": first}))
        marked.append(row)
    return marked
