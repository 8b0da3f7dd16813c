"""What the frame and the components are given: plain dataclasses, the status table and table helpers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from django.contrib import messages
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text: TypeAlias = str | Promise


# The frame ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NavItem:
    label: Text
    url: str
    current: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True)
class Tab:
    label: Text
    url: str
    icon: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class OrgItem:
    """One organisation in the switcher; `kind` is the organisation's kind value."""

    name: str
    owner: Text = ""
    url: str = ""
    current: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    initials: str
    name: str
    role: Text = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """All that templates/{work,public,link,learner}.html show around a page."""

    brand_url: str = "/"
    organisation: OrgItem | None = None
    organisations: Sequence[OrgItem] = ()
    nav: Sequence[NavItem] = ()
    tabs: Sequence[Tab] = ()
    person: Person | None = None
    today: Text = ""
    today_short: Text = ""
    week: str = ""
    page_name: Text = ""
    subtitle: Text = ""
    saved_text: Text = ""
    settings_url: str = ""
    logout_url: str = ""


# Status tags -------------------------------------------------------------------------------------


class Tone(StrEnum):
    OFF = "off"
    INFO = "info"
    WAIT = "wait"
    GO = "go"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class StatusTag:
    tone: Tone
    icon: str
    word: Text


STATUS: Final[Mapping[str, StatusTag]] = {
    "draft": StatusTag(Tone.OFF, "pen-line", _("Utkast")),
    "planned": StatusTag(Tone.OFF, "calendar", _("Planerad")),
    "paused": StatusTag(Tone.OFF, "pause", _("Pausad")),
    "expired": StatusTag(Tone.OFF, "calendar-x", _("Utgången")),
    "discarded": StatusTag(Tone.OFF, "trash-2", _("Kasserad")),
    "closed": StatusTag(Tone.OFF, "lock", _("Stängd")),
    "not_started": StatusTag(Tone.OFF, "circle-dashed", _("Inte börjat")),
    "submitted": StatusTag(Tone.INFO, "send", _("Inskickad")),
    "open_for_choice": StatusTag(Tone.INFO, "list-ordered", _("Öppen för val")),
    "allocating": StatusTag(Tone.INFO, "loader", _("Fördelning pågår")),
    "chosen": StatusTag(Tone.INFO, "list-checks", _("Har valt")),
    "locked": StatusTag(Tone.INFO, "lock", _("Låst")),
    "awaiting_reply": StatusTag(Tone.WAIT, "clock", _("Väntar på svar")),
    "awaiting_you": StatusTag(Tone.WAIT, "clock", _("Väntar på dig")),
    "awaiting_assurance": StatusTag(Tone.WAIT, "clock", _("Väntar på kvalitetssäkring")),
    "reserved": StatusTag(Tone.WAIT, "bookmark", _("Reserverad")),
    "reminded": StatusTag(Tone.WAIT, "bell", _("Påmind")),
    "choice_closed": StatusTag(Tone.WAIT, "lock", _("Val stängt")),
    "dry_run": StatusTag(Tone.WAIT, "flask-conical", _("Provkörning, inte publicerad")),
    "quality_assured": StatusTag(Tone.GO, "shield-check", _("Kvalitetssäkrad")),
    "published": StatusTag(Tone.GO, "megaphone", _("Publicerad")),
    "confirmed": StatusTag(Tone.GO, "check", _("Bekräftad")),
    "ready": StatusTag(Tone.GO, "flag", _("Klar att starta")),
    "ongoing": StatusTag(Tone.GO, "play", _("Pågår")),
    "completed": StatusTag(Tone.GO, "check-check", _("Genomförd")),
    "done": StatusTag(Tone.GO, "check", _("Klart")),
    "clash": StatusTag(Tone.STOP, "triangle-alert", _("Krockar")),
    "withdrawn": StatusTag(Tone.STOP, "undo-2", _("Återbud från arbetsplatsen")),
    "denied": StatusTag(Tone.STOP, "circle-x", _("Nekad")),
    "cancelled": StatusTag(Tone.STOP, "ban", _("Avbruten")),
    "no_show": StatusTag(Tone.STOP, "user-x", _("Ingen närvaro")),
    "unplaced": StatusTag(Tone.STOP, "octagon-alert", _("Utan plats")),
    "missing": StatusTag(Tone.STOP, "octagon-alert", _("Saknas")),
    "late": StatusTag(Tone.STOP, "octagon-alert", _("Efter plan")),
    "failed": StatusTag(Tone.STOP, "octagon-alert", _("Misslyckades")),
}


def tag_for(key: str, word: Text = "") -> StatusTag:
    """The tone, icon and word of a status; `word` replaces the word ("Nekad av Hulta Bageri"), never the icon."""
    known = STATUS[key]
    return StatusTag(known.tone, known.icon, word) if word else known


# Start pages -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that needs you: deadline, what has happened, why, and one act."""

    deadline: Text
    title: Text
    action: Text
    url: str
    deadline_note: Text = ""
    why: Text = ""
    tag: StatusTag | None = None
    post: bool = False


@dataclass(frozen=True, slots=True)
class TaskGroup:
    heading: Text
    limit: Text
    tasks: Sequence[Task]
    urgent: bool = False


# Time as planks ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of a round; `state` is past, current or coming."""

    label: Text
    state: str = "coming"


