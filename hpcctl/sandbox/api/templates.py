"""Launch templates of one region: their tags, and the network cards that a launch takes from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.ec2.models import EC2Backend


class LaunchTemplates(EC2Backend):
    """The part of the EC2 backend that launch templates are. A mixin: see ``backend.SandboxEC2``."""

    def create_launch_template(
        self, name: str, description: str, template_data: dict[str, Any], tag_spec: Any
    ) -> Any:
        """CreateLaunchTemplate. The tags of the template itself are no part of what it says of instances."""
        of_instances = [
            spec
            for spec in template_data.pop("TagSpecifications", ())
            if spec["ResourceType"] != "launch-template"
        ]
        data = {**template_data, **({"TagSpecifications": of_instances} if of_instances else {})}
        return super().create_launch_template(name, description, data, tag_spec)

    def template_cards(self, named: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The network cards of the template that a launch names by its id or its name."""
        if named.get("LaunchTemplateId"):
            template = self.get_launch_template(named["LaunchTemplateId"])
        else:
            template = self.get_launch_template_by_name(named["LaunchTemplateName"])
        data = template.get_version(named.get("Version") or "$Default").data
        return [dict(card) for card in data.get("NetworkInterfaces", ())]
