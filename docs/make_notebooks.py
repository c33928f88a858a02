"""Run the notebooks of ``docs/notebooks`` from their first cell and write what they print.

python docs/make_notebooks.py

The tests run them too and compare what is printed with what is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import nbclient
import nbformat

FOLDER = Path(__file__).with_name("notebooks")
INLINE = "module://matplotlib_inline.backend_inline"  # pictures as results, whoever runs this
SECONDS = 120  # for one cell, on a busy machine


def notebooks() -> list[Path]:
    """Return the notebooks in the order in which a reader takes them."""
    return [FOLDER / f"{name}.ipynb" for name in ("first-portfolio", "backtest", "household")]


def executed(file: Path, folder: Path) -> nbformat.NotebookNode:
    """Return a notebook with what each cell prints when it runs in a folder.

    Times and ids of the run are left out, so that the same results give the same file.
    """
    found: nbformat.NotebookNode = nbformat.read(file, as_version=4)
    resources = {"metadata": {"path": str(folder)}}
    client = nbclient.NotebookClient(found, timeout=SECONDS, resources=resources)
    client.execute(env=os.environ | {"MPLBACKEND": INLINE})
    for number, cell in enumerate(found.cells):
        cell.metadata = nbformat.NotebookNode()
        cell.id = f"cell-{number}"
    found.metadata = nbformat.NotebookNode(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python"},
    )
    return found


def main() -> None:
    """Write every notebook again."""
    import tempfile

    for file in notebooks():
        with tempfile.TemporaryDirectory() as folder:
            nbformat.write(executed(file, Path(folder)), file)


if __name__ == "__main__":
    main()
