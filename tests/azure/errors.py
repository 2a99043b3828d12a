"""Failures of a call, with the exit codes and the wording of Azure CLI 2.91."""


class CallFailed(Exception):
    """A call that ends with an error on stderr. Exit code 1: service or logic error."""

    exit_code = 1


class UsageError(CallFailed):
    """The command line is wrong: argparse ends with exit code 2."""

    exit_code = 2


class ServiceError(CallFailed):
    """Azure Resource Manager refused; the text is that of azure-core's HttpResponseError."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"({code}) {message}\nCode: {code}\nMessage: {message}")
        self.code = code


class NotFound(ServiceError):
    """Status 404: azure-cli-core's `handle_exception` ends with exit code 3."""

    exit_code = 3

    @classmethod
    def resource(cls, kind: str, name: str, group: str) -> "NotFound":
        """Return the error of Azure Resource Manager for a resource that does not exist."""
        return cls(
            "ResourceNotFound",
            f"The Resource '{kind}/{name}' under resource group '{group}' was not found. For more "
            "details please go to https://aka.ms/ARMResourceNotFoundFix",
        )


class NotSimulated(CallFailed):
    """A real command that the stand-in knows but cannot perform: never pretend success."""

    exit_code = 70

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is real, but the stand-in has no behaviour for it: add one.")
