"""Terraform's JSON of a plan as records: what changes, why, and not a value of it."""

from __future__ import annotations

from typing import Any

from hpcctl.terraform.plans import parse_changes, parse_outputs


def _resource(actions: list[str], **more: Any) -> dict[str, Any]:
    change = {"actions": actions, **more.pop("change", {})}
    return {"address": "a", "mode": "managed", "type": "aws_instance", "change": change, **more}


def test_changes_when_nothing_happens_then_there_are_none() -> None:
    data = _resource(["read"], mode="data")
    assert parse_changes({"resource_changes": [_resource(["no-op"]), _resource(["read"]), data]}) == ()
    assert parse_changes({}) == ()


def test_changes_when_a_node_is_replaced_then_what_makes_it_necessary_is_named() -> None:
    change = {"before": {"ami": "x", "tags": {}}, "after": {"ami": "y", "tags": None}}
    paths = {"replace_paths": [["subnet_id"], ["subnet_id"], ["root_block_device", 0, "encrypted"]]}
    (found,) = parse_changes(
        {
            "resource_changes": [
                _resource(
                    ["delete", "create"],
                    index="node001",
                    action_reason="replace_because_cannot_update",
                    change={**change, **paths},
                )
            ]
        }
    )
    assert (found.node, found.destroys, found.replaces) == ("node001", True, True)
    assert found.attributes == ("subnet_id", "root_block_device")
    assert found.words == "a: delete and create (subnet_id, root_block_device)"
    assert found.cause == "replace_because_cannot_update"


def test_changes_when_something_is_updated_then_the_names_of_what_differs() -> None:
    change = {
        "before": {"type": "a", "same": 1, "secret": "x"},
        "after": {"type": "b", "same": 1, "secret": "y"},
        "after_unknown": {"arn": True},
    }
    (found,) = parse_changes({"resource_changes": [_resource(["update"], index=0, change=change)]})
    assert found.attributes == ("secret", "type")
    assert (found.node, found.destroys) == ("", False)


def test_changes_when_something_is_made_or_destroyed_then_there_is_nothing_to_compare() -> None:
    made, gone = parse_changes(
        {
            "resource_changes": [
                _resource(["create"], change={"before": None, "after": {"a": 1}}),
                _resource(["delete"], change={"before": {"a": 1}, "after": None}),
            ]
        }
    )
    assert made.attributes == gone.attributes == ()
    assert (made.destroys, gone.destroys, gone.replaces) == (False, True, False)


def test_outputs_when_some_are_unknown_then_only_those_that_are_known() -> None:
    shown = {"planned_values": {"outputs": {"a": {"value": 1}, "b": {"sensitive": False}}}}
    assert parse_outputs(shown) == {"a": 1}
