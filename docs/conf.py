"""The documentation as a site: ``python -m sphinx -W --keep-going -n docs site``.

The pages stay as they are read in the repository. What a site needs beyond them, an order of its
pages, is taken from the table of ``README.md``.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from pygments.lexers.special import TextLexer
from sphinx import search
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

HERE = Path(__file__).parent
README_KO = """
```{include} ../README.ko.md
:relative-docs: docs/
:relative-images:
:end-before: "## 문서"
```
"""
HANGUL = re.compile("[가-힣]+")
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
    "extra_nav_links": {"한국어": "README.ko.html"},
}
html_show_sphinx = False
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_search_language = "en-ko"


class SearchBoth(SearchEnglish):
    """English and Korean words in one index.

    A Korean noun is written together with its particle: a reader who searches 계좌 means 계좌를 and
    계좌에서 too. So a Korean word is found by its beginnings, from two syllables.
    """

    lang = html_search_language
    language_name = "English"  # names the stemmer in the page

    def split(self, input: str) -> list[str]:
        """Return the words of a text, and the beginnings of the Korean ones."""
        words = super().split(input)
        return [*words, *(start for word in words for start in _beginnings(word))]


def _beginnings(word: str) -> list[str]:
    korean = HANGUL.match(word)
    return [] if korean is None else [word[:end] for end in range(2, min(korean.end(), 6) + 1)]


search.languages[html_search_language] = SearchBoth


def _with_contents(_app: Sphinx, page: str, source: list[str]) -> None:
    """Give the first page a table of contents: the pages it links to, in their order.

    The first page in Korean shows the Korean README of the project, which has no English twin here.
    """
    if page == "README.ko":
        source[0] += README_KO
    if page == root_doc:
        pages = "\n".join(dict.fromkeys(LINK.findall(source[0])))
        source[0] += f"\n```{{toctree}}\n:hidden:\n\n{pages}\n```\n"


def _in_korean(
    _app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: object
) -> None:
    """Say the language of a Korean page."""
    if page.endswith(".ko"):
        context["language"] = "ko"


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect what the pages need."""
    app.connect("source-read", _with_contents)
    app.connect("html-page-context", _in_korean)
    app.add_lexer("csv", TextLexer)
    return {"parallel_read_safe": True}
