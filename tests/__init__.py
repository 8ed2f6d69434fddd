"""The tests. Bytecode is kept, even where PYTHONDONTWRITEBYTECODE forbids it.

Each process that a test starts (a server, a worker that will be killed) would compile three thousand files again.
"""

import os
import sys

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
