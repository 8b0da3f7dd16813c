"""Charts as Altair specifications, drawn to SVG on the server, once for light and once for dark.

The picture is hidden from screen readers: every chart has a label and stands beside its table.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import altair as alt
import vl_convert
from django.core.cache import cache
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.weeks import NBSP

SVG: Final = "http://www.w3.org/2000/svg"
DAY: Final = 24 * 60 * 60
# Pictures are kept by what they show, since a specification takes longer to write than all else on a page: one drawn
# by other code must not be found.
DRAWN_BY: Final = (hashlib.sha256(Path(__file__).read_bytes()).hexdigest(), alt.__version__)
FONT: Final = "Inter Variable, Inter, sans-serif"
MINUS: Final = "\u2212"
BAR: Final = 0.72  # of the step
HEIGHT: Final = 212
WIDE, NARROW, SEASON = 860, 290, 728


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one rendering. `steps` are those of rank, each with the colour of its number."""

    ink: str
    label: str
    grid: str
    closed: str
    supply: str
    demand: str
    missing: str
    missing_text: str
    steps: tuple[tuple[str, str], ...]
    series: tuple[tuple[str, str], ...]


LIGHT: Final = Palette(
    ink="#20343B",
    label="#4C5F66",
    grid="#CBD5D7",
    closed="#E8EDEE",
    supply="#E8B04B",
    demand="#083F4F",
    missing="#C23B1E",
    missing_text="#9E2D14",
    steps=(("#0B5468", "#FFFFFF"), ("#2F7285", "#FFFFFF"), ("#A9CDD6", "#083F4F"), ("#DDECEF", "#083F4F")),
    series=(("#0B5468", "#FFFFFF"), ("#E8B04B", "#20343B"), ("#8FAAB1", "#20343B")),
)
DARK: Final = Palette(
    ink="#E8EEEF",
    label="#A9B8BC",
    grid="#33464D",
    closed="#1C2D34",
    supply="#DDA544",
    demand="#E8EEEF",
    missing="#F08A70",
    missing_text="#F08A70",
    steps=(("#17687F", "#FFFFFF"), ("#3A8096", "#FFFFFF"), ("#A9CDD6", "#083F4F"), ("#DDECEF", "#083F4F")),
    series=(("#8CC3D1", "#0A1316"), ("#DDA544", "#0A1316"), ("#8CA3A9", "#0A1316")),
)


@dataclass(frozen=True, slots=True)
class Key:
    """A series and its mark in the stylesheet."""

    label: str
    mark: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart: what it is, its two renderings, and what its colours mean."""

    label: str
    light: SafeString
    dark: SafeString
    keys: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class WeekBar:
    """One week of the chart of supply against demand. `demand` None: not known at this grain."""

    label: str
    seats: int
    demand: int | None
    closed: bool = False
    current: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a stacked bar."""

    series: str
    value: int
    numbered: bool = True


@dataclass(frozen=True, slots=True)
class Stack:
    """One horizontal bar, its parts in order."""

    name: str
    parts: Sequence[Part]


def supply_chart(bars: Sequence[WeekBar], label: str) -> Chart:
    """Draw seats as bars, demand as a line across, and what is missing as a dashed gap between them."""
    return _drawn(label, ("supply", bars), lambda palette: _supply_spec(bars, palette))


def rank_chart(stacks: Sequence[Stack], label: str, *, last_is_missing: bool) -> Chart:
    """Draw how the wishes came out, one bar of a hundred per cent for each name."""

    def spec(palette: Palette) -> Any:
        return _stacked_spec(stacks, palette, palette.steps, width=WIDE, dashed_last=last_is_missing)

    names = _series(stacks)
    marks = [f"rank{number}" for number in range(1, len(names) + 1)]
    if last_is_missing:
        marks[-1] = "missing"
    return _drawn(label, ("rank", stacks, last_is_missing), spec, names, marks)


def group_chart(stacks: Sequence[Stack], label: str) -> Chart:
    """Draw the shares of a few groups, one bar of a hundred per cent for each name."""

    def spec(palette: Palette) -> Any:
        return _stacked_spec(stacks, palette, palette.series, width=NARROW)

    names = _series(stacks)
    return _drawn(label, ("group", stacks), spec, names, [f"series{number}" for number in range(1, len(names) + 1)])


def share_chart(shares: Sequence[tuple[str, float]], label: str) -> Chart:
    """Draw one share for each name, 1.0 being all."""
    return _drawn(label, ("share", shares), lambda palette: _share_spec(shares, palette))


def _series(stacks: Sequence[Stack]) -> list[str]:
    return list(dict.fromkeys(part.series for stack in stacks for part in stack.parts))


