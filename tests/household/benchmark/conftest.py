"""The scripts of benchmarks/household are found by the path that this adds."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks" / "household"))
