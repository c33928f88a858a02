"""The text form of metrics, read back by the parser of another library."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from jeoul.reporting.exposition import Metric, MetricSample, exposed

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=12)
VALUE = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60)


@given(st.dictionaries(TEXT, VALUE, min_size=1, max_size=5), TEXT)
def test_labels_values_and_help_come_back(values: dict[str, float], said: str) -> None:
    samples = tuple(MetricSample({"account": name}, value) for name, value in values.items())
    text = exposed([Metric("jeoul_x", "gauge", f"Help {said}".strip(), samples)])
    (family,) = text_string_to_metric_families(text)
    found = {each.labels["account"]: each.value for each in family.samples}
    assert found.keys() == values.keys()
    assert all(math.isclose(found[name], values[name], rel_tol=1e-15) for name in values)


def test_an_unknown_value_is_not_written_and_a_metric_without_values_is_left_out() -> None:
    unknown = MetricSample({"account": "a"}, None)
    known = MetricSample({}, 1.5)
    assert exposed([Metric("jeoul_x", "gauge", "X.", (unknown,))]) == ""
    text = exposed([Metric("jeoul_x", "gauge", "X.", (unknown, known))])
    assert text.splitlines()[2:] == ["jeoul_x 1.5"]