# -- specifications


def _chart_of(rows: Sequence[dict[str, Any]]) -> Any:
    return alt.Chart({"values": list(rows)})


def _supply_spec(bars: Sequence[WeekBar], palette: Palette) -> Any:
    step = max(30.0, min(SEASON / max(len(bars), 1), 56.0))
    rows = [
        {
            "week": bar.label,
            "seats": bar.seats,
            "demand": bar.demand,
            "gap": max((bar.demand or 0) - bar.seats, 0),
            "closed": bar.closed,
            "text": f"{MINUS}{(bar.demand or 0) - bar.seats}",
        }
        for bar in bars
    ]
    order = [bar.label for bar in bars]
    now = next((bar.label for bar in bars if bar.current), "")
    base = _chart_of(rows).encode(x=_week_axis(palette, order, now))
    is_open, lacking = alt.datum.closed == False, alt.datum.gap > 0  # noqa: E712 -- an expression of the chart's
    height = _number_axis(palette)
    layers = [
        base.transform_filter(alt.datum.closed)
        .mark_rect(color=palette.closed)
        .encode(y=alt.value(0), y2=alt.value(HEIGHT)),
        base.transform_filter(alt.datum.closed)
        .mark_text(color=palette.label, fontSize=13)
        .encode(y=alt.value(HEIGHT - 14), text=alt.value(_("lov"))),
        base.transform_filter(is_open)
        .mark_bar(color=palette.supply, cornerRadiusTopLeft=2, cornerRadiusTopRight=2)
        .encode(y=height),
    ]
    if any(bar.demand is not None for bar in bars):
        tall = [row for row in rows if row["gap"] and not row["closed"]]
        gaps = _chart_of(tall).encode(x=_week_axis(palette, order, now))
        layers += [
            base.transform_filter(is_open & lacking)
            .mark_bar(filled=False, stroke=palette.missing, strokeDash=[4, 3], strokeWidth=1.8)
            .encode(y="seats:Q", y2="demand:Q"),
            base.transform_filter(is_open & (alt.datum.demand > 0))
            .mark_tick(color=palette.demand, thickness=3.5, size=step * 0.9, opacity=1)
            .encode(y="demand:Q"),
            gaps.mark_text(color=palette.missing_text, fontSize=14, fontWeight=700, dy=-11).encode(
                y="demand:Q", text="text:N"
            ),
        ]
    return _dressed(alt.layer(*layers).properties(width=alt.Step(step), height=HEIGHT), palette)


def _week_axis(palette: Palette, order: Sequence[str], now: str) -> alt.X:
    weight: Any = {"expr": f"datum.value === {json.dumps(now)} ? 'bold' : 'normal'"}
    axis = alt.Axis(labelAngle=0, labelFontWeight=weight, labelColor=palette.ink, labelPadding=8, labelOverlap=False)
    scale = alt.Scale(paddingInner=1 - BAR, paddingOuter=(1 - BAR) / 2)
    return alt.X("week:N", sort=list(order), title=None, axis=axis, scale=scale)


def _number_axis(palette: Palette) -> alt.Y:
    axis = alt.Axis(grid=True, tickCount=4, labelPadding=8, minExtent=44, labelExpr=_thousands("datum.value"))
    return alt.Y("seats:Q", title=None, axis=axis, scale=alt.Scale(zero=True, nice=True), stack=None)


def _thousands(expression: str) -> str:
    return f"replace(format({expression}, ','), ',', '{NBSP}')"


