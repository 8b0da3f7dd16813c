"""A result with any single value changed is refused."""

from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np
import pytest

from placements.allocation import Cap, Policy, Problem, Result, VerificationError, solve, verify
from placements.allocation.levels import objective
from tests.placements.allocation.builders import from_lists, places

LISTS = {"A": "s1 s2", "B": "s1 s2", "C": "s2 s1 s3", "D": "s3 s1", "E": "s4 s3", "F": "s4"}
PROBLEM = from_lists(LISTS, {"s1": 1, "s2": 1, "s3": 1, "s4": 1}, caps=[Cap("s3 and s4", 2, [2, 3])], locks={"E": "s4"})


def forgeries(result: Result) -> Iterator[tuple[str, Result]]:
    """Every field and every array entry, one at a time; prices apart, since other prices may prove too."""
    for field in fields(result):
        value = getattr(result, field.name)
        if isinstance(value, np.ndarray) and field.name != "duals":
            for index in np.ndindex(value.shape):
                for other in {-1, 0, 1, value[index] + 1, value[index] - 1, 10**6} - {int(value[index])}:
                    forged = value.copy()
                    forged[index] = other
                    yield f"{field.name}{index} = {other}", replace(result, **{field.name: forged})
            yield f"{field.name} longer", replace(result, **{field.name: np.append(value, 0)})
    yield "placed", replace(result, placed=result.placed + 1)
    yield "policy", replace(result, policy=Policy.GENEROUS)
    yield "serial", replace(result, policy=Policy.SERIAL)
    yield "seed", replace(result, seed="another")
    yield "engine", replace(result, engine="abacus")
    yield "names", replace(result, objective_names=result.objective_names[::-1])
    yield "seconds", replace(result, seconds=float("nan"))


@pytest.mark.parametrize("policy", [Policy.OPTIMUM, Policy.GREEDY])
def test_every_single_forgery_is_refused(policy: Policy) -> None:
    result = solve(PROBLEM, policy, "seed")
    verify(PROBLEM, result)
    accepted = []
    for name, forged in forgeries(result):
        try:
            verify(PROBLEM, forged)
        except VerificationError:
            continue
        accepted.append(name)
    assert accepted == []


def test_forged_serial_places_are_refused() -> None:
    result = solve(PROBLEM, Policy.SERIAL, "seed")
    verify(PROBLEM, result)
    with pytest.raises(VerificationError):
        verify(PROBLEM, replace(result, seed="yet another one"))
    with pytest.raises(VerificationError):
        verify(PROBLEM, replace(result, shortage_learners=np.array([0])))


@pytest.mark.parametrize("row", range(4))
def test_prices_that_prove_nothing_are_refused(row: int) -> None:
    result = solve(PROBLEM, seed="seed")
    refused = 0
    for node in range(PROBLEM.n_nodes):
        duals = result.duals.copy()
        duals[row, node] = 10**6
        try:
            verify(PROBLEM, replace(result, duals=duals))
        except VerificationError:
            refused += 1
    assert refused > 0


def test_another_optimum_that_lost_the_lottery_is_refused() -> None:
    problem = from_lists({"A": "s1 s2", "B": "s1 s2"}, {"s1": 1, "s2": 1})
    result = solve(problem, seed="seed")
    swapped = 1 - (result.chosen % 2) + np.array([0, 2])
    assert sorted(places(problem, replace(result, chosen=swapped)).values()) == ["s1", "s2"]
    sums = result.objective_sums.copy()
    for row, level in enumerate(objective_costs(problem), start=1):
        sums[row] = level[swapped].sum()
    with pytest.raises(VerificationError, match="the duals do not prove “lottery” optimal"):
        verify(problem, replace(result, chosen=swapped, objective_sums=sums))


def objective_costs(problem: Problem) -> list[np.ndarray]:
    return [level.cost for level in objective(problem, Policy.OPTIMUM, "seed")]
