"""Weaken our stack, or change our code, and see what notices.

python -m tests.mutation stack           every weakening of our stack
python -m tests.mutation drift [CASE …]  writes made up from AWS's models: what the drift audit sees
python -m tests.mutation code [AREA …]   the drawn mutations of the product code, or of some areas of it
python -m tests.mutation new [AREA …]    those of them that are not listed as killed or as equal
python -m tests.mutation table           what the last run of `code` found
python -m tests.mutation sample COUNT    some of the code mutations that were killed, once more
"""

from __future__ import annotations

import sys


def main(arguments: list[str]) -> int:
    """Run one of them, and say with the exit code whether all that survived has a reason."""
    match arguments:
        case ["stack"]:
            from tests.mutation import stack_run

            return stack_run.run()
        case ["drift", *names]:
            from tests.mutation import drift_table

            return drift_table.run(names)
        case ["code" | "new" as which, *areas]:
            from tests.mutation import code_list

            return code_list.run(areas, only_new=which == "new")
        case ["table"]:
            from tests.mutation import code_list

            return code_list.table()
        case ["sample", count]:
            from tests.mutation import code_list

            return code_list.sample(int(count))
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
