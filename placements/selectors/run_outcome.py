"""What a finished run came to: figures, rules compared, who has no place and why, and what to look at first."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, F
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.ui import BarPart, Figure
from core.weeks import today
from employers.enums import SlotStatus
from employers.models import Slot, SlotWeek, WorkplaceWeek
from placements.allocation import seed_commitment
from placements.eligibility import ClassFacts, remarks
from placements.enums import RunPolicy, RunStatus
from placements.explaining import UNPLACED_ACTS, UNPLACED_LABELS
from placements.models import AllocationRun, Assignment
from schools.models import PeriodWeek

NAMED = 3
TONES = ("stop", "wait", "go")


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One rule in the comparison. `best` names the columns in which nobody is better."""

    name: str
    chosen: bool
    figures: Mapping[str, Any]
    best: frozenset[str]


@dataclass(frozen=True, slots=True)
class UnplacedRow:
    """Why some learners have no place, how many, and what to do."""

    reason: str
    label: str
    count: int
    act: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to look at before publishing. `outcome` names the list of learners it concerns."""

    tone: str
    heading: str
    text: str
    outcome: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """What can be checked by others."""

    seed: str
    is_revealed: bool
    proof: str
    digest: str


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """The page of a finished run."""

    figures: Sequence[Figure]
    bar: Sequence[BarPart]
    policies: Sequence[PolicyRow]
    policy_note: str
    unplaced: Sequence[UnplacedRow]
    notices: Sequence[Notice]
    check: Check


def run_outcome(run: AllocationRun) -> RunOutcome:
    """Return the outcome of a finished run (its round joined)."""
    summary = run.summary
    return RunOutcome(
        figures=_figures(summary),
        bar=_bar(summary),
        policies=_policies(run),
        policy_note=_policy_note(run),
        unplaced=_unplaced(summary),
        notices=_notices(run),
        check=_check(run),
    )


def _notices(run: AllocationRun) -> list[Notice]:
    """What stops first, what is in order last; places are looked at only while something can still be changed."""
    found = _notices_of_summary(run.summary)
    if run.status == RunStatus.DRAFT:
        found += _notices_of_places(run)
    return sorted(found, key=lambda notice: TONES.index(notice.tone))


def percent(part: int, whole: int) -> str:
    """Return "95,6 procent"; an empty string of nothing."""
    share = round(part * 100 / whole, 1) if whole else 0.0
    words = number_format(share, 0 if share == int(share) else 1)
    return _("%(share)s procent") % {"share": words} if whole else ""


def _figures(summary: Mapping[str, Any]) -> list[Figure]:
    learners, placed, ranks = summary["learners"], summary["placed"], summary["by_rank"]
    lower = sum(count for rank, count in ranks.items() if int(rank) > NAMED)
    furthest = _("val %(rank)d som längst") % {"rank": summary["furthest"]} if summary["furthest"] > NAMED else ""
    outside = _("%(count)d utanför") % {"count": summary["outside"]} if summary["outside"] else ""
    return [
        Figure(
            _("%(placed)d av %(all)d") % {"placed": placed, "all": learners},
            _("har fått plats"),
            percent(placed, learners),
        ),
        Figure(str(summary["first"]), _("förstahandsval"), percent(summary["first"], learners)),
        Figure(str(summary["first_to_third"]), _("något av val 1–3"), percent(summary["first_to_third"], learners)),
        Figure(
            str(lower + summary["outside"]),
            _("lägre val eller utanför valen"),
            ", ".join(part for part in (furthest, outside) if part),
        ),
        Figure(str(learners - placed), _("utan plats"), _("av %(all)d elever") % {"all": learners}),
    ]


def _bar(summary: Mapping[str, Any]) -> list[BarPart]:
    ranks = {int(rank): count for rank, count in summary["by_rank"].items()}
    lower, last = sum(count for rank, count in ranks.items() if rank > NAMED), max(ranks, default=0)
    named = [BarPart(_("Val %(rank)d") % {"rank": rank}, ranks.get(rank, 0), f"rank{rank}") for rank in (1, 2, 3)]
    down = _("Val 4–%(last)d") % {"last": last} if last > NAMED + 1 else _("Val 4")
    return [
        *named,
        BarPart(down, lower, "rank4"),
        BarPart(_("Utanför valen"), summary["outside"], "rank4"),
        BarPart(_("Utan plats"), summary["learners"] - summary["placed"], "missing"),
    ]


def _policies(run: AllocationRun) -> list[PolicyRow]:
    found = run.summary["policies"]
    best = {name: max(row[name] for row in found.values()) for name in ("placed", "first", "first_to_third")}
    best |= {name: min(row[name] for row in found.values()) for name in ("furthest", "outside")}
    telling = {name for name in best if len({row[name] for row in found.values()}) > 1}
    return [
        PolicyRow(
            name=str(policy.label),
            chosen=policy == run.policy,
            figures=found[policy],
            best=frozenset(name for name in telling if found[policy][name] == best[name]),
        )
        for policy in sorted(RunPolicy, key=lambda policy: policy != run.policy)
        if policy in found
    ]


def _policy_note(run: AllocationRun) -> str:
    found = run.summary["policies"]
    if len(found) == 1:
        return _("Underlaget är så stort att bara den valda regeln räknades.")
    serial, best = found[RunPolicy.SERIAL]["placed"], max(row["placed"] for row in found.values())
    if serial == best:
        return _("Lottad turordning lönar sig aldrig att taktikvälja mot, och lika många får plats.")
    lost = best - serial
    return ngettext(
        "Lottad turordning lönar sig aldrig att taktikvälja mot, men %(count)d elev färre får plats.",
        "Lottad turordning lönar sig aldrig att taktikvälja mot, men %(count)d elever färre får plats.",
        lost,
    ) % {"count": lost}


def _unplaced(summary: Mapping[str, Any]) -> list[UnplacedRow]:
    found = sorted(summary["unplaced"].items(), key=lambda item: -item[1])
    return [
        UnplacedRow(reason, str(UNPLACED_LABELS[reason]), count, _act(reason, summary["shortage"]))
        for reason, count in found
    ]


def _act(reason: str, shortage: Mapping[str, int]) -> str:
    if reason == "shortage" and shortage:
        return _("%(learners)d elever når bara %(seats)d platser. Be arbetsplatserna om fler.") % shortage
    return str(UNPLACED_ACTS[reason])


def _notices_of_summary(summary: Mapping[str, Any]) -> list[Notice]:
    found = []
    missing = summary["learners"] - summary["placed"]
    if missing:
        heading = ngettext("%(count)d elev saknar plats.", "%(count)d elever saknar plats.", missing) % {
            "count": missing
        }
        found.append(Notice("stop", heading, _most_at(summary["schools"], missing), "unplaced", _("Visa eleverna")))
    if summary["unsent"]:
        heading = ngettext(
            "%(count)d elev sparade sina val utan att skicka in.",
            "%(count)d elever sparade sina val utan att skicka in.",
            summary["unsent"],
        ) % {"count": summary["unsent"]}
        found.append(Notice("wait", heading, _("De sparade valen räknas.")))
    if summary["silent"]:
        heading = ngettext("%(count)d elev har inte valt.", "%(count)d elever har inte valt.", summary["silent"])
        text = ngettext("Eleven får en plats som blir över.", "De får platser som blir över.", summary["silent"])
        found.append(Notice("wait", heading % {"count": summary["silent"]}, text))
    if summary["locked"]:
        heading = ngettext(
            "%(count)d låst placering är orörd.", "%(count)d låsta placeringar är orörda.", summary["locked"]
        )
        found.append(Notice("go", heading % {"count": summary["locked"]}, "", "locked", _("Visa dem")))
    return found


def _most_at(schools: Sequence[Mapping[str, Any]], missing: int) -> str:
    worst = max(schools, key=lambda row: row["learners"] - row["placed"])
    if (worst["learners"] - worst["placed"]) * len(schools) <= missing:
        return ""
    return _("%(school)s har %(count)d av de %(all)d.") % {
        "school": worst["name"],
        "count": worst["learners"] - worst["placed"],
        "all": missing,
    }


@dataclass(frozen=True, slots=True)
class _Uses:
    """How many learners the draft puts in each slot and week, and the slots themselves."""

    slots: Mapping[UUID, Slot]
    learners: Mapping[UUID, int]
    weeks: Mapping[UUID, set[date]]
    claims: Mapping[tuple[UUID, date], int]


def _notices_of_places(run: AllocationRun) -> list[Notice]:
    uses = _uses(run)
    day = today()
    unsafe = [
        slot
        for pk, slot in uses.slots.items()
        if any(
            remark.code == "risk_assessment"
            for remark in remarks(
                facts=ClassFacts("", (slot.grades or [9])[0], run.round.kind),
                slot=slot,
                weeks=uses.weeks[pk],
                today=day,
            )
        )
    ]
    alone = [slot for slot in uses.slots.values() if not slot.supervisor_name.strip()]
    short = _short_of_seats(uses)
    return [
        *_about(short, uses, "stop", _("Platser har dragits tillbaka efter körningen."), _("Kör fördelningen igen.")),
        *_about(unsafe, uses, "wait", _("Aktuell riskbedömning saknas."), _("Be arbetsplatsen om den före start.")),
        *_about(alone, uses, "wait", _("Handledare saknas."), _("Be arbetsplatsen fylla i namn och telefon.")),
    ]


def _about(slots: Sequence[Slot], uses: _Uses, tone: str, heading: str, act: str) -> list[Notice]:
    if not slots:
        return []
    learners = sum(uses.learners[slot.pk] for slot in slots)
    named = ", ".join(sorted(slot.title for slot in slots)[:NAMED])
    more = _(" och %(count)d till") % {"count": len(slots) - NAMED} if len(slots) > NAMED else ""
    concerned = ngettext("Gäller %(count)d elev", "Gäller %(count)d elever", learners) % {"count": learners}
    return [Notice(tone, heading, f"{concerned}: {named}{more}. {act}")]


def _uses(run: AllocationRun) -> _Uses:
    rows = Assignment.objects.filter(run=run, slot__isnull=False).order_by().values_list("slot_id", "period_id")
    counted = list(rows.annotate(count=Count("pk")))
    weeks_of: defaultdict[UUID, list[date]] = defaultdict(list)
    periods = {period_id for _slot, period_id, _count in counted}
    for period_id, week_on in PeriodWeek.objects.filter(period__in=periods).values_list("period_id", "week_on"):
        weeks_of[period_id].append(week_on)
    learners: Counter[UUID] = Counter()
    claims: Counter[tuple[UUID, date]] = Counter()
    weeks: defaultdict[UUID, set[date]] = defaultdict(set)
    for slot_id, period_id, count in counted:
        learners[slot_id] += count
        weeks[slot_id].update(weeks_of[period_id])
        for week_on in weeks_of[period_id]:
            claims[slot_id, week_on] += count
    return _Uses(Slot.objects.select_related("workplace").in_bulk(learners), learners, weeks, claims)


def _short_of_seats(uses: _Uses) -> list[Slot]:
    """Slots that can no longer take those whom the draft puts there."""
    weeks = {week_on for _slot, week_on in uses.claims}
    left = {
        (slot_id, week_on): free
        for slot_id, week_on, free in SlotWeek.objects.filter(slot__in=uses.slots, week_on__in=weeks)
        .annotate(free=F("seats") - F("taken"))
        .values_list("slot_id", "week_on", "free")
    }
    at_workplace: Counter[tuple[UUID, date]] = Counter()
    for (slot_id, week_on), count in uses.claims.items():
        at_workplace[uses.slots[slot_id].workplace_id, week_on] += count
    caps = WorkplaceWeek.objects.filter(workplace__in={owner for owner, _week in at_workplace}, week_on__in=weeks)
    over = {
        owner
        for owner, week_on, free in caps.annotate(free=F("cap") - F("taken")).values_list(
            "workplace_id", "week_on", "free"
        )
        if at_workplace[owner, week_on] > free
    }
    short = {slot_id for (slot_id, week_on), count in uses.claims.items() if count > left.get((slot_id, week_on), 0)}
    return [
        slot
        for pk, slot in uses.slots.items()
        if pk in short or slot.workplace_id in over or slot.status != SlotStatus.PUBLISHED
    ]


def _check(run: AllocationRun) -> Check:
    revealed = run.status == RunStatus.PUBLISHED
    proof = (
        _("Turordningen kan dras om och ger samma svar")
        if run.policy == RunPolicy.SERIAL
        else _("Ingen fördelning ger fler en plats")
    )
    return Check(run.seed if revealed else seed_commitment(run.seed), revealed, proof, run.inputs_hash)