@dataclass(frozen=True, slots=True)
class SeasonWeek:
    label: str
    seats: int = 0
    missing: int = 0
    past: bool = False
    holiday: bool = False
    current: bool = False


# Weeks -------------------------------------------------------------------------------------------


class Level(StrEnum):
    """How a matrix cell looks; see the table of pressure levels in the style guide."""

    BLANK = "blank"
    EMPTY = "empty"
    AMPLE = "ample"
    EVEN = "even"
    TIGHT = "tight"
    OVER = "over"
    CLOSED = "closed"
    OWN = "own"
    BOOKED = "booked"


def pressure(booked: int, seats: int) -> Level:
    """The level of a week: under 60 %, under 85 %, up to full, or more learners than seats; none without either."""
    if booked > seats:
        return Level.OVER
    if not seats:
        return Level.EMPTY
    share = booked / seats
    return Level.AMPLE if share < 0.6 else Level.EVEN if share < 0.85 else Level.TIGHT


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """`label` is the whole name for screen readers: "v. 15, 16 platser fattas"."""

    text: str = ""
    label: Text = ""
    level: Level = Level.EMPTY
    unsaved: bool = False
    collision: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    name: Text
    cells: Sequence[MatrixCell]
    note: Text = ""
    url: str = ""
    gap_after: bool = False


@dataclass(frozen=True, slots=True)
class MonthSpan:
    label: Text
    weeks: int


@dataclass(frozen=True, slots=True)
class WeekHead:
    number: int
    current: bool = False


CORNER: Final = _("Skola")


@dataclass(frozen=True, slots=True)
class Matrix:
    caption: Text
    months: Sequence[MonthSpan]
    weeks: Sequence[WeekHead]
    rows: Sequence[MatrixRow]
    corner: Text = CORNER


@dataclass(frozen=True, slots=True)
class SeatBlock:
    """`kind`: free, prao, apl, reserved, withdrawn or closed; `weeks` is how many columns it covers."""

    kind: str = "free"
    weeks: int = 1
    text: Text = ""


@dataclass(frozen=True, slots=True)
class SeatRow:
    name: Text
    blocks: Sequence[SeatBlock]


@dataclass(frozen=True, slots=True)
class WeekInput:
    """One number to type for a week: `name` is the form field's name."""

    name: str
    label: str
    value: int | str = ""
    note: Text = ""
    error: Text = ""
    maximum: int = 99
    locked: Text = ""
    booked: int = 0


# Results -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figure:
    value: Text
    label: Text
    note: Text = ""


@dataclass(frozen=True, slots=True)
class BarPart:
    """`kind`: rank1, rank2, rank3, rank4 or missing."""

    label: Text
    value: int
    kind: str


@dataclass(frozen=True, slots=True)
class RankItem:
    id: str
    name: str
    meta: Text = ""
    detail: Text = ""
    url: str = ""
    moved: bool = False
    locked: Text = ""


@dataclass(frozen=True, slots=True)
class RunStage:
    """`state`: done, current or coming."""

    label: Text
    state: str = "coming"


@dataclass(frozen=True, slots=True)
class RunProgress:
    """A background run on the page; polled from `poll_url` until `finished`."""

    title: Text
    sentence: Text
    stages: Sequence[RunStage]
    poll_url: str = ""
    percent: int = 0
    finished: bool = False
    failed: bool = False


# Lists -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    label: Text
    sort_url: str = ""
    sorted: str = ""
    numeric: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    label: Text
    remove_url: str


@dataclass(frozen=True, slots=True)
class FilterBar:
    search_label: Text = ""
    search_name: str = "q"
    search_value: str = ""
    chips: Sequence[Chip] = ()
    clear_url: str = ""
    count: Text = ""
    xlsx_url: str = ""
    csv_url: str = ""
    keep: Sequence[tuple[str, str]] = field(default_factory=tuple)


def columns(request: HttpRequest, specs: Sequence[tuple[str, Text] | tuple[str, Text, str]]) -> list[Column]:
    """Heads of a sortable table from (key, label[, "num"]), ordered by ?sort=key or -key; no key: not sortable."""
    current = request.GET.get("sort", "")
    return [_column(request, current, spec[0], spec[1], numeric=len(spec) > 2) for spec in specs]


def _column(request: HttpRequest, current: str, key: str, label: Text, *, numeric: bool) -> Column:
    if not key:
        return Column(label, numeric=numeric)
    state = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    url = address_with(request, sort=f"-{key}" if current == key else key)
    return Column(label, sort_url=url, sorted=state, numeric=numeric)


def address_with(request: HttpRequest, **changes: str) -> str:
    """The list's own "?…" with some parameters changed; an empty one is taken away, and so is the page number."""
    query = request.GET.copy()
    for name, value in {**changes, "page": ""}.items():
        query[name] = value
        if not value:
            del query[name]
    return f"?{query.urlencode()}"


# Receipts ----------------------------------------------------------------------------------------

UNDO = "undo:"


def receipt(request: HttpRequest, text: Text, *, undo_url: str = "") -> None:
    """Shows one sentence on the next page, with an Ångra button that posts to `undo_url` when given."""
    messages.success(request, str(text), extra_tags=f"{UNDO}{undo_url}" if undo_url else "")
