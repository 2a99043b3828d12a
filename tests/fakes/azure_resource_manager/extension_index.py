"""What the Azure CLI asks about itself: newer versions, the index of extensions, their wheels.

Source: the form of `index.json` in azure-cli-extensions. Only previews of these two exist.
"""

import hashlib

from .errors import NotSimulated
from .http import ServiceResponse
from .routing import Call, route

INDEX = r"aka\.ms|azcliprod\.blob\.core\.windows\.net"
WHEELS = "https://azcliprod.blob.core.windows.net/wheels"


def build_wheel(name: str, version: str) -> bytes:
    """Return the wheel of an extension; whoever runs the Azure CLI provides this."""
    raise NotSimulated(f"the wheel of {name} {version}")


@route("GET", "/(azure-cli-extension-index-v1|cli-extensions/index.*)", INDEX)
def index(call: Call) -> ServiceResponse:
    """Return all versions of all extensions."""
    found = {
        name: [_entry(name, version) for version in versions]
        for name, versions in call.state.data["extension_index"].items()
    }
    return ServiceResponse({"formatVersion": "1", "extensions": found})


def _entry(name: str, version: str) -> dict[str, object]:
    file = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    metadata = {"name": name, "version": version, "azext.minCliCoreVersion": "2.75.0"}
    return {
        "downloadUrl": f"{WHEELS}/{file}",
        "filename": file,
        "metadata": metadata | {"azext.isPreview": "b" in version},
        "sha256Digest": hashlib.sha256(build_wheel(name, version)).hexdigest(),
    }


@route("HEAD", "/cli", INDEX)
@route("GET", "/cli/{package}/setup.py", INDEX)
def newest_version(call: Call, **_: str) -> ServiceResponse:
    """Return nothing about newer versions: the Azure CLI goes on without."""
    return ServiceResponse(status=404)


@route("GET", "/azExtCmdTree", INDEX)
def commands_of_extensions(call: Call) -> ServiceResponse:
    """Return that no extension that is not installed has a command."""
    return ServiceResponse({})


@route("GET", "/wheels/{file}", INDEX)
def wheel(call: Call, file: str) -> ServiceResponse:
    """Return a wheel."""
    name, version = file.split("-")[:2]
    return ServiceResponse(build_wheel(name.replace("_", "-"), version))
