"""The components of the interface as template tags: {% load ui %}."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from django import template
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.core.paginator import Page
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, Field, RadioSelect, Select
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import ui
from core import weeks as calendar

register = template.Library()

SVG = "{http://www.w3.org/2000/svg}"
CALLOUT_ICONS = {"stop": "octagon-alert", "wait": "clock", "go": "check", "info": "info"}


# Icons and words ---------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _icon_paths(name: str) -> SafeString:
    path = Path(settings.BRYGGAN_ICON_DIR) / f"{name}.svg"
    if not path.is_file():
        raise template.TemplateSyntaxError(f"No icon called {name}")
    root = ET.parse(path).getroot()  # noqa: S314 - our own pinned package
    for node in root.iter():
        node.tag = node.tag.removeprefix(SVG)
    return mark_safe("".join(ET.tostring(node, encoding="unicode").strip() for node in root))  # noqa: S308


@register.simple_tag
def icon(name: str, size: int = 18) -> SafeString:
    """A Lucide icon, drawn inline and hidden from screen readers: {% icon "check" %}, {% icon "phone" 22 %}."""
    return format_html(
        '<svg class="icon" width="{0}" height="{0}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{1}</svg>',
        size,
        _icon_paths(name),
    )


@register.inclusion_tag("components/tag.html")
def tag(tone: str, icon_name: str, word: ui.Text) -> dict[str, Any]:
    """A status tag from its parts: {% tag "go" "check" "74 lediga" %}."""
    return {"tag": ui.StatusTag(ui.Tone(tone), icon_name, word)}


@register.inclusion_tag("components/tag.html")
def status(status_tag: ui.StatusTag | str, word: ui.Text = "") -> dict[str, Any]:
    """A status tag from a StatusTag or a key of core.ui.STATUS: {% status slot.status_tag %}, {% status "draft" %}."""
    return {"tag": ui.tag_for(status_tag, word) if isinstance(status_tag, str) else status_tag}


@register.filter
def weeks(mondays: date | Iterable[date]) -> str:
    """Week label of one Monday or several: {{ mondays|weeks }} gives v. 15–16."""
    return calendar.week_label(mondays) if isinstance(mondays, date) else calendar.range_label(list(mondays))


@register.filter
def weekdays(mondays: Iterable[date]) -> str:
    """The working days of several weeks: {{ mondays|weekdays }} gives 12–23 april."""
    return calendar.range_days(mondays)


@register.simple_tag
def thousands(number: int) -> str:
    """A whole number with no-break spaces and a true minus: {% thousands 1284 %}."""
    return f"{number:,}".replace(",", "\u00a0").replace("-", "\u2212")


# Planks ------------------------------------------------------------------------------------------


def plank_sentence(done: int, planned: int, missing: int) -> str:
    """The progress in words: "5 av 10 dagar klara, 2 planerade, 3 saknas"."""
    total = done + planned + missing
    parts = [ngettext("%(done)d av %(total)d dag klar", "%(done)d av %(total)d dagar klara", total) % locals()]
    if planned:
        parts.append(ngettext("%(planned)d planerad", "%(planned)d planerade", planned) % locals())
    if missing:
        parts.append(_("%(missing)d saknas") % locals())
    return ", ".join(parts)


@register.inclusion_tag("components/planks.html")
def planks(done: int, planned: int = 0, missing: int = 0, sentence: ui.Text | None = None) -> dict[str, Any]:
    """Days as planks with their sentence: {% planks 5 2 3 %}; sentence="" leaves the words to the page."""
    states = ["laid"] * done + ["planned"] * planned + ["missing"] * missing
    words = plank_sentence(done, planned, missing)
    marks = [(index * 17 + 0.5, state) for index, state in enumerate(states)]
    return {"marks": marks, "width": max(len(states) * 17 - 2, 1), "label": words,
            "sentence": words if sentence is None else sentence}  # fmt: skip


@register.inclusion_tag("components/phases.html")
def phases(items: Sequence[ui.Phase], label: ui.Text = "") -> dict[str, Any]:
    """The phases of a round as planks: {% phases round.phases %}."""
    return {"phases": items, "label": label or _("Faser")}


@dataclass(frozen=True, slots=True)
class _SeasonBar:
    week: ui.SeasonWeek
    x: float
    width: float
    middle: float
    top: float
    height: float
    missing_top: float
    missing_height: float


@register.inclusion_tag("components/season.html")
def season(items: Sequence[ui.SeasonWeek], label: ui.Text) -> dict[str, Any]:
    """The season chart of the public start, one plank per week: {% season weeks "Platser per vecka" %}."""
    width, base, tallest = 1216.0, 170.0, 136.0
    step = width / max(len(items), 1)
    peak = max((week.seats + week.missing for week in items), default=0) or 1
    bars = []
    for index, week in enumerate(items):
        height = max(week.seats / peak * tallest, 6.0) if not week.holiday else 0.0
        gone = max(week.missing / peak * tallest, 6.0) if week.missing else 0.0
        x = index * step + step * 0.09
        bars.append(_SeasonBar(week, round(x, 1), round(step * 0.82, 1), round(index * step + step / 2, 1),
                               round(base - 4 - height, 1), round(height, 1),
                               round(base - 4 - height - gone + 1, 1), round(gone - 2, 1)))  # fmt: skip
    now = next((bar.x - step * 0.09 for bar in bars if bar.week.current), 0.0)
    return {"bars": bars, "label": label, "now": round(now, 1), "rest": round(width - now, 1), "step": round(step, 1)}


# Start pages -------------------------------------------------------------------------------------


@register.inclusion_tag("components/task_groups.html", takes_context=True)
def task_groups(context: Context, groups: Sequence[ui.TaskGroup]) -> dict[str, Any]:
    """What needs you, in groups Nu / Den här veckan / Kan vänta: {% task_groups groups %}."""
    return {"groups": groups, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("components/done.html")
def done_list(summary: ui.Text, items: Sequence[ui.Text]) -> dict[str, Any]:
    """Done things, folded: {% done_list "nio saker, den senaste klockan 09.20" items %}."""
    return {"summary": summary, "items": items}


# Forms -------------------------------------------------------------------------------------------


def error_texts(bound: BoundField) -> list[str]:
    """The errors of a field; the framework's own "this field is required" becomes a sentence that says what to do."""
    default = Field.default_error_messages["required"]
    widget = bound.field.widget
    if isinstance(widget, CheckboxInput):
        words = _("Kryssa i ”%(label)s”.")
    elif isinstance(widget, (Select, RadioSelect, CheckboxSelectMultiple)):
        words = _("Välj något under ”%(label)s”.")
    else:
        words = _("Fyll i ”%(label)s”.")
    return [
        words % {"label": bound.label}
        if error.code == "required" and error.message == default
        else " ".join(error.messages)
        for error in bound.errors.as_data()
    ]


