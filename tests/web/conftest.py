from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
for folder in (HERE, HERE.parent / "pages", HERE.parent / "market"):  # its looks, its vendor
    sys.path.insert(0, str(folder))
