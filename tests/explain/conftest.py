"""The words of the examples lie beside the page that is made from them."""

from __future__ import annotations

import sys

from jeoul import assets

sys.path.insert(0, str(assets.root() / "docs"))