def _kind(bound: BoundField) -> str:
    widget = bound.field.widget
    if bound.is_hidden:
        return "hidden"
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple)):
        return "group"
    return "checkbox" if isinstance(widget, CheckboxInput) else "control"


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, hint: ui.Text = "", width: str = "", suffix: ui.Text = "") -> dict[str, Any]:
    """Label, hint, control and error of one form field: {% field form.seats width="short" suffix="elever" %}.

    Width is "", "short" (a number), "medium" or "full".
    """
    kind, help_text = _kind(bound), hint or bound.help_text
    described = [f"{bound.id_for_label or bound.auto_id}_{part}" for part, on in
                 (("hint", help_text), ("error", bound.errors)) if on]  # fmt: skip
    attrs: dict[str, Any] = {"class": "ds-input"}
    if "placeholder" in bound.field.widget.attrs:  # a grey word in the field is not a label
        attrs["placeholder"] = ""
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    options = list(bound) if kind == "group" else []
    return {
        "bound": bound, "kind": kind, "hint": help_text, "width": width, "suffix": suffix, "options": options,
        "described": attrs.get("aria-describedby", ""), "id": bound.id_for_label or bound.auto_id,
        "control": "" if kind == "group" else bound.as_widget(attrs=attrs),
        "errors": error_texts(bound),
        "optional": not bound.field.required and kind in {"control", "group"},
    }  # fmt: skip


@register.inclusion_tag("components/fields.html")
def fields(form: BaseForm) -> dict[str, Any]:
    """Every field of a form, in order, hidden ones too: {% fields form %}."""
    return {"form": form}


