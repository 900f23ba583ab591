"""EC2's errors in EC2's shape: those that moto does not raise."""

from __future__ import annotations

import uuid
from xml.etree import ElementTree

from moto.ec2.exceptions import EC2ClientError
from werkzeug.exceptions import HTTPException


class ServerError(HTTPException):
    """An error for which EC2 blames itself (HTTP 5xx), so that clients treat it as such."""

    def __init__(self, code: str, message: str, *, status: int) -> None:
        super().__init__(error_document(code, message))
        self.code = status


def error_document(code: str, message: str) -> str:
    """The XML that EC2 answers an error with."""
    response = ElementTree.Element("Response")
    error = ElementTree.SubElement(ElementTree.SubElement(response, "Errors"), "Error")
    ElementTree.SubElement(error, "Code").text = code
    ElementTree.SubElement(error, "Message").text = message
    ElementTree.SubElement(response, "RequestID").text = str(uuid.uuid4())
    return ElementTree.tostring(response, encoding="unicode", xml_declaration=True)


def no_capacity(instance_type: str, zone: str) -> ServerError:
    """What RunInstances answers when a zone is full."""
    message = (
        f"We currently do not have sufficient {instance_type} capacity in the Availability Zone you requested "
        f"({zone}). Our system will be working on provisioning additional capacity."
    )
    return ServerError("InsufficientInstanceCapacity", message, status=500)


def incorrect_state(instance_id: str, verb: str) -> EC2ClientError:
    """The instance cannot be started, stopped, … from the state it is in."""
    message = f"The instance '{instance_id}' is not in a state from which it can be {verb}."
    return EC2ClientError("IncorrectInstanceState", message)


def client_error(code: str, message: str) -> EC2ClientError:
    """Any other error that is the caller's."""
    return EC2ClientError(code, message)
