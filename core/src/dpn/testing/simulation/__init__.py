"""The simulator: the real engine, dispatcher and store on a simulated disk and cloud, crashed and disturbed everywhere.

`python -m dpn.testing.simulation` searches; `python -m dpn.testing.simulation "CASE"` replays one case. Read `lab.py`
first: a `Lab` prepares a `Scenario` and runs a `Case` of it, which says what goes wrong in which process.
"""

from dpn.testing.simulation.case import Case, Life, parse
from dpn.testing.simulation.driver import Violation
from dpn.testing.simulation.lab import Lab
from dpn.testing.simulation.scenario import Scenario
from dpn.testing.simulation.scenarios import scenarios
from dpn.testing.simulation.search import Effort, Found, searched

__all__ = ["Case", "Effort", "Found", "Lab", "Life", "Scenario", "Violation", "parse", "scenarios", "searched"]
