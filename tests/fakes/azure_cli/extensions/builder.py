"""Builds commands of an extension from the facts about their options (`az-commands.json`).

The classes are those of the Azure CLI's own framework (AAZ), in which the real extensions are
written: parsing, `--ids`, `--no-wait`, `wait` and error messages are its own.
"""

import json
import pathlib
from typing import ClassVar

from azure.cli.core.aaz import (
    AAZCommand,
    AAZDictArg,
    AAZHttpOperation,
    AAZIntArg,
    AAZListArg,
    AAZResourceGroupNameArg,
    AAZResourceLocationArg,
    AAZResourceLocationArgFormat,
    AAZStrArg,
    AAZWaitCommand,
    register_command,
)

FACTS = json.loads(pathlib.Path(__file__).with_name("commands.json").read_text(encoding="utf-8"))
CONFIRM = "Are you sure you want to perform this operation?"
# Destinations that the framework itself adds.
OF_THE_FRAMEWORK = {
    *("no_wait", "yes", "_ids", "timeout", "interval", "deleted", "created", "updated", "exists"),
    *("custom", "generic_update_add", "generic_update_set", "generic_update_remove"),
    *("generic_update_force_string", "pagination_token", "pagination_limit"),
}


class CommandOperation(AAZHttpOperation):
    """One request; `plan` is (method, path with {names}, API version, body or None)."""

    CLIENT_TYPE = "MgmtClient"

    def __init__(self, ctx, plan, may_last):
        super().__init__(ctx)
        self.may_last = may_last
        self.verb, self.path, self.version, self.data = plan
        self.result = None

    def __call__(self):
        session = self.client.send_request(request=self.make_request(), stream=False)
        status = session.http_response.status_code
        if status not in (200, 201, 202, 204):
            return self.on_error(session.http_response)
        if self.may_last and self.verb in ("PUT", "DELETE"):
            return self.client.build_lro_polling(
                self.ctx.args.no_wait,
                session,
                self.keep,
                self.on_error,
                lro_options={"final-state-via": "azure-async-operation"},
                path_format_arguments=self.url_parameters,
            )
        return self.keep(session)

    def keep(self, session):
        """Keep the body of the response."""
        text = session.http_response.text()
        self.result = json.loads(text) if text else None

    @property
    def url(self):
        """Return the address."""
        return self.client.format_url(self.path, **self.url_parameters)

    @property
    def method(self):
        """Return the method."""
        return self.verb

    @property
    def error_format(self):
        """Return the form of errors of Azure Resource Manager."""
        return "MgmtErrorFormat"

    @property
    def url_parameters(self):
        """Return the parts of the path: the arguments of the command with the same names."""
        values = {"subscription": self.ctx.subscription_id}
        for name, value in given(self.ctx).items():
            if f"{{{name}}}" in self.path:
                values[name] = value
        return {
            key: each
            for name, value in values.items()
            for key, each in self.serialize_url_param(name, value, required=True).items()
        }

    @property
    def query_parameters(self):
        """Return the API version."""
        return self.serialize_query_param("api-version", self.version, required=True)

    @property
    def header_parameters(self):
        """Return what JSON needs."""
        return {"Content-Type": "application/json", "Accept": "application/json"}

    @property
    def content(self):
        """Return the body."""
        return None if self.data is None else self.serialize_content(self.data)


class Command(AAZCommand):
    """A command; a subclass has `FACTS` and `perform(send, args)`, which returns the output."""

    FACTS: ClassVar = {}

    @classmethod
    def _build_arguments_schema(cls, *args, **kwargs):
        schema = super()._build_arguments_schema(*args, **kwargs)
        number = 0
        for name, fact in cls.FACTS["a"].items():
            if name in OF_THE_FRAMEWORK:
                continue
            part = None
            if fact.get("rid") and name not in ("resource_group", "resource_group_name"):
                part = "name" if number == 0 else f"child_name_{number}"
                number += 1
            setattr(schema, name, argument(name, fact, part))
        return schema

    def _handler(self, command_args):
        super()._handler(command_args)
        if self.AZ_SUPPORT_NO_WAIT:
            return self.build_lro_poller(self._operations, lambda *_: self.output)
        for _ in self._operations():
            pass
        return self.output

    def _operations(self):
        self.output = None
        steps = self.perform(given(self.ctx))
        operation = None
        while True:
            try:
                plan = steps.send(operation and operation.result)
            except StopIteration as end:
                self.output = end.value
                return
            operation = CommandOperation(self.ctx, plan, self.AZ_SUPPORT_NO_WAIT)
            poller = operation()
            if poller is not None:
                yield poller

    def perform(self, args):
        """Yield each `CommandOperation`, get the body of each response, return the output."""
        raise NotImplementedError


def given(ctx):
    """Return the arguments that a call has."""
    data = ctx.args.to_serialized_data()
    return data if isinstance(data, dict) else {}  # undefined, if there are none


class Wait(AAZWaitCommand, Command):
    """A `wait` command: the framework repeats `perform`."""


def argument(name, fact, part):
    """Return the argument of the framework for the facts about one."""
    keywords = {"options": fact["o"]}
    if fact.get("r") or fact.get("rid"):
        keywords["required"] = True
    if part:
        keywords["id_part"] = part
    if name in ("resource_group", "resource_group_name"):
        return AAZResourceGroupNameArg(required=bool(fact.get("r") or fact.get("rid")))
    if name == "location" and not fact.get("r"):
        inherited = AAZResourceLocationArgFormat(resource_group_arg="resource_group")
        return AAZResourceLocationArg(fmt=inherited)
    if fact.get("t") == "list":
        if "d" in fact:
            keywords["default"] = fact["d"]
        result = AAZListArg(**keywords)
        result.Element = AAZStrArg()
        return result
    if fact.get("t") == "dict" or name == "tags":
        result = AAZDictArg(**keywords)
        result.Element = AAZStrArg()
        return result
    if fact.get("t") == "int":
        return AAZIntArg(**keywords)
    if "c" in fact:
        keywords["enum"] = {each: each for each in fact["c"]}
    if "d" in fact:
        keywords["default"] = fact["d"]
    return AAZStrArg(**keywords)


def build(loader, extension, performers):
    """Fill the command table of an extension; a command without a performer says so."""
    for name, facts in FACTS.items():
        if facts["ext"] != extension:
            continue
        _add_groups(loader, name)
        base = Wait if name.endswith(" wait") else Command
        attributes = {
            "__doc__": f"Run `az {name}`.",
            "AZ_SUPPORT_NO_WAIT": bool(facts.get("nowait")) and base is Command,
            "AZ_SUPPORT_GENERIC_UPDATE": "generic_update_set" in facts["a"],
            "AZ_SUPPORT_PAGINATION": "pagination_token" in facts["a"],
            "FACTS": facts,
            "perform": performers.get(name) or missing(name),
            "_args_schema": None,
        }
        decorate = register_command(name, confirmation=CONFIRM if facts.get("confirm") else None)
        command = decorate(type("Command", (base,), attributes))
        loader.command_table[name] = command(loader=loader)


def _add_groups(loader, name):
    words = name.split()[:-1]
    for length in range(1, len(words) + 1):
        group = " ".join(words[:length])
        if group not in loader.command_group_table and group not in ("monitor",):
            with loader.command_group(group):
                pass


def missing(name):
    """Return a performer for a command that the fake knows, but cannot perform."""

    def perform(self, args):
        raise NotPerformed(f"az {name} is real, but the fake extension cannot perform it.")
        yield

    return perform


class NotPerformed(BaseException):
    """Ends the call, whoever catches exceptions: the test double has a gap."""
