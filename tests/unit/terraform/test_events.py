"""Messages of a real Terraform as records, and its errors in plain words."""

import json

import pytest

from hpcctl.terraform.events import Diagnostic, failure, parse_event, subject

NO_CAPACITY = Diagnostic(
    severity="error",
    summary="creating EC2 Instance: operation error EC2: RunInstances, https response error StatusCode: 500, "
    "RequestID: 1-2, api error InsufficientInstanceCapacity: We currently do not have sufficient\ncapacity.",
    address='module.nodes.aws_instance.this["node002"]',
)


def test_parse_when_a_resource_is_done_then_the_record_says_which_and_how_long() -> None:
    line = json.dumps(
        {
            "@message": 'module.nodes.aws_instance.this["head"]: Creation complete after 10s [id=i-1]',
            "type": "apply_complete",
            "hook": {
                "resource": {"addr": 'module.nodes.aws_instance.this["head"]'},
                "action": "create",
                "elapsed_seconds": 10,
            },
        }
    )
    event = parse_event(line)
    assert (event.kind, event.action, event.elapsed) == ("apply_complete", "create", 10.0)
    assert event.subject == "instance head"


def test_parse_when_outputs_have_values_then_they_are_kept_and_others_not() -> None:
    outputs = {"inventory": {"sensitive": False, "value": {"hosts": []}}, "later": {"action": "create"}}
    event = parse_event(json.dumps({"@message": "Outputs: 2", "type": "outputs", "outputs": outputs}))
    assert event.outputs == {"inventory": {"hosts": []}}


@pytest.mark.parametrize("line", ["Initializing modules...\n", "{", "[]", "null", '{"type": "x"}', ""])
def test_parse_when_not_a_message_then_it_is_text(line: str) -> None:
    event = parse_event(line)
    assert (event.kind, event.message) == ("text", line.rstrip("\n"))


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ('module.nodes.aws_instance.this["node001"]', "instance node001"),
        ("module.nodes.aws_placement_group.this[0]", "placement group"),
        ("module.network.aws_vpc.this", "VPC"),
        ("module.node_role.aws_iam_role.this", "IAM role"),
        ("", ""),
    ],
)
def test_subject_when_an_address_then_words(address: str, words: str) -> None:
    assert subject(address) == words


def test_diagnostic_when_from_aws_then_its_own_sentence_and_code() -> None:
    assert NO_CAPACITY.codes == ("InsufficientInstanceCapacity",)
    assert NO_CAPACITY.plain == (
        "instance node002: We currently do not have sufficient capacity. (InsufficientInstanceCapacity)"
    )


def test_failure_when_aws_has_no_capacity_then_the_hint_says_what_to_do() -> None:
    other = Diagnostic(severity="error", summary="another")
    warning = Diagnostic(severity="warning", summary="deprecated")
    error = failure("apply", [warning, NO_CAPACITY, other], [], "/w/terraform.log")
    assert error.codes == ("InsufficientInstanceCapacity",)
    assert error.message.endswith("(InsufficientInstanceCapacity) (and 1 more error)")
    assert "--zone" in error.hint
    assert "/w/terraform.log" in error.hint


def ended(node: str, why: str = "Server.InternalError: broken") -> Diagnostic:
    text = f"waiting for EC2 Instance (i-1) create: unexpected state 'terminated', wanted target 'running'. {why}"
    address = f'module.nodes.aws_instance.this["{node}"]'
    return Diagnostic(severity="error", summary=text, address=address)


def test_failure_when_machines_end_by_themselves_then_they_are_named() -> None:
    error = failure("apply", [ended("node001"), ended("head"), ended("head")], [], "log")
    assert error.died == ("node001", "head")


@pytest.mark.parametrize(
    "other",
    [
        NO_CAPACITY,
        Diagnostic(severity="error", summary="another"),
        ended("node002", "last error: Server.InsufficientInstanceCapacity: none free"),
        ended("node002", "last error: Client.VolumeLimitExceeded: Volume limit exceeded"),
    ],
)
def test_failure_when_a_second_machine_would_not_help_then_none_is_named(other: Diagnostic) -> None:
    assert failure("apply", [ended("node001"), other], [], "log").died == ()


def test_failure_when_only_text_then_what_follows_error_without_the_frame() -> None:
    text = [
        "Initializing...",
        "\x1b[31m╷\x1b[0m",
        "│ Error: Failed to query provider packages",
        "│ ",
        "│ no such host",
    ]
    error = failure("init", [], text, "log")
    assert error.message == "terraform init failed: Failed to query provider packages no such host"


def test_failure_when_nothing_was_said_then_it_says_so() -> None:
    assert failure("apply", [], [], "log").message == "terraform apply failed: no reason given"


def test_codes_when_a_machine_ended_by_itself_then_the_reason_of_its_state() -> None:
    text = (
        "waiting for EC2 Instance (i-1) create: unexpected state 'terminated', wanted target 'running'. "
        "last error: Server.InsufficientInstanceCapacity: We currently do not have sufficient c5.xlarge capacity"
    )
    assert Diagnostic(severity="error", summary=text).codes == ("InsufficientInstanceCapacity",)
