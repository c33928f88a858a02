"""Sources that fail on purpose, which the processes of a pool import by name."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
