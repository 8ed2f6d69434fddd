"""The command line: ``python -m matching rank|solve|check|explain|shortage|repair|bench``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from matching import commands
from matching.problem import MarketError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit codes: 0 done, 1 ``check`` found a fault, 2 the input is wrong."""
    parser = argparse.ArgumentParser(prog="python -m matching", description=__doc__)
    subparsers = parser.add_subparsers(dest="command", required=True)
    given = sys.argv[1:] if arguments is None else arguments
    commands.add_parsers(subparsers, given[0] if given else None)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except MarketError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except OSError as error:  # what is read says so itself: this is a file that cannot be written
        if error.filename is None:
            raise
        sys.stderr.write(f"error: {error.filename}: {error.strerror}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
