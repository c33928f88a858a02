"""The documentation as a site: ``python -m sphinx -W --keep-going -n docs site``.

The pages stay as they are read in the repository. What a site needs beyond them, an order of its
pages, is taken from the table of ``README.md``.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

HERE = Path(__file__).parent
LINK = re.compile(r"\]\((\w[\w/.-]*)\.(?:md|ipynb)\)")

project = "jeoul"
release = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))["project"]["version"]
project_copyright = "the jeoul authors, Apache-2.0"

extensions = ["myst_nb"]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb"}
root_doc = "README"
exclude_patterns = ["examples"]
nb_execution_mode = "off"  # they are committed with their results, which the tests compare
myst_heading_anchors = 4  # links to headings work as they do in the repository

html_title = f"jeoul {release}"
html_theme = "alabaster"
html_theme_options = {
    "description": "A rule-based robo-advisor engine",
    "fixed_sidebar": False,
    "page_width": "72rem",
    "sidebar_width": "15rem",
}
html_show_sphinx = False
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False


def _with_contents(_app: Sphinx, page: str, source: list[str]) -> None:
    """Give the first page a table of contents: the pages it links to, in their order."""
    if page == root_doc:
        pages = "\n".join(dict.fromkeys(LINK.findall(source[0])))
        source[0] += f"\n```{{toctree}}\n:hidden:\n\n{pages}\n```\n"


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect what the pages need."""
    app.connect("source-read", _with_contents)
    app.add_lexer("csv", TextLexer)
    return {"parallel_read_safe": True}