def _stacked_spec(
    stacks: Sequence[Stack],
    palette: Palette,
    colours: Sequence[tuple[str, str]],
    *,
    width: int,
    dashed_last: bool = False,
) -> Any:
    names = _series(stacks)
    rows = [row for stack in stacks for row in _stacked_rows(stack)]
    last = names[-1] if dashed_last and names else None
    solid = [name for name in names if name != last]
    bars = _chart_of([row for row in rows if row["series"] != last])
    y = alt.Y("name:N", sort=None, title=None, axis=_name_axis(palette, rows), scale=alt.Scale(paddingInner=1 - BAR))
    x = alt.X("from:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 1]))
    middle = alt.X("middle:Q", title=None, axis=None)
    fill = alt.Color("series:N", scale=alt.Scale(domain=solid, range=[c for c, _t in colours]), legend=None)
    layers = [bars.mark_bar(stroke=None).encode(x=x, x2="to:Q", y=y, color=fill)]
    for name, (_colour, text) in zip(solid, colours, strict=False):
        mine = _chart_of([row for row in rows if row["series"] == name and row["roomy"]])
        layers.append(mine.mark_text(color=text, fontSize=13, fontWeight=600).encode(x=middle, y=y, text="text:N"))
    missing = [row for row in rows if row["series"] == last and row["value"]]
    if missing:
        gap = _chart_of(missing)
        outline: dict[str, Any] = {"filled": False, "stroke": palette.missing, "strokeDash": [4, 3], "strokeWidth": 1.8}
        layers.append(gap.mark_bar(**outline).encode(x=x, x2="to:Q", y=y))
        layers.append(
            _chart_of([row for row in missing if row["roomy"]])
            .mark_text(color=palette.missing_text, fontSize=13, fontWeight=700)
            .encode(x=middle, y=y, text="text:N")
        )
    return _dressed(alt.layer(*layers).properties(width=width, height=alt.Step(32)), palette)


def _stacked_rows(stack: Stack) -> list[dict[str, Any]]:
    whole = sum(part.value for part in stack.parts) or 1
    rows, start = [], 0.0
    for part in stack.parts:
        share = part.value / whole
        rows.append(
            {
                "name": stack.name,
                "series": part.series,
                "value": part.value,
                "from": start,
                "to": start + share,
                "middle": start + share / 2,
                "roomy": part.numbered and share > 0.05,
                "text": str(part.value),
            }
        )
        start += share
    return rows


def _share_spec(shares: Sequence[tuple[str, float]], palette: Palette) -> Any:
    rows = [{"name": name, "share": share, "text": f"{share * 100:.0f}{NBSP}%"} for name, share in shares]
    base = _chart_of(rows).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=_name_axis(palette, rows), scale=alt.Scale(paddingInner=1 - BAR)),
        x=alt.X("share:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 1.1])),
    )
    bars = base.mark_bar(color=palette.supply, cornerRadiusTopRight=2, cornerRadiusBottomRight=2)
    words = base.mark_text(color=palette.ink, align="left", dx=6, fontSize=13, fontWeight=600).encode(text="text:N")
    return _dressed(alt.layer(bars, words).properties(width=NARROW, height=alt.Step(32)), palette)


def _name_axis(palette: Palette, rows: Sequence[dict[str, Any]]) -> alt.Axis:
    # The drawer measures with a narrower font than the page shows.
    room = min(8 * max((len(row["name"]) for row in rows), default=0) + 12, 280)
    return alt.Axis(labelColor=palette.ink, labelLimit=270, labelPadding=10, minExtent=room, domain=False, grid=False)


def _dressed(chart: Any, palette: Palette) -> Any:
    return (
        chart.configure(background="#00000000", font=FONT, padding=2)
        .configure_view(strokeWidth=0)
        .configure_axis(
            labelColor=palette.label,
            labelFontSize=14,
            gridColor=palette.grid,
            domainColor=palette.grid,
            ticks=False,
            domain=True,
        )
        .configure_axisX(grid=False)
        .configure_axisY(domain=False)
    )


# -- drawing


def _drawn(
    label: str,
    shows: tuple[object, ...],
    spec: Callable[[Palette], Any],
    names: Sequence[str] = (),
    marks: Sequence[str] = (),
) -> Chart:
    key = f"chart:{hashlib.sha256(repr((DRAWN_BY, get_language(), shows)).encode()).hexdigest()}"
    pictures = cache.get(key)
    if pictures is None:
        texts = [spec(palette).to_json(indent=None) for palette in (LIGHT, DARK)]
        pictures = [_svg(text, f"c{key[6:14]}{number}") for number, text in enumerate(texts)]
        cache.set(key, pictures, DAY)
    light, dark = pictures
    keys = tuple(Key(name, mark) for name, mark in zip(names, marks, strict=True))
    return Chart(label, mark_safe(light), mark_safe(dark), keys)  # noqa: S308 -- drawn by us, names escaped


def _svg(spec: str, prefix: str) -> str:
    """Draw a specification; keep what may stand in our pages: no styles, no roles, ids that are the picture's own."""
    ET.register_namespace("", SVG)
    root = ET.fromstring(vl_convert.vegalite_to_svg(spec))  # noqa: S314 -- written by vl-convert
    for node in root.iter():
        for name in [name for name in node.attrib if name in ("role", "class", "style") or name.startswith("aria-")]:
            del node.attrib[name]
        if "id" in node.attrib:
            node.set("id", prefix + node.attrib["id"])
        if "clip-path" in node.attrib:
            node.set("clip-path", node.attrib["clip-path"].replace("url(#", f"url(#{prefix}"))
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    return ET.tostring(root, encoding="unicode")
