"""The error bodies of Azure Resource Manager."""

from typing import Any


class ArmError(Exception):
    """A refusal: an HTTP status with `{"error": {"code", "message"}}`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message

    @property
    def body(self) -> dict[str, Any]:
        """Return the body in the form of the common ARM error contract."""
        return {"error": {"code": self.code, "message": self.message}}


class WebError(ArmError):
    """A refusal of Microsoft.Web, which has its own body.

    Source: azure-cli#31414 shows it with `ErrorEntity` and `ExtendedCode`.
    """

    def __init__(self, status: int, code: str, message: str, extended: str = "") -> None:
        super().__init__(status, code, message)
        self.extended = extended

    @property
    def body(self) -> dict[str, Any]:
        """Return the body with the fields that the Azure CLI prints."""
        entity = {"ExtendedCode": self.extended, "Code": self.code, "Message": self.message}
        details = [{"Message": self.message}, {"Code": self.code}, {"ErrorEntity": entity}]
        return {
            "Code": self.code,
            "Message": self.message,
            "Target": None,
            "Details": details,
            "Innererror": None,
        }


class NotSimulated(Exception):
    """A request for which the fake has no behaviour: it fails the test, never pretends success."""


def resource_not_found(kind: str, name: str, group: str) -> ArmError:
    """Return the error for a resource that does not exist."""
    return ArmError(
        404,
        "ResourceNotFound",
        f"The Resource '{kind}/{name}' under resource group '{group}' was not found. For more "
        "details please go to https://aka.ms/ARMResourceNotFoundFix",
    )


def group_not_found(group: str) -> ArmError:
    """Return the error for a resource group that does not exist."""
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")