@register.inclusion_tag("components/form_summary.html")
def form_summary(*forms: BaseForm) -> dict[str, Any]:
    """The errors of one or several forms as links, to stand on top: {% form_summary form %}."""
    general = [error for form in forms for error in form.non_field_errors()]
    linked = [
        (bound.id_for_label or bound.auto_id, error) for form in forms for bound in form for error in error_texts(bound)
    ]
    count = len(general) + len(linked)
    return {"general": general, "linked": linked, "count": count,
            "heading": ngettext("En sak att rätta", "%(count)d saker att rätta", count) % {"count": count}}  # fmt: skip


@register.inclusion_tag("components/segmented.html")
def segmented(bound: BoundField, icons: str = "") -> dict[str, Any]:
    """A choice between two to four answers side by side: {% segmented form.answer "check clock x" %}."""
    names = icons.split()
    options = [(option, names[index] if index < len(names) else "") for index, option in enumerate(bound)]
    return {"bound": bound, "options": options, "errors": error_texts(bound)}


@register.inclusion_tag("components/stepper.html")
def stepper(
    name: str, value: int | str = 0, label: ui.Text = "", maximum: int = 99, *, disabled: bool = False
) -> dict[str, Any]:
    """A number with − and + of 44 px: {% stepper "week_39" 2 "v. 39–40, antal elever" %}."""
    return {"name": name, "value": value, "label": label, "maximum": maximum, "disabled": disabled}


@register.inclusion_tag("components/week_steppers.html")
def week_steppers(items: Sequence[ui.WeekInput], legend: ui.Text) -> dict[str, Any]:
    """Weeks with steppers, one row each, for answer pages: {% week_steppers weeks "Hur många samtidigt?" %}."""
    return {"weeks": items, "legend": legend}


@register.inclusion_tag("components/week_grid.html")
def week_grid(items: Sequence[ui.WeekInput], legend: ui.Text) -> dict[str, Any]:
    """Weeks as a grid of typed numbers, for the employer's places: {% week_grid weeks "Platser per vecka" %}."""
    return {"weeks": items, "legend": legend}


@register.inclusion_tag("components/search.html")
def search_box(label: ui.Text, value: str = "", name: str = "q", action: str = "") -> dict[str, Any]:
    """A search form of its own: {% search_box "Sök arbetsplats" request.GET.q %}."""
    return {"label": label, "value": value, "name": name, "action": action}


# Weeks -------------------------------------------------------------------------------------------


@register.inclusion_tag("components/matrix.html")
def matrix(data: ui.Matrix, *, legend: bool = True) -> dict[str, Any]:
    """The week matrix in its own scrolling region: {% matrix matrix %}."""
    cells = [cell for row in data.rows for cell in row.cells]
    return {
        "matrix": data, "legend": legend, "own": any(cell.level == ui.Level.OWN for cell in cells),
        "unsaved": any(cell.unsaved for cell in cells),
    }  # fmt: skip


@register.inclusion_tag("components/seat_grid.html")
def seat_grid(rows: Sequence[ui.SeatRow], weeks: Sequence[int], caption: ui.Text) -> dict[str, Any]:
    """One row per simultaneous seat, weeks across: {% seat_grid rows weeks "Platser v. 14–20" %}."""
    return {"rows": rows, "weeks": weeks, "caption": caption}


# Results -----------------------------------------------------------------------------------------


@register.inclusion_tag("components/figures.html")
def figures(items: Sequence[ui.Figure]) -> dict[str, Any]:
    """Large figures in a row: {% figures figures %}."""
    return {"figures": items}


@register.inclusion_tag("components/result_bar.html")
def result_bar(parts: Sequence[ui.BarPart], label: ui.Text) -> dict[str, Any]:
    """The share of each wish in one bar: {% result_bar parts "Fördelning per val" %}."""
    shown = [part for part in parts if part.value]
    total = sum(part.value for part in shown) or 1
    left, bars = 0.0, []
    for part in shown:
        share = part.value / total * 100
        room = len(str(part.label)) + len(str(part.value)) + 2  # characters; one is 0.8 % of the bar at its widest
        bars.append((part, f"{left:.3f}%", f"{share:.3f}%", share > max(6, room * 0.8)))
        left += share
    return {
        "bars": bars,
        "label": label,
        "keyed": not all(roomy for part, _left, _share, roomy in bars if part.kind != "missing"),
    }


