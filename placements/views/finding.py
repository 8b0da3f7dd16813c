"""The round or the run that an address names, for those who may see it or run it."""

from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from placements.models import AllocationRun, Round
from placements.selectors.rights import may_run
from placements.selectors.rounds import rounds_of
from placements.selectors.runs import runs_of


def find_round(request: HttpRequest, round_id: UUID, *, own: bool = False) -> Round:
    """Return a round the organisation takes part in; `own`: only one that is its own to run.

    Raises:
        Http404: there is none.
    """
    found: Round = get_object_or_404(rounds_of(request.organisation), pk=round_id)
    if own and not may_run(request.organisation, found):
        raise Http404
    return found


def find_run(request: HttpRequest, run_id: UUID, *, own: bool = False) -> AllocationRun:
    """Return a run of such a round, the round joined.

    Raises:
        Http404: there is none.
    """
    found: AllocationRun = get_object_or_404(runs_of(request.organisation), pk=run_id)
    if own and not may_run(request.organisation, found.round):
        raise Http404
    return found
