"""What each hosting plan needs and forbids, as rules over what a project sends to Azure.

`tests/data/hosting-plans.json` and `tests/data/flex-consumption.json` hold the rules with their
sources. `*` stands for any value. Azure compares the names without their case.
"""

import json
from collections.abc import Iterable
from typing import Any

from template import TEMPLATE

# The properties of the plan, the app, its configuration and its settings, by name.
Sent = dict[str, dict[str, Any]]

DATA = TEMPLATE.root / "tests/data"
ANY = "*"
# Options of the Azure CLI that send a property of the plan or of the configuration.
OPTIONS = {
    "--always-on": ("siteConfig", "alwaysOn"),
    "--ftps-state": ("siteConfig", "ftpsState"),
    "--http20-enabled": ("siteConfig", "http20Enabled"),
    "--linux-fx-version": ("siteConfig", "linuxFxVersion"),
    "--max-burst": ("plan", "maximumElasticWorkerCount"),
    "--min-tls-version": ("siteConfig", "minTlsVersion"),
    "--prewarmed-instance-count": ("siteConfig", "preWarmedInstanceCount"),
    "--use-32bit-worker-process": ("siteConfig", "use32BitWorkerProcess"),
}
CONFIGURES = {"functionapp config set", "functionapp plan create", "functionapp plan update"}


def _rules() -> dict[str, dict[str, Sent]]:
    plans = json.loads((DATA / "hosting-plans.json").read_text(encoding="utf-8"))
    del plans["sources"]
    flex = json.loads((DATA / "flex-consumption.json").read_text(encoding="utf-8"))
    forbids = plans["flex-consumption"]["forbids"]
    forbids["siteConfig"] |= dict.fromkeys(flex["forbiddenSiteConfig"], ANY)
    forbids["appSettings"] = dict.fromkeys(flex["forbiddenAppSettings"], ANY)
    return plans


RULES = _rules()


def forbidden(hosting_plan: str, sent: Sent) -> list[str]:
    """Return what is sent although the plan forbids it."""
    return [
        f"{hosting_plan} forbids {part} {name}"
        for part, names in RULES[hosting_plan]["forbids"].items()
        for name, value in names.items()
        if _holds(sent.get(part, {}), name, value)
    ]


def missing(hosting_plan: str, sent: Sent) -> list[str]:
    """Return what the plan needs and nobody sends."""
    return [
        f"{hosting_plan} needs {part} {name}"
        for part, names in RULES[hosting_plan]["needs"].items()
        for name, value in names.items()
        if not _holds(sent.get(part, {}), name, value)
    ]


def _holds(given: dict[str, Any], name: str, value: Any) -> bool:
    folded = {key.lower(): each for key, each in given.items() if each is not None}
    return name.lower() in folded and value in (ANY, folded[name.lower()])


def refuses(hosting_plan: str, site_config: str) -> bool:
    """Return whether the plan refuses a property of the configuration, whatever its value."""
    return RULES[hosting_plan]["forbids"].get("siteConfig", {}).get(site_config) == ANY


def sent_by_state(state: dict[str, Any]) -> Sent:
    """Return what is sent, of the end state that `bicep_state.py` makes of a Bicep file."""
    resources = state["resources"].items()
    (plan,) = [each for _, each in resources if each["type"].endswith("/serverfarms")]
    (site,) = [each["properties"] for _, each in resources if each["type"].endswith("/sites")]
    config = dict(site.get("siteConfig") or {})
    for place, resource in resources:
        if place.endswith("/config/web"):
            config |= resource["properties"]
    inline = {each["name"]: each["value"] for each in config.pop("appSettings", None) or []}
    return {
        "plan": plan["properties"],
        "site": site,
        "siteConfig": config,
        "appSettings": inline | state["settings"],
    }


def sent_by_calls(calls: Iterable[dict[str, Any]]) -> Sent:
    """Return what is sent by calls of the Azure CLI, of their arguments."""
    sent: Sent = {"plan": {}, "siteConfig": {}, "appSettings": {}}
    for call in calls:
        given, command = call["argv"], call["command"]
        if command == "functionapp config appsettings set":
            sent["appSettings"] |= dict(_pairs(given, "--settings"))
        elif command == "resource update" and any("/config/web" in each for each in given):
            names = {name.removeprefix("properties."): v for name, v in _pairs(given, "--set")}
            sent["siteConfig"] |= names
        elif command in CONFIGURES:
            for option, (part, name) in OPTIONS.items():
                if option in given:
                    sent[part][name] = _value(given[given.index(option) + 1])
    return sent


def _pairs(argv: list[str], option: str) -> Iterable[tuple[str, Any]]:
    """Return the `name=value` arguments of an option."""
    for argument in argv[argv.index(option) + 1 :]:
        if argument.startswith("--"):
            return
        name, _, value = argument.partition("=")
        yield name, _value(value)


def _value(text: str) -> Any:
    return {"true": True, "false": False}.get(text.lower(), text)