@register.inclusion_tag("components/meter.html")
def supply_meter(supply: int, demand: int, peak: int) -> dict[str, Any]:
    """Supply as a bar, demand as a tick, what is missing dashed: {% supply_meter 142 151 200 %}."""

    def share(number: int) -> float:
        return round(number / max(peak, 1) * 100, 1)

    return {"supply": supply, "demand": demand, "bar": share(supply), "tick": share(demand),
            "missing": share(max(demand - supply, 0))}  # fmt: skip


@register.inclusion_tag("components/ranking.html", takes_context=True)
def ranking(context: Context, items: Sequence[ui.RankItem], action: str, *, removable: bool = False) -> dict[str, Any]:
    """Wishes in order with ↑ ↓: {% ranking items action=url removable=True %}.

    The form posts `up`, `down` or `drop` with the item's id; answer with the page or its #ranking part.
    """
    return {"items": items, "action": action, "removable": removable, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("components/run_progress.html")
def run_progress(run: ui.RunProgress) -> dict[str, Any]:
    """A background run, polled until it is finished: {% run_progress run %}. Its view renders the same tag."""
    return {"run": run}


# Lists -------------------------------------------------------------------------------------------


@register.inclusion_tag("components/filter_bar.html")
def filter_bar(bar: ui.FilterBar, form: BaseForm | None = None) -> dict[str, Any]:
    """Search, filters, chips, count and export over a table: {% filter_bar bar form=filter_form %}."""
    return {"bar": bar, "form": form}


@register.inclusion_tag("components/column_heads.html")
def column_heads(items: Sequence[ui.Column]) -> dict[str, Any]:
    """The head row of a data table: <thead>{% column_heads columns %}</thead>."""
    return {"columns": items}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: Context, page: Page[Any], name: str = "page") -> dict[str, Any]:
    """Links between the pages of a list, filters kept: {% pagination page %}."""
    query = context["request"].GET.copy()

    def url(number: int) -> str:
        query[name] = str(number)
        return f"?{query.urlencode()}"

    numbers = [(number, url(number)) if isinstance(number, int) else (number, "")
               for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)]  # fmt: skip
    return {
        "page": page, "numbers": numbers,
        "previous": url(page.previous_page_number()) if page.has_previous() else "",
        "next": url(page.next_page_number()) if page.has_next() else "",
    }  # fmt: skip


# Messages ----------------------------------------------------------------------------------------


@register.simple_block_tag
def callout(content: str, tone: str, heading: ui.Text = "", icon_name: str = "") -> SafeString:
    """A tinted note: {% callout "stop" "Sju saknar plats." %}…{% endcallout %}; tones stop, wait, go, info."""
    context = {"tone": tone, "heading": heading, "icon": icon_name or CALLOUT_ICONS[tone], "content": content}
    return render_to_string("components/callout.html", context)


@register.simple_block_tag
def empty(content: str, heading: ui.Text) -> SafeString:
    """What is missing, why and the one act: {% empty "Inga platser ännu" %}<p>…</p>{% endempty %}."""
    return render_to_string("components/empty.html", {"heading": heading, "content": content})


@register.simple_block_tag(takes_context=True)
def confirm(
    context: Context, content: str, question: ui.Text, verb: ui.Text, cancel_url: str, *, danger: bool = False
) -> SafeString:
    """A question with its verb as a POST form: {% confirm "Publicera 412?" "Publicera" back %}…{% endconfirm %}."""
    data = {"question": question, "verb": verb, "cancel_url": cancel_url, "danger": danger, "content": content,
            "csrf_token": context.get("csrf_token")}  # fmt: skip
    return render_to_string("components/confirm.html", data)


@register.inclusion_tag("components/toasts.html", takes_context=True)
def toasts(context: Context, items: Iterable[Message]) -> dict[str, Any]:
    """Receipts from the messages of the request, with Ångra where core.ui.receipt gave one: {% toasts messages %}."""
    shown = [(str(item), item.level_tag, _undo_url(item)) for item in items]
    return {"toasts": shown, "csrf_token": context.get("csrf_token")}


def _undo_url(message: Message) -> str:
    return (message.extra_tags or "").removeprefix(ui.UNDO) if (message.extra_tags or "").startswith(ui.UNDO) else ""
