"""Configuration and app settings of function apps.

Rules: azure-cli 2.91.0, `command_modules/appservice/custom.py` (`update_app_settings`,
`delete_app_settings`) and the page "App settings reference for Azure Functions", section Flex
Consumption plan deprecations.
"""

import json
import re
from typing import Any

from ..call import Call
from ..errors import CallFailed, ServiceError
from .apps import FLEX, find, restart
from .plans import SITE, tier_of

KEY = re.compile(r"AccountKey=|SharedAccessKey=|SharedAccessSignature=", re.IGNORECASE)
FORCED_KEY = "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING"  # Elastic Premium cannot do without
NOT_ON_FLEX = {
    *("ENABLE_ORYX_BUILD", "FUNCTIONS_EXTENSION_VERSION", "FUNCTIONS_WORKER_RUNTIME"),
    *("FUNCTIONS_WORKER_RUNTIME_VERSION", "SCM_DO_BUILD_DURING_DEPLOYMENT"),
    *("WEBSITE_CONTENTAZUREFILECONNECTIONSTRING", "WEBSITE_CONTENTSHARE"),
    "WEBSITE_RUN_FROM_PACKAGE",
}
CONFIGURABLE = {
    "always_on": "alwaysOn",
    "ftps_state": "ftpsState",
    "http20_enabled": "http20Enabled",
    "min_tls_version": "minTlsVersion",
    "linux_fx_version": "linuxFxVersion",
}


def functionapp_config_appsettings_set(call: Call) -> Any:
    """Merge settings into those of the app and restart it; values are not printed."""
    app = call.subscription.get(call["group"], SITE, call["name"])
    if not call["settings"] and not call["slot_settings"]:
        raise CallFailed("Please provide either --settings or --slot-settings parameter.")
    given = parse_settings([*(call["settings"] or []), *(call["slot_settings"] or [])])
    if tier_of(call.subscription, app) == FLEX:
        for name in sorted(given.keys() & NOT_ON_FLEX):
            raise ServiceError(
                "BadRequest",
                f"The following app setting (Site.SiteConfig.AppSettings.{name}) for Flex "
                "Consumption sites is invalid.  Please remove or rename it before retrying.",
            )
    for name, value in given.items():
        _judge(call, name, value)
    settings = call.subscription.settings_of(app)
    settings |= given
    restart(call.subscription, app)
    return [{"name": name, "slotSetting": False, "value": None} for name in settings]


def parse_settings(texts: list[str]) -> dict[str, str]:
    """Return the settings of `key=value` texts or JSON; a value may hold `=` and `;`."""
    settings: dict[str, str] = {}
    for text in texts:
        if text.lstrip().startswith(("{", "[")):
            settings |= _parse_json(text)
            continue
        name, equals, value = text.partition("=")
        if not equals:
            raise CallFailed(
                f"Invalid setting format: '{text}'. Expected 'key=value' format or valid JSON."
            )
        settings[name] = value
    return settings


def _parse_json(text: str) -> dict[str, str]:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise CallFailed(f"Failed to parse JSON: {text}") from error
    if isinstance(values, list):
        return {each["name"]: each["value"] for each in values}
    return values


def _judge(call: Call, name: str, value: str) -> None:
    if KEY.search(value):
        call.find("key-in-setting", name)
    parts = [part for part in value.split(";") if part]
    if not value or (
        "=" in value and any(part.rstrip().endswith("=") and "Key" not in part for part in parts)
    ):
        call.find("empty-part", f"{name}={value}")


def functionapp_config_appsettings_list(call: Call) -> Any:
    """Return the settings with their values; nothing if there is no such app (`empty_on_404`)."""
    app = find(call.subscription, call["group"], call["name"])
    if app is None:
        return None
    settings = call.subscription.settings_of(app).items()
    return [{"name": name, "slotSetting": False, "value": value} for name, value in settings]


def functionapp_config_appsettings_delete(call: Call) -> Any:
    """Remove settings and restart the app; removing what is absent succeeds."""
    app = call.subscription.get(call["group"], SITE, call["name"])
    settings = call.subscription.settings_of(app)
    for name in call["setting_names"]:
        settings.pop(name, None)
    restart(call.subscription, app)
    return [{"name": name, "slotSetting": False, "value": None} for name in settings]


def functionapp_config_set(call: Call) -> Any:
    """Change the given properties of the configuration."""
    app = call.subscription.get(call["group"], SITE, call["name"])
    config = _config(call, app)
    if call["always_on"] and tier_of(call.subscription, app) in (FLEX, "Free"):
        message = "AlwaysOn cannot be set for this site as the plan does not allow it."
        raise ServiceError("Conflict", message)
    for parameter, name in CONFIGURABLE.items():
        if call[parameter] is not None:
            config["properties"][name] = call[parameter]
    restart(call.subscription, app)
    return functionapp_config_show(call)


def _config(call: Call, app: dict[str, Any]) -> dict[str, Any]:
    return call.subscription.get(call["group"], f"{SITE}/config", app["name"], "web")


def functionapp_config_show(call: Call) -> Any:
    """Return the configuration, its properties beside `id`."""
    app = call.subscription.get(call["group"], SITE, call["name"])
    config = _config(call, app)
    return {key: value for key, value in config.items() if key != "properties"} | config[
        "properties"
    ]
