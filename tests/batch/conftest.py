"""Random accounts lie beside the tests and beside a script, which both import them by name."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
