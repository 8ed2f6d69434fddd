"""`python -m tests.journeys.moved 2027-01-25T07:30:00+01:00 gunicorn …`: a module run at another moment.

The clock of that process, and of those it forks, starts there and goes on; the product knows nothing of it.
"""

from __future__ import annotations

import runpy
import sys
from datetime import datetime

import time_machine

if __name__ == "__main__":
    moment = datetime.fromisoformat(sys.argv[1])
    sys.argv = sys.argv[2:]
    with time_machine.travel(moment, tick=True):
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
