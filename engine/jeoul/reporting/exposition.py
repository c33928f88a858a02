"""Measurements in the Prometheus text form, version 0.0.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple


class MetricSample(NamedTuple):
    """A value with its labels; ``None`` is not written, because a missing series says so."""

    labels: Mapping[str, str]
    value: float | None


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: its name, its kind, what it measures, and its samples."""

    name: str
    kind: Literal["gauge", "counter"]
    help: str
    samples: tuple[MetricSample, ...]


def exposed(metrics: Iterable[Metric]) -> str:
    r"""Return metrics as text for a collector; one without a known value is left out.

    >>> sample = MetricSample({"account": 'a"b'}, 2)
    >>> metric = Metric("jeoul_missed", "gauge", "Sessions.", (sample,))
    >>> print(exposed([metric]), end="")
    # HELP jeoul_missed Sessions.
    # TYPE jeoul_missed gauge
    jeoul_missed{account="a\"b"} 2
    """
    lines = []
    for metric in metrics:
        known = [sample for sample in metric.samples if sample.value is not None]
        if not known:
            continue
        lines += [f"# HELP {metric.name} {_help(metric.help)}"]
        lines += [f"# TYPE {metric.name} {metric.kind}"]
        lines += [f"{metric.name}{_labels(each.labels)} {_number(each.value)}" for each in known]
    return "".join(f"{line}\n" for line in lines)


def exposition_document(metrics: Iterable[Metric]) -> list[dict[str, Any]]:
    """Return metrics as JSON values; an unknown value is null."""
    return [
        {
            "name": metric.name,
            "kind": metric.kind,
            "help": metric.help,
            "samples": [
                {"labels": dict(each.labels), "value": each.value} for each in metric.samples
            ],
        }
        for metric in metrics
    ]


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _number(value: float | None) -> str:
    assert value is not None
    return str(int(value)) if float(value).is_integer() else repr(float(value))
