"""Write ``docs/explain.md``, its Korean page and ``data/codes/said.json`` from ``data/codes``.

python docs/make_explain.py

Every example is run; what it says is what the pages show. The tests compare what is committed with
what this prints, and run each example again.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # the words of the examples lie beside this

import explain_examples

from jeoul.codes import Code, codes, groups
from jeoul.messages import say

HERE = Path(__file__).parent
SAID = HERE.parent / "data" / "codes" / "said.json"
PAGES = {"en": HERE / "explain.md", "ko": HERE / "explain.ko.md"}


def said() -> dict[str, dict[str, str]]:
    """Return what each example of a finding or a reason says, by code and language."""
    found = {}
    for name, code in codes().items():
        if "." in name:
            met = next(each for each in explain_examples.run(code.example) if each.code == name)
            found[name] = {lang: explain_examples.sentence(met, lang) for lang in PAGES}
    return found


def said_text() -> str:
    """Return the file of what the examples say."""
    return json.dumps(said(), ensure_ascii=False, indent=2) + "\n"


def page(language: str) -> str:
    """Return the whole page in a language as Markdown."""
    every = codes().values()
    word = partial(_word, language)
    lines = [f"# {word('title')}", "", word("made"), "", word("opening", count=len(every)), ""]
    for group in groups():
        lines += [f"## {group.title[language]}", "", group.about[language], ""]
        for code in every:
            if code.group == group.name:
                lines += entry(code, language)
    lines += [f"## {word('words')}", "", word("about_words"), "", *helpers()]
    return "\n".join(lines).rstrip() + "\n"


def entry(code: Code, language: str) -> list[str]:
    """Return a code with what it says, why, its example and what to do."""
    word = partial(_word, language)
    return [
        f"### `{code.name}`",
        "",
        _plain(code.what[language]),
        "",
        f"**{word('why')}.** {_plain(code.why[language])}",
        "",
        f"**{word('remedy')}.** {_plain(code.remedy[language])}",
        "",
        f"**{word('example')}.**",
        "",
        "```python not-run",
        code.example,
        "```",
        "",
    ]


def helpers() -> list[str]:
    """Return the words of the examples with their first line, those that are used."""
    text = "\n".join(code.example for code in codes().values())
    rows = ["| | |", "|---|---|"]
    for name, found in explain_examples.WORDS.items():
        if not name.startswith("_") and re.search(rf"\b{name}\b", text):
            first = (inspect.getdoc(found) or "").split("\n\n")[0].replace("\n", " ")
            rows.append(f"| `{name}` | {first.replace('``', '`')} |")
    return rows


def _word(language: str, name: str, **detail: object) -> str:
    return say(language, f"explain.page_{name}", detail)


def _plain(text: str) -> str:
    """Return a text that Markdown shows as it is: brackets name tables of a file, not links."""
    return text.replace("[[", "\\[\\[").replace("]]", "\\]\\]").replace("<", "\\<")


if __name__ == "__main__":
    SAID.write_text(said_text(), "utf-8", newline="\n")
    codes.cache_clear()
    for name, path in PAGES.items():
        path.write_text(page(name), "utf-8", newline="\n")
