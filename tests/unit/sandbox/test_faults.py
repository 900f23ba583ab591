import pytest

from hpcctl.errors import SandboxError
from hpcctl.sandbox.faults import Fault, FaultBook, FaultKind

FULL = FaultKind.CAPACITY


def _event(**circumstances: str) -> Fault:
    return Fault(kind=FULL, **circumstances)


def test_a_fault_happens_as_often_as_it_says() -> None:
    book = FaultBook()
    book.add(Fault(kind=FULL, times=2))
    assert [book.happens(_event()) for _ in range(3)] == [True, True, False]
    assert book.pending() == ()


@pytest.mark.parametrize(
    ("fault", "event", "happens"),
    [
        (Fault(kind=FULL), _event(zone="us-east-1a", instance_type="c5.large"), True),
        (Fault(kind=FULL, zone="us-east-1a"), _event(zone="us-east-1a"), True),
        (Fault(kind=FULL, zone="us-east-1a"), _event(zone="us-east-1b"), False),
        (Fault(kind=FULL, zone="us-east-1a", instance_type="x"), _event(zone="us-east-1a"), False),
        (Fault(kind=FULL, node="node001"), _event(node="node001"), True),
        (Fault(kind=FULL, node="node001"), _event(node="node002"), False),
        (Fault(kind=FULL, seconds=5), _event(), True),
        (Fault(kind=FaultKind.THROTTLE), _event(), False),
        (Fault(kind=FaultKind.THROTTLE, action="A"), Fault(kind=FaultKind.THROTTLE, action="A"), True),
        (Fault(kind=FULL, agent="terraform"), _event(agent="terraform"), True),
        (Fault(kind=FULL, agent="terraform"), _event(agent="hpcctl"), False),
    ],
)
def test_a_fault_happens_where_its_conditions_are_met(fault: Fault, event: Fault, happens: bool) -> None:
    book = FaultBook()
    book.add(fault)
    assert book.happens(event) is happens
    assert (book.pending() == ()) is happens


def test_a_cleared_fault_does_not_happen() -> None:
    book = FaultBook()
    book.add(Fault(kind=FULL))
    book.clear()
    assert not book.happens(_event())


def test_a_fault_survives_the_way_through_json() -> None:
    fault = Fault(kind=FULL, times=3, zone="us-east-1a", instance_type="c5.large", node="head", seconds=2.5)
    assert Fault.from_json(fault.to_json()) == fault


@pytest.mark.parametrize(
    "data", [{}, {"kind": "flood"}, {"kind": "capacity", "colour": "red"}, {"kind": "throttle", "times": "x"}]
)
def test_what_is_not_a_fault_is_refused_with_the_kinds_there_are(data: dict[str, str]) -> None:
    with pytest.raises(SandboxError) as caught:
        Fault.from_json(data)
    assert "never-boots" in caught.value.hint
