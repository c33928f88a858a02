"""A file that is put together from parts, and takes its place when it is whole."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from jeoul.batch.arrow_table import arrow
from jeoul.batch.job import RefusedRow
from jeoul.batch.table import ending

Schema = Mapping[str, type]
"""The columns of a file: whole numbers, text or floating numbers."""


def orders_schema(places: int) -> Schema:
    """Return the columns of orders; a price is whole where money has no decimals."""
    price = float if places else int
    texts = {"account": str, "side": str, "ticker": str}
    return {**texts, "shares": int, "price": price, "reason": str}


def refused_schema() -> Schema:
    """Return the columns of what was refused."""
    return {"account": str, "line": int, "code": str, "reason": str}


class WholeFile(Protocol):
    """A file being written."""

    def add(self, content: bytes) -> None:
        """Add a part: lines of CSV, or an Arrow stream."""

    def end(self) -> None:
        """Put the file in its place."""


def begun(path: Path, schema: Schema) -> WholeFile:
    """Return a new file in the format that its ending says."""
    kind = ending(path)
    return _Csv(path, schema) if kind == ".csv" else _Arrow(path, schema, kind)


def refused_rows(refused: Sequence[RefusedRow], path: Path) -> bytes:
    """Return refused rows as a part of a file."""
    if ending(path) == ".csv":
        lines = (",".join(map(_cell, each)) for each in refused)
        return "".join(f"{line}\n" for line in lines).encode()
    pa = arrow()
    schema = arrow_schema(refused_schema())
    columns: list[tuple[Any, ...]] = list(zip(*refused, strict=True)) or [() for _ in schema]
    typed = [pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)]
    batch = pa.record_batch(typed, schema=schema)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        stream.write_batch(batch)
    return bytes(sink.getvalue())


def _cell(value: object) -> str:
    """Return a cell of CSV, in quotes what another reader would not keep whole."""
    text = str(value)
    plain = text == text.strip() and not any(c in ',"' or c < " " for c in text)
    return text if plain else '"' + text.replace('"', '""') + '"'


def arrow_schema(schema: Schema) -> Any:
    """Return columns in the types of Arrow."""
    pa = arrow()
    types = {str: pa.string(), int: pa.int64(), float: pa.float64()}
    return pa.schema([(name, types[kind]) for name, kind in schema.items()])


class _Csv:
    def __init__(self, path: Path, schema: Schema) -> None:
        self._path, self._new = path, _beside(path)
        self._file: IO[bytes] = self._new.open("wb")
        self.add(",".join(schema).encode() + b"\n")

    def add(self, content: bytes) -> None:
        self._file.write(content)

    def end(self) -> None:
        self._file.close()
        os.replace(self._new, self._path)


class _Arrow:
    def __init__(self, path: Path, schema: Schema, kind: str) -> None:
        pa, self._path, self._new = arrow(), path, _beside(path)
        self._pa, types = pa, arrow_schema(schema)
        parquet = kind == ".parquet"
        self._file = None if parquet else pa.OSFile(str(self._new), "wb")
        self._writer = (
            pa.parquet.ParquetWriter(str(self._new), types, compression="zstd")
            if parquet
            else pa.ipc.new_file(self._file, types)
        )

    def add(self, content: bytes) -> None:
        with self._pa.ipc.open_stream(content) as stream:
            for batch in stream:
                if batch.num_rows:
                    self._writer.write_batch(batch)

    def end(self) -> None:
        self._writer.close()
        if self._file is not None:
            self._file.close()
        os.replace(self._new, self._path)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")
