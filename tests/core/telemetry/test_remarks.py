"""The list of events to take away has what people wrote beside them."""

from __future__ import annotations

from core.telemetry.figures.detected import Detected
from core.telemetry.remarks import Remark, event_list
from tests.core.telemetry.figures.sample import detect_result

HOUR = 3_600_000


def test_events_carry_the_remarks_that_meet_them() -> None:
    """A remark on the parameter or on all counts where the times overlap, in the order given, with its author."""
    result = detect_result()
    event = Detected.of(result).events[0]
    remarks = [
        Remark("", event.start - HOUR, event.start, "safe mode", "Ann"),
        Remark(event.parameter, event.end, event.end + HOUR, "test"),
        Remark(event.parameter, event.end + HOUR, event.end + 2 * HOUR, "too late"),
        Remark("another", event.start, event.end, "elsewhere"),
    ]
    listed = event_list(result.tables["events"], remarks)
    own = listed[(listed.parameter == event.parameter) & (listed["rank"] == event.rank)]
    assert own.annotations.tolist() == ["safe mode (Ann); test"]
    alone = listed[listed.kind == "annotation"]
    assert alone.annotations.tolist() == ["too late", "elsewhere"]
    assert alone.start.dtype == result.tables["events"].start.dtype
    assert (listed.kind == "event").sum() == len(result.tables["events"])


def test_without_remarks_the_list_is_the_table() -> None:
    """Nothing is lost and nothing added but two columns."""
    events = detect_result().tables["events"]
    listed = event_list(events, [])
    assert list(listed.columns) == ["kind", *events.columns, "annotations"]
    assert listed[list(events.columns)].equals(events)


def test_a_remark_is_no_formula() -> None:
    """What a spreadsheet would compute is marked as text."""
    result = detect_result()
    event = Detected.of(result).events[0]
    listed = event_list(result.tables["events"], [Remark("", event.start, event.end, "=HYPERLINK(1)")])
    assert "'=HYPERLINK(1)" in listed.annotations.tolist()
