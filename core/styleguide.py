"""Invented samples for the style guide: every component in every state."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest

from core import ui
from core.ui import Level, MatrixCell, MatrixRow

HOLIDAYS = {7, 13}
FREE = [50, 26, 27, 21, 8, 0, 39, 4, 26, -18, 10, 0, 63, -16, -10, 42, 33, -45, -66, 80, 48, 60]
SEATS = [120, 120, 150, 140, 60, 0, 180, 40, 150, 90, 80, 0, 240, 300, 310, 180, 190, 240, 260, 130, 120, 100]
SCHOOLS = [
    ("Norrängsskolan", "Borås", {5: 23, 6: 23, 9: 48, 15: 24, 16: 24, 19: 26, 20: 26}),
    ("Viskaskolan", "Borås", {11: 52, 12: 52, 17: 50}),
    ("Kvarnholmsskolan", "Mark", {8: 47, 9: 47, 15: 49, 16: 49}),
    ("Åsundaskolan", "Ulricehamn", {6: 55, 19: 54, 20: 54}),
]
SEASON = [
    0,
    0,
    0,
    88,
    104,
    131,
    146,
    173,
    162,
    104,
    None,
    120,
    127,
    158,
    167,
    139,
    89,
    3,
    None,
    None,
    None,
    4,
    88,
    104,
    127,
    133,
    None,
    122,
    136,
    139,
    178,
    131,
    None,
    119,
    170,
    173,
    134,
    122,
    159,
    158,
    92,
    84,
    5,
    None,
]


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Arbetsplatsens namn")
    seats = forms.IntegerField(
        label="Antal elever samtidigt",
        min_value=1,
        error_messages={"min_value": "Skriv 1 eller fler, eller välj Pausa platsen."},
    )
    field = forms.ChoiceField(label="Yrkesområde", choices=[("", "Välj"), ("a", "Handel"), ("b", "Vård och omsorg")])
    start = forms.DateField(label="Första dag", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    opens = forms.TimeField(label="Börjar", widget=forms.TimeInput(attrs={"type": "time"}), required=False)
    tasks = forms.CharField(
        label="Vad gör eleven?",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text="Två eller tre vanliga uppgifter räcker.",
    )
    kinds = forms.MultipleChoiceField(
        label="Praktikform",
        choices=[("prao", "Prao"), ("apl", "Apl"), ("visit", "Studiebesök")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    visit = forms.ChoiceField(
        label="Får skolan hälsa på?", choices=[("yes", "Ja"), ("call", "Ja, ring först")], widget=forms.RadioSelect
    )
    file = forms.FileField(label="Klasslista", help_text="Kalkylblad (xlsx) eller csv.", required=False)
    answer = forms.ChoiceField(
        label="Kan ni ta emot elever?",
        choices=[("yes", "Ja"), ("maybe", "Kanske"), ("no", "Nej")],
        widget=forms.RadioSelect,
    )
    agree = forms.BooleanField(label="Vi har läst igenom arbetsmiljöansvaret")


def _pressure_row() -> MatrixRow:
    cells = []
    for week, free, seats in zip(range(2, 24), FREE, SEATS, strict=True):
        if week in HOLIDAYS:
            cells.append(MatrixCell("lov", f"v. {week}, lov", Level.CLOSED))
            continue
        words = f"{-free} platser fattas" if free < 0 else f"{free} lediga platser"
        text = f"−{-free}" if free < 0 else str(free)
        cells.append(
            MatrixCell(text, f"v. {week}, {words}", ui.pressure(seats - free, seats), collision=week in {15, 16})
        )
    return MatrixRow("Lediga platser", cells, "i regionen")


def _booking_row() -> MatrixRow:
    cells = [
        MatrixCell("22", f"v. {week}, 22 elever, ej sparat", unsaved=True)
        if week in {15, 16}
        else MatrixCell(level=Level.BLANK)
        for week in range(2, 24)
    ]
    return MatrixRow("8D", cells, "din bokning", gap_after=True)


def _school_row(name: str, town: str, booked: dict[int, int], *, own: bool) -> MatrixRow:
    level = Level.OWN if own else Level.BOOKED
    return MatrixRow(
        name,
        [
            MatrixCell(str(booked[week]), f"v. {week}, {booked[week]} elever", level, url="#matrix" if own else "")
            if week in booked
            else MatrixCell(level=Level.CLOSED if week in HOLIDAYS else Level.EMPTY)
            for week in range(2, 24)
        ],
        town,
    )


def sample_matrix() -> ui.Matrix:
    months = [("januari", 3), ("februari", 4), ("mars", 5), ("april", 4), ("maj", 5), ("juni", 1)]
    schools = [_school_row(*school, own=index == 0) for index, school in enumerate(SCHOOLS)]
    return ui.Matrix(
        "Lediga platser och bokade veckor, vårterminen 2027",
        [ui.MonthSpan(label, weeks) for label, weeks in months],
        [ui.WeekHead(week, current=week == 9) for week in range(2, 24)],
        [_pressure_row(), _booking_row(), *schools],
    )


def sample_season() -> list[ui.SeasonWeek]:
    numbers = [*range(34, 54), *range(1, 25)]
    missing = {11: 18, 19: 45, 20: 66}
    return [
        ui.SeasonWeek(
            str(week), seats or 0, missing.get(week, 0), past=index < 28, holiday=seats is None, current=index == 28
        )
        for index, (week, seats) in enumerate(zip(numbers, SEASON, strict=True))
    ]


def sample_groups() -> list[ui.TaskGroup]:
    tag = ui.tag_for
    return [
        ui.TaskGroup(
            "Nu",
            "före klockan 16 idag",
            [
                ui.Task(
                    "Idag",
                    "Elias i 9A har inte kommit till Hulta Bageri",
                    "Ring och notera",
                    "#",
                    "sedan 08.10",
                    "Handledaren ringde 08.10. Vårdnadshavaren ska få besked idag.",
                    tag("no_show"),
                ),
                ui.Task(
                    "Idag",
                    "Solhems äldreboende drog tillbaka 2 platser",
                    "Välj ny plats",
                    "#",
                    "senast 16.00",
                    "Gäller Amina och Viktor i 8B, v. 15–16. Tre lediga platser passar båda.",
                    tag("withdrawn", "Återbud"),
                ),
            ],
            urgent=True,
        ),
        ui.TaskGroup(
            "Den här veckan",
            "senast fredag 5 mars",
            [
                ui.Task(
                    "Fre 5 mars",
                    "5 egna platser väntar på ditt godkännande",
                    "Granska platser",
                    "#",
                    "om 1 dag",
                    "Två saknar riskbedömning. Arbetsplatsen har redan fått frågan.",
                    tag("awaiting_you"),
                ),
            ],
        ),
        ui.TaskGroup(
            "Kan vänta",
            "till v. 10 eller senare",
            [
                ui.Task(
                    "Fre 12 mars",
                    "8B väljer: 17 av 24 har rangordnat",
                    "Påminn sju elever",
                    "#",
                    "om 8 dagar",
                    "Sju elever har inte börjat. Valet stänger fredag v. 10 kl. 16.00.",
                    tag("open_for_choice"),
                    post=True,
                ),
            ],
        ),
    ]


def sample_ranking() -> list[ui.RankItem]:
    return [
        ui.RankItem("a", "Djurkliniken Ätran", "Djurvård, Ulricehamn", "14 söker, 2 platser · 42 min"),
        ui.RankItem("b", "Hulta Bageri", "Livsmedel, Borås", "5 söker, 2 platser · 12 min"),
        ui.RankItem("c", "Kinna Plåt & Ventilation", "Bygg, Kinna", "1 söker, 3 platser · 34 min"),
    ]


def _weeks() -> list[ui.WeekInput]:
    return [
        ui.WeekInput("week_39", "v. 39–40", 2, "27 sep–8 okt"),
        ui.WeekInput("week_42", "v. 42–43", 0, "18–29 okt", error="Skriv ett tal mellan 0 och 4."),
        ui.WeekInput("week_44", "v. 44", note="1–5 nov", locked="lov"),
        ui.WeekInput("week_47", "v. 47", 1, "22–26 nov", booked=1),
    ]


def _lists(request: HttpRequest) -> dict[str, Any]:
    bar = ui.FilterBar(
        "Sök arbetsplats",
        chips=[ui.Chip("Kommun: Mark", "?"), ui.Chip("Väntar på svar", "?")],
        clear_url="?",
        count="3 av 1 284",
        xlsx_url="#",
        csv_url="#",
    )
    specs: list[tuple[str, ui.Text] | tuple[str, ui.Text, str]] = [
        ("asked", "Frågad"),
        ("name", "Arbetsplats"),
        ("town", "Ort"),
        ("seats", "Platser", "num"),
        ("", "Läge"),
    ]
    rows = [
        ("23 feb", "Kinna Plåt & Ventilation", "Kinna", 3, "awaiting_reply"),
        ("22 feb", "Häggåns Vårdcentral", "Fritsla", 2, "reminded"),
        ("18 feb", "Viskadalens Åkeri", "Skene", 1, "expired"),
    ]
    return {
        "bar": bar,
        "columns": ui.columns(request, specs),
        "rows": rows,
        "page": Paginator(range(400), 20).get_page(request.GET.get("page", 3)),
    }


def _seat_rows() -> list[ui.SeatRow]:
    block = ui.SeatBlock
    return [
        ui.SeatRow("Plats 1", [block("prao", 2, "8B, prao"), block(), block("apl", 4, "apl, BA2")]),
        ui.SeatRow("Plats 2", [block("reserved", 2, "reserverad"), block(weeks=3), block("prao", 2, "8A")]),
        ui.SeatRow("Plats 3", [block(), block("withdrawn", 2, "återbud"), block(weeks=4)]),
    ]


def _results() -> dict[str, Any]:
    stages = [("Låser underlaget", "done"), ("Räknar", "current"), ("Kontrollerar", "coming"), ("Sparar", "coming")]
    return {
        "figures": [
            ui.Figure("412 av 431", "har fått plats", "95,6 procent"),
            ui.Figure("231", "förstahandsval", "54 procent"),
            ui.Figure("371", "något av val 1–3", "86 procent"),
            ui.Figure("41", "val 4–10", "längst ner: val 7"),
            ui.Figure("19", "utan plats", "av 431 elever"),
        ],
        "parts": [
            ui.BarPart("Val 1", 231, "rank1"),
            ui.BarPart("Val 2", 92, "rank2"),
            ui.BarPart("Val 3", 48, "rank3"),
            ui.BarPart("4–10", 41, "rank4"),
            ui.BarPart("Utan plats", 19, "missing"),
        ],
        "run": ui.RunProgress(
            "Fördelningen körs",
            "Räknar på 431 elever och 1 284 platser.",
            [ui.RunStage(*stage) for stage in stages],
            percent=40,
        ),
    }


def context(request: HttpRequest) -> dict[str, Any]:
    """All the samples by name."""
    return {
        "tags": ui.STATUS.values(),
        "groups": sample_groups(),
        "done": ["Du godkände tre egna platser i 8B."],
        "phases": [
            ui.Phase("Fråga", "past"),
            ui.Phase("Val", "past"),
            ui.Phase("Fördela", "current"),
            ui.Phase("Bekräfta"),
            ui.Phase("Start"),
        ],
        "good_form": SampleForm(),
        "bad_form": SampleForm({"bad-seats": "0", "bad-answer": "yes"}, prefix="bad"),
        "weeks": _weeks(),
        "matrix": sample_matrix(),
        "season": sample_season(),
        "seat_rows": _seat_rows(),
        "seat_weeks": range(14, 21),
        "ranking": sample_ranking(),
        **_results(),
        **_lists(request),
    }
