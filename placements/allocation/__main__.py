"""Solve and verify allocation files from the command line, without the platform."""

import argparse
import sys
from collections.abc import Sequence

from placements.allocation.engine import ASKED, solve
from placements.allocation.errors import AllocationError
from placements.allocation.files import check_commitment, read_problem, read_result, write_result
from placements.allocation.levels import Policy
from placements.allocation.verify import verify


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 when it went well, 1 with one line on what is wrong, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        problem = read_problem(options.problem)
        if options.command == "solve":
            result = solve(
                problem, Policy(options.policy), options.seed, engine=options.engine, threads=options.threads
            )
            write_result(options.result, problem, result)
        else:
            result = read_result(options.result, problem)
            check_commitment(options.problem, result)
            verify(problem, result)
    except (AllocationError, OSError) as error:
        sys.stderr.write(f"{options.command}: {error}\n")
        return 1
    sums = ", ".join(str(value) for value in result.level_sums)
    done = "solved" if options.command == "solve" else "verified"
    sys.stdout.write(
        f"{done}: {result.placed} of {problem.n_learners} placed, levels {sums}, "
        f"policy {result.policy}, engine {result.engine}, {result.seconds:.2f} s\n"
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m placements.allocation", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("solve", "solve a problem file"), ("verify", "check a result against its problem")):
        command = commands.add_parser(name, help=text)
        command.add_argument("problem", metavar="IN.npz")
        command.add_argument("result", metavar="OUT.npz")
        if name == "solve":
            command.add_argument("--policy", choices=[str(policy) for policy in Policy], default="optimum")
            command.add_argument("--engine", choices=ASKED, default="auto")
            command.add_argument("--threads", type=int, default=1, help="at most this many at once")
            command.add_argument("--seed", default="", help="text that decides the lottery")
    return parser


if __name__ == "__main__":
    sys.exit(main())
