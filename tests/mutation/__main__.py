"""`python -m tests.mutation stack`: every weakening of our stack. `… code`: every mutation of the code."""

from __future__ import annotations

import sys


def main(arguments: list[str]) -> int:
    """Run one of the two, and say with the exit code whether all that survived has a reason."""
    if arguments == ["stack"]:
        from tests.mutation import stack_run

        return stack_run.run()
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
