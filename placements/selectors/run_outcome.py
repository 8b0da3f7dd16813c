"""What a finished run came to: figures, rules compared, who has no place and why, and what would help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.ui import BarPart, Figure
from placements.allocation import seed_commitment
from placements.enums import RunPolicy, RunStatus
from placements.explaining import UNPLACED_ACTS, UNPLACED_LABELS
from placements.models import AllocationRun
from placements.selectors.run_shortage import Help, ShortGroup, helps_of, short_groups
from placements.selectors.run_warnings import RunWarning, warnings_of

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
class SchoolRow:
    """One school of the run: its learners, those placed and with their first wish, and why the others have no place."""

    name: str
    learners: int
    placed: int
    first: int
    reasons: str

    @property
    def unplaced(self) -> int:
        """Return how many have no place."""
        return self.learners - self.placed


@dataclass(frozen=True, slots=True)
class Notice:
    """Something good to know. `outcome` names the list of learners it concerns."""

    tone: str
    heading: str
    text: str
    outcome: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """What can be checked by others."""

    seed: str
    commitment: str
    is_revealed: bool
    proof: str


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """The page of a finished run."""

    figures: Sequence[Figure]
    bar: Sequence[BarPart]
    policies: Sequence[PolicyRow]
    policy_note: str
    unplaced: Sequence[UnplacedRow]
    schools: Sequence[SchoolRow]
    classes: Sequence[Mapping[str, Any]]
    short: Sequence[ShortGroup]
    helps: Sequence[Help]
    warnings: Sequence[RunWarning]
    notices: Sequence[Notice]
    check: Check


def run_outcome(run: AllocationRun, organisation: Organisation) -> RunOutcome:
    """Return the outcome of a finished run (its round joined), the schools and classes those of the organisation."""
    summary = run.summary
    decided = run.status not in {RunStatus.DRAFT, RunStatus.REVIEWED}
    own = _own_school(organisation)
    return RunOutcome(
        figures=_figures(summary),
        bar=_bar(summary),
        policies=_policies(run),
        policy_note=_policy_note(run),
        unplaced=_unplaced(summary),
        schools=_schools(run, own),
        classes=[row for row in summary["classes"] if not own or row["id"].startswith(own)],
        short=short_groups(summary),
        helps=helps_of(summary),
        warnings=[] if decided else warnings_of(run),
        notices=sorted(_notices(summary), key=lambda notice: TONES.index(notice.tone)),
        check=_check(run),
    )


def _own_school(organisation: Organisation) -> str:
    return str(organisation.pk) if organisation.kind == OrganisationKind.SCHOOL_UNIT else ""


def _schools(run: AllocationRun, own: str) -> list[SchoolRow]:
    """Each school with its figures; those with most learners without a place first."""
    rows = [
        SchoolRow(row["name"], row["learners"], row["placed"], row["first"], _reasons(row.get("unplaced", {})))
        for row in run.summary["schools"]
        if not own or row["id"] == own
    ]
    return sorted(rows, key=lambda row: (-row.unplaced, row.name))


def _reasons(counts: Mapping[str, int]) -> str:
    """Return "4 fler elever än platser, 2 ingen plats passar"."""
    label = {reason: str(text)[:1].lower() + str(text)[1:] for reason, text in UNPLACED_LABELS.items()}
    most_first = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{count} {label.get(reason, reason)}" for reason, count in most_first)


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


def _notices(summary: Mapping[str, Any]) -> list[Notice]:
    found = []
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


def _check(run: AllocationRun) -> Check:
    proof = (
        _("Turordningen kan dras om och ger samma svar")
        if run.policy == RunPolicy.SERIAL
        else _("Ingen fördelning ger fler en plats")
    )
    return Check(run.seed, seed_commitment(run.seed), run.status == RunStatus.PUBLISHED, proof)
