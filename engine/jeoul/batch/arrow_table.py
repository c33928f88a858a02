"""Parquet and Arrow files, read a batch at a time by pyarrow, as the cells of a text file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from jeoul.batch.cells import KIND, PROFILE, Cells, Columns, Hashes, text_of
from jeoul.batch.compiled import cell_functions
from jeoul.batch.csv_table import check_names, opened
from jeoul.batch.layout import Cutter, FilePart, Layout
from jeoul.errors import HoldingsError, Problem, UsageError
from jeoul.rebalance.problem import Counts

BATCH = 32_768  # rows read at once
SIZE = 75_000  # rows of a part


def arrow() -> Any:
    """Return pyarrow, or raise which extra has it."""
    try:
        import pyarrow as pa
        import pyarrow.compute
        import pyarrow.parquet
    except ImportError as missing:
        raise UsageError(
            "Parquet and Arrow files need pyarrow; run pip install 'jeoul[batch]', or use .csv"
        ) from missing
    return pa


class ArrowTable:
    """A Parquet or an Arrow file as a table; columns of any plain type are read as text."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self.path, self._columns, self._pa = path, columns.read, arrow()
        opened(path).close()
        names = self._names()
        check_names(path, [name.strip().lower() for name in names], columns)
        self._named = {name.strip().lower(): name for name in names}
        self.width = len(columns.read)
        self._reading: tuple[int, Iterator[Any], Any] | None = None

    def layout(self) -> Layout:
        """Return how the file is cut; three columns and the bytes are read once."""
        cutter, row, last = Cutter(SIZE, 0, 1), 0, None
        functions, names = cell_functions(), self._columns[: PROFILE + 1]
        for batch in self._batches([self._named[name] for name in names if name in self._named]):
            cells = self._cells(batch, row + 1, names)
            first = np.zeros(batch.num_rows + 1, dtype=np.int64)
            hashes = np.zeros(batch.num_rows, dtype=np.uint64)
            n = functions.first_rows(cells, hashes, first)
            skip = int(n > 0 and last is not None and hashes[0] == last)
            rows = first[skip:n]
            cutter.begin(rows + row, rows + row + 1, hashes[skip:n])
            cutter.see(*self._pairs(cells, rows))
            last, row = (hashes[n - 1] if n else last), row + batch.num_rows
        return cutter.end(row, self._digest())

    def _pairs(
        self, cells: Cells, rows: Counts
    ) -> tuple[Hashes, Hashes, Callable[[int], tuple[str, str]]]:
        """Return the hashes of kind and profile in some rows, and how to read their words."""
        both = []
        for column in (KIND, PROFILE):
            start, end = (np.ascontiguousarray(side[rows, column]) for side in cells[1:3])
            found = np.zeros(len(rows), dtype=np.uint64)
            cell_functions().hashes_in(cells.data, start, end, found)
            both.append(found)

        def read(place: int) -> tuple[str, str]:
            return text_of(cells, rows[place], KIND), text_of(cells, rows[place], PROFILE)

        return both[0], both[1], read

    def read(self, part: FilePart) -> Cells:
        """Return the cells of a part; parts in their order are read in one go through the file."""
        if self._reading is None or self._reading[0] > part.start:
            wanted = [self._named[name] for name in self._columns if name in self._named]
            self._reading = (0, self._batches(wanted), None)
        at, batches, left = self._reading
        found = []
        while at < part.stop:
            batch = next(batches) if left is None else left
            left = None
            begin, end = max(part.start - at, 0), min(part.stop - at, batch.num_rows)
            if begin < end:
                found.append(batch.slice(begin, end - begin))
            if end < batch.num_rows:
                left = batch.slice(end)
            at += end
        self._reading = (at, batches, left)
        table = self._pa.Table.from_batches(found).combine_chunks()
        cells = self._cells(table, part.line, self._columns)
        self._pa.default_memory_pool().release_unused()  # else the pool keeps what parts took
        return cells

    def _cells(self, table: Any, line: int, columns: Sequence[str]) -> Cells:
        """Return the columns of a table as cells in one array of bytes."""
        count = table.num_rows
        start, end = (np.zeros((count, len(columns)), dtype=np.int32) for _ in range(2))
        data, shift = [], 0
        for place, name in enumerate(columns):
            if name not in self._named:
                continue
            text, offsets = self._column(table.column(self._named[name]))
            start[:, place], end[:, place] = offsets[:-1] + shift, offsets[1:] + shift
            data.append(text)
            shift += len(text)
        rows = np.arange(line, line + count, dtype=np.int64)
        width = np.full(count, len(columns), dtype=np.int64)
        joined = np.concatenate(data)
        joined.flags.writeable = False  # as bytes of a file are: one compiled function for both
        return Cells(data=joined, start=start, end=end, line=rows, width=width)

    def _column(self, column: Any) -> tuple[Any, Any]:
        """Return the bytes of a column's texts, and where each begins; a missing one is empty."""
        pa = self._pa
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
            column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
        if pa.types.is_floating(column.type):
            column = _without_exponents(pa, column)
        try:
            texts = pa.compute.fill_null(column.cast(pa.large_string()), "")
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as fault:
            wrong = f"has a column that cannot be read as text: {fault}"
            raise HoldingsError([Problem(str(self.path), wrong, remedy="write text")]) from None
        _, places, content = texts.buffers()
        offsets = np.frombuffer(places, dtype=np.int64)
        offsets = offsets[texts.offset : texts.offset + len(texts) + 1]
        text = np.frombuffer(content or b"", dtype=np.uint8)
        return text[offsets[0] : offsets[-1]], offsets - offsets[0]

    def _names(self) -> list[str]:
        try:
            if self.path.suffix.lower() == ".parquet":
                return list(self._pa.parquet.read_schema(self.path).names)
            with self._pa.memory_map(str(self.path)) as source:
                return list(self._pa.ipc.open_file(source).schema.names)
        except self._pa.ArrowInvalid as fault:
            wrong = f"cannot be read: {str(fault).splitlines()[0]}"
            remedy = "write it again, or give the file the ending of its format"
            raise HoldingsError([Problem(str(self.path), wrong, remedy=remedy)]) from None

    def _batches(self, names: Sequence[str]) -> Iterator[Any]:
        if self.path.suffix.lower() == ".parquet":
            file = self._pa.parquet.ParquetFile(self.path, pre_buffer=False, buffer_size=1 << 20)
            yield from file.iter_batches(batch_size=BATCH, columns=names, use_threads=False)
            return
        with self._pa.memory_map(str(self.path)) as source:
            reader = self._pa.ipc.open_file(source)
            for number in range(reader.num_record_batches):
                whole = reader.get_batch(number).select(names)
                for begin in range(0, whole.num_rows, BATCH):
                    yield whole.slice(begin, BATCH)

    def _digest(self) -> str:
        digest = sha256()
        with opened(self.path) as file:
            while block := file.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()


def _without_exponents(pa: Any, column: Any) -> Any:
    """Return floating numbers as whole ones where all are, else as text, each with all its digits.

    One number that is not whole leaves the others as they are written without it.
    """
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        pass
    texts = column.cast(pa.large_string())
    exponent = pa.compute.fill_null(pa.compute.match_substring(texts, "e"), False)
    written = [
        np.format_float_positional(number, trim="-")
        for number in column.filter(exponent).to_pylist()
    ]
    return pa.compute.replace_with_mask(texts, exponent, pa.array(written, pa.large_string()))
