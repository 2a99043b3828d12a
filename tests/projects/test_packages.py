"""`scripts/package` makes what Azure runs: the whole app, its packages for Linux, and a proof.

Most of it is a helper in the language of the app, which both shells call: what the helper does is
tested in one shell, what it makes and says in both. TypeScript and JavaScript share their scripts.
"""

import base64
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pathspec
import pytest
import trustme

from bakery import Bakery
from defects import seed
from functions_host.environments import install_library_worker
from functions_host.host import Host
from functions_host.worker import Worker, node_worker, python_worker
from installed_project import ProjectCopy, node_variables
from machine import require
from registries import COMPANY, Proxy, Registry, source_distribution, sources, wheel
from running_app import App
from template import TEMPLATE, files_below

pytestmark = pytest.mark.slow
LANGUAGES = TEMPLATE.choices["language"]
SHELLS = ("bash", "pwsh")
VENDORED = ".python_packages/lib/site-packages"
FUNCTIONS = {
    "python": "process_order, process_payment, ship_order, start_order, validate_order",
    "csharp": "ProcessOrder, ProcessPayment, ShipOrder, StartOrder, ValidateOrder",
    "typescript": "processOrder, processPayment, shipOrder, startOrder, validateOrder",
}
FUNCTIONS["javascript"] = FUNCTIONS["typescript"]


@pytest.fixture(scope="module")
def project_of(
    bakery: Bakery, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], ProjectCopy]:
    """Return a function that returns the project of a language, installed as its README shows."""
    projects: dict[str, ProjectCopy] = {}

    def install(language: str) -> ProjectCopy:
        folder = tmp_path_factory.mktemp(language)
        variables = {"csharp": dotnet_variables, "python": dict}.get(language, node_variables)
        copy = ProjectCopy(bakery.bake(language=language), folder, **variables())
        *commands, _ = copy.test.splitlines()
        installed = copy.run("\n".join(commands))
        assert installed.returncode == 0, installed.stdout + installed.stderr
        return copy

    def dotnet_variables() -> dict[str, str]:
        require("dotnet")
        packages = str(tmp_path_factory.mktemp("packages"))
        return {"NUGET_PACKAGES": packages, "NuGetAudit": "false", "DOTNET_NOLOGO": "1"}

    def project(language: str) -> ProjectCopy:
        if language not in projects:
            projects[language] = install(language)
        return projects[language]

    return project


def packaged(project: ProjectCopy) -> set[str]:
    """Return the files of the package without those of other packages."""
    files = {path.as_posix() for path in files_below(project.path / "package")}
    return {file for file in files if not file.startswith(("node_modules/", VENDORED))}


# What the app has ------------------------------------------------------------------------------

# Files that somebody adds to src/; the second part is what the lines of .funcignore exclude.
KEPT = ("limits.json", "templates/receipt.txt", "orders/keep.csv", "data/secrets.json")
EXCLUDED = ("secrets.json", "samples/a.json", "orders/samples/a.json", "orders/drop.csv")
FUNCIGNORE = "\n/secrets.json\r\nsamples/\n*.csv\n!orders/keep.csv\n"
SECRET = (".env", "local.settings.staging.json")

# The app reads two of the files when it is loaded. The file, and what stands at its end then.
READS = {
    "python": (
        "src/orders/activities.py",
        "from pathlib import Path\n"
        'for name in ("limits.json", "templates/receipt.txt"):\n'
        "    (Path(__file__).parents[1] / name).read_text()\n",
    ),
    "typescript": (
        "src/orders/activities.ts",
        "import limits from '../limits.json';\n"
        "import { readFileSync } from 'node:fs';\n"
        "import path from 'node:path';\n"
        "console.log(limits, readFileSync(path.join(__dirname, '../templates/receipt.txt')));\n"
        "readFileSync('templates/receipt.txt');\n",
    ),
    "javascript": (
        "src/orders/activities.js",
        "require('../limits.json');\n"
        "const path = require('node:path').join(__dirname, '../templates/receipt.txt');\n"
        "require('node:fs').readFileSync(path);\n",
    ),
    "csharp": ("src/Models.cs", ""),
}
APP = {
    "python": {
        ".funcignore",
        "function_app.py",
        "host.json",
        *(
            f"orders/{name}.py"
            for name in ("__init__", "activities", "http", "models", "orchestrator")
        ),
        "requirements.txt",
    },
    "javascript": {
        ".funcignore",
        "host.json",
        *(f"orders/{name}.js" for name in ("activities", "http", "models", "orchestrator")),
        "package-lock.json",
        "package.json",
    },
}
APP["typescript"] = {file.replace("orders/", "dist/orders/") for file in APP["javascript"]}


@pytest.mark.parametrize(
    ("language", "shell"),
    [("python", "bash"), ("python", "pwsh"), ("typescript", "bash"), ("javascript", "pwsh")],
)
def test_the_package_holds_what_src_has_without_what_is_ignored(
    project_of: Callable[[str], ProjectCopy], language: str, shell: str
) -> None:
    project = project_of(language)
    file, code = READS[language]
    added = dict.fromkeys((f"src/{name}" for name in (*KEPT, *EXCLUDED, *SECRET)), "{}")
    changed = {
        file: project.read(file) + code,
        "src/.funcignore": project.read("src/.funcignore") + FUNCIGNORE,
    }
    if language == "javascript":  # what projects with Git hooks have
        manifest = project.read("src/package.json")
        changed["src/package.json"] = manifest.replace(
            '"scripts": {', '"scripts": {"prepare": "no",'
        )

    with project.changes(added | changed):
        result = project.package(shell)

    assert result.returncode == 0, result.stdout + result.stderr
    if language == "python":
        check_packages(project.path / "package" / VENDORED)
    # `!orders/keep.csv` says nothing of the copy in dist/.
    copies = {f"dist/{name}" for name in KEPT if not name.endswith(".csv")}
    beside = copies if language == "typescript" else set()
    assert packaged(project) == {*APP[language], *KEPT, *beside}
    last = result.stdout.splitlines()[-1]
    assert last == f"package/ is ready, with the functions {FUNCTIONS[language]}."


# A module in a folder of its own, with a file that it reads; the first activity uses it.
IN_A_NEW_FOLDER = {
    "python": {
        "src/orders/rules/__init__.py": "",
        "src/orders/rules/limits.py": "import json\nfrom pathlib import Path\n\n"
        'LIMITS = json.loads((Path(__file__).parent / "limits.json").read_text())\n',
        "src/orders/activities.py": (
            "PAYMENT_LIMIT = 10_000",
            'from orders.rules.limits import LIMITS\n\nPAYMENT_LIMIT = LIMITS["payment"]',
        ),
    },
    "typescript": {
        "src/orders/rules/limits.ts": "import limits from './limits.json';\n\n"
        "export const PAYMENT_LIMIT = limits.payment;\n",
        "src/orders/activities.ts": (
            "const PAYMENT_LIMIT = 10_000;",
            "import { PAYMENT_LIMIT } from './rules/limits';",
        ),
    },
    "javascript": {
        "src/orders/rules/limits.js": "exports.PAYMENT_LIMIT = require('./limits.json').payment;\n",
        "src/orders/activities.js": (
            "const PAYMENT_LIMIT = 10_000;",
            "const { PAYMENT_LIMIT } = require('./rules/limits');",
        ),
    },
}


@pytest.mark.parametrize("language", IN_A_NEW_FOLDER)
def test_the_package_runs_in_an_empty_folder(
    project_of: Callable[[str], ProjectCopy], tmp_path: Path, language: str
) -> None:
    """The SDK's own worker loads what was packaged, and nothing else, and completes an order."""
    project = project_of(language)
    changes = {"src/orders/rules/limits.json": '{"payment": 15}'}
    edits = dict(IN_A_NEW_FOLDER[language])
    if language == "python":  # this Python, so that it can load packages with native parts
        here = f'VERSION = "{sys.version_info[0]}.{sys.version_info[1]}"'
        edits["scripts/package.py"] = ('VERSION = "3.13"', here)
    for file, edit in edits.items():
        changes[file] = edit if isinstance(edit, str) else seed(project.read(file), *edit)
    with project.changes(changes):
        result = project.package("bash")
    assert result.returncode == 0, result.stdout + result.stderr

    alone = tmp_path / "app"
    shutil.copytree(project.path / "package", alone)
    with Host(worker_of(language, alone, tmp_path)) as host:
        app = App(host, language, "function-chaining")
        names = itertools.chain.from_iterable(app.contract["functions"].values())
        assert set(host.functions) == set(map(app.spelled, names))
        outputs = [app.process(app.order | {"total": total})[0]["output"] for total in (15, 15.01)]
    assert [output.get("reason") for output in outputs] == [None, "payment failed"]


def worker_of(language: str, package: Path, folder: Path) -> Worker:
    """Load a package in a worker that has no packages of its own."""
    if language != "python":
        path = node_variables()["PATH"]
        return node_worker(package, node=(shutil.which("node", path=path) or "node",))
    environment = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin/python"
    install_library_worker(python)
    return python_worker(python, package, {"PYTHONPATH": str(package / VENDORED)})


@pytest.mark.parametrize("shell", SHELLS)
def test_the_package_of_csharp_holds_the_files_that_the_code_reads(
    project_of: Callable[[str], ProjectCopy], shell: str
) -> None:
    """`dotnet publish` compiles the rest, and `Orders.csproj` excludes settings."""
    project = project_of("csharp")
    with project.changes(dict.fromkeys((f"src/{name}" for name in (*KEPT, *SECRET)), "{}")):
        result = project.package(shell)

    assert result.returncode == 0, result.stdout + result.stderr
    assert {file for file in packaged(project) if not file.endswith((".dll", ".pdb"))} == {
        *KEPT,
        "host.json",
        "Orders.deps.json",
        "Orders.runtimeconfig.json",
    }
    assert "package/Orders.Tests.dll" not in packaged(project)
    last = result.stdout.splitlines()[-1]
    assert last == f"package/ is ready, with the functions {FUNCTIONS['csharp']}."


def files_to_deploy(src: Path) -> set[str]:
    """Return the files that `.funcignore` leaves in a package, read as git reads `.gitignore`."""
    ignored = pathspec.GitIgnoreSpec.from_lines((src / ".funcignore").read_text().splitlines())
    files = {path.as_posix() for path in files_below(src)}
    return {file for file in files if not ignored.match_file(file)}


def files_that_core_tools_deploy(src: Path) -> set[str]:
    """Return them as `func azure functionapp publish` does: a pattern is the start of a path.

    Source: GitIgnoreParser.cs of azure-functions-core-tools.
    """
    lines = (src / ".funcignore").read_text().splitlines()
    patterns = [re.escape(line.removeprefix("/")) for line in lines if not line.startswith("#")]
    starts = "|".join(
        pattern.replace(r"\*\*", "(.+)").replace(r"\*", "([^/]+)") for pattern in patterns
    )
    files = {path.as_posix() for path in files_below(src)}
    return {file for file in files if not re.match(rf"(?:{starts})\b", file)}


@pytest.mark.parametrize("language", APP)
def test_core_tools_leave_the_same_files(
    project_of: Callable[[str], ProjectCopy], language: str
) -> None:
    """For those who publish `src/` themselves, with the Core Tools or Visual Studio Code."""
    project = project_of(language)
    src = project.path / "src"
    if language == "typescript":
        assert project.run("npm run build", src).returncode == 0
    compiled = "src/orders/__pycache__/http.cpython-313.pyc"
    with project.changes({compiled: ""} if language == "python" else {}):
        ours = files_to_deploy(src)
        # Whatever it says, they leave out .funcignore and local.settings.json.
        theirs = files_that_core_tools_deploy(src) | {".funcignore"}
    assert {file for file in ours if not file.startswith("node_modules/")} == APP[language]
    by_core_tools = {file for file in theirs if not file.startswith("node_modules/")}
    assert by_core_tools - {"local.settings.json"} == APP[language]


# The packages are those of Azure -----------------------------------------------------------------


def check_packages(folder: Path) -> None:
    """Python's packages have the compiled parts for Azure, and no others."""
    vendored = [path.as_posix() for path in files_below(folder)]
    assert "azure/durable_functions/__init__.py" in vendored
    compiled = [file for file in vendored if file.endswith((".so", ".pyd"))]
    assert compiled, "aiohttp, for one, has compiled parts"
    assert not [file for file in compiled if "cpython-313-x86_64-linux-gnu" not in file]


# Node.js and npm take a machine for a Mac by these.
MAC = """
const fs = require('node:fs');
Object.defineProperty(process, 'platform', { value: 'darwin' });
Object.defineProperty(process, 'arch', { value: 'arm64' });
process.report.getReport = () => ({ header: {}, sharedObjects: [] });
const { readFileSync } = fs;
fs.readFileSync = (file, ...options) =>
  readFileSync(file === '/usr/bin/ldd' ? '/no/ldd/on/a/mac' : file, ...options);
"""
SYSTEMS = {
    "linux-x64": {"os": ["linux"], "cpu": ["x64"], "libc": ["glibc"]},
    "linuxmusl-x64": {"os": ["linux"], "cpu": ["x64"], "libc": ["musl"]},
    "darwin-arm64": {"os": ["darwin"], "cpu": ["arm64"]},
}


@pytest.fixture
def npm_registry() -> Iterator[Registry]:
    """Yield a registry of two packages with native parts."""
    with Registry("Bearer npm-token") as registry:
        parts = {f"@company/image-{system}": "1.0.0" for system in SYSTEMS}
        image = {"name": "@company/image", "version": "1.0.0", "optionalDependencies": parts}
        load = "require(`@company/image-${process.platform}-${process.arch}`);"
        registry.add_npm(image, {"index.js": load})
        for system, needs in SYSTEMS.items():
            part = {"name": f"@company/image-{system}", "version": "1.0.0", **needs}
            # Other content each time, so that the cache of npm does not have it.
            registry.add_npm(part, {"index.js": f"// {registry.url}\n"})
        compile_it = (
            "mkdir -p build/Release && printf '\\317\\372\\355\\376' > build/Release/x.node"
        )
        scripts = {"install": compile_it}
        registry.add_npm(
            {"name": "@company/compiled", "version": "1.0.0", "scripts": scripts}, {"index.js": ""}
        )
        yield registry


def add_npm_package(
    project: ProjectCopy, registry: Registry, name: str, authorization: str = "", **variables: str
) -> dict[str, str]:
    """Return the files of a project that uses a package of a company's registry."""
    src = project.path / "src"
    token = authorization or f"//{registry.host}/:_authToken=${{COMPANY_TOKEN}}\n"
    npmrc = f"{project.read('src/.npmrc')}@company:registry={registry.url}/\n{token}"
    variables = {"COMPANY_TOKEN": "npm-token"} | variables
    changed = {
        f"src/{file}": project.read(f"src/{file}") for file in ("package.json", "package-lock.json")
    }
    with project.changes({"src/.npmrc": npmrc} | changed):
        added = project.run(f"npm install --package-lock-only {name}", src, **variables)
        assert added.returncode == 0, added.stderr
        changed = {file: project.read(file) for file in changed}
    http = project.read("src/orders/http.js")
    return {"src/.npmrc": npmrc, "src/orders/http.js": f"require('{name}');\n{http}"} | changed


def test_npm_packages_of_a_company_are_for_azure_also_from_a_mac(
    project_of: Callable[[str], ProjectCopy], npm_registry: Registry, tmp_path: Path
) -> None:
    project = project_of("javascript")
    changed = add_npm_package(project, npm_registry, "@company/image")
    mac = tmp_path / "mac.cjs"
    mac.write_text(MAC, encoding="utf-8")
    with project.changes(changed):
        result = project.package("bash", COMPANY_TOKEN="npm-token", NODE_OPTIONS=f"--require {mac}")

    output = result.stdout + result.stderr
    assert result.returncode == 0, output
    parts = (project.path / "package/node_modules/@company").glob("image-*")
    assert [path.name for path in parts] == ["image-linux-x64"]
    assert "so the app is checked with the same packages for this system" in result.stdout
    assert not (project.path / "package/.npmrc").exists(), "it names the token"
    assert "npm-token" not in output


def test_a_package_that_npm_compiles_for_another_system_is_refused(
    project_of: Callable[[str], ProjectCopy], npm_registry: Registry
) -> None:
    project = project_of("javascript")
    with project.changes(add_npm_package(project, npm_registry, "@company/compiled")):
        result = project.package("pwsh", COMPANY_TOKEN="npm-token")
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == (
        "npm has compiled node_modules/@company/compiled/build/Release/x.node for this system: "
        "make the package on Linux x64, as the workflow ci does."
    )
    assert not (project.path / "package").exists()


TOKEN = base64.b64encode(b"person:index-password").decode()
PASSWORD = f"Basic {TOKEN}"

# The index of a company --------------------------------------------------------------------------


@pytest.fixture
def index() -> Iterator[Registry]:
    """Yield an index of Python packages that asks for a password."""
    with Registry(PASSWORD) as registry:
        registry.add_python("company-tools", *wheel("company-tools"))
        registry.add_python("built-tools", *source_distribution("built-tools"))
        registry.add_python(
            "mac-tools", *source_distribution("mac-tools", "cp313-cp313-macosx_11_0_arm64")
        )
        yield registry


def with_password(index: Registry) -> str:
    return f"http://person:index-password@{index.host}/simple"


CONFIGURATIONS = {
    "PIP_INDEX_URL": ({"PIP_INDEX_URL": "{url}"}, ""),
    "PIP_EXTRA_INDEX_URL": ({"PIP_EXTRA_INDEX_URL": "{url} {url}"}, ""),
    "a file": ({}, "[global]\nindex-url = {url}\n"),
    "a section for install": (
        {},
        "[global]\nindex-url = http://127.0.0.1:9/\n[install]\nindex-url = {url}\n",
    ),
    "several lines": ({}, "[global]\nextra-index-url =\n    {url}\n    {url}/\n"),
    "a folder of wheels": ({"PIP_FIND_LINKS": "{folder}", "PIP_NO_INDEX": "1"}, ""),
    "uv's own variable": ({"PIP_INDEX_URL": "http://127.0.0.1:9/", "UV_INDEX_URL": "{url}"}, ""),
}


@pytest.mark.parametrize(("variables", "file"), CONFIGURATIONS.values(), ids=CONFIGURATIONS.keys())
def test_uv_finds_the_packages_that_pip_finds(
    project_of: Callable[[str], ProjectCopy],
    index: Registry,
    tmp_path: Path,
    variables: dict[str, str],
    file: str,
) -> None:
    """With an empty cache: what is there already needs no index."""
    name, content = wheel("company-tools")
    (tmp_path / name).write_bytes(content)
    values = {"url": with_password(index), "folder": str(tmp_path)}
    (tmp_path / "pip.conf").write_text(file.format(**values), encoding="utf-8")
    given = {key: value.format(**values) for key, value in variables.items()}

    result = project_of("python").run(
        f"source .venv/bin/activate && python scripts/uv.py pip install company-tools "
        f"--target '{tmp_path / 'target'}'",
        PIP_CONFIG_FILE=str(tmp_path / "pip.conf"),
        UV_CACHE_DIR=str(tmp_path / "cache"),
        NO_PROXY="127.0.0.1",
        **given,
    )

    output = result.stdout + result.stderr
    assert result.returncode == 0, output
    assert (tmp_path / "target/company_tools.py").exists()
    assert "index-password" not in output


# Options of pip -> what uv gets.
TRANSLATED = {
    "a proxy": (
        {"PIP_PROXY": "http://proxy:3128"},
        {"HTTPS_PROXY": "http://proxy:3128", "HTTP_PROXY": "http://proxy:3128"},
    ),
    "certificates": ({"PIP_CERT": "/ca.pem"}, {"SSL_CERT_FILE": "/ca.pem"}),
    "certificates for requests": ({"REQUESTS_CA_BUNDLE": "/r.pem"}, {"SSL_CERT_FILE": "/r.pem"}),
    "a folder of certificates": ({"PIP_CERT": "/"}, {"SSL_CERT_DIR": "/"}),
    "a client certificate": ({"PIP_CLIENT_CERT": "/me.pem"}, {"SSL_CLIENT_CERT": "/me.pem"}),
    "trusted hosts": ({"PIP_TRUSTED_HOST": "a b"}, {"UV_INSECURE_HOST": "a b"}),
    "a time limit": ({"PIP_DEFAULT_TIMEOUT": "60"}, {"UV_HTTP_TIMEOUT": "60"}),
    "constraints": ({"PIP_CONSTRAINT": "c.txt"}, {"UV_CONSTRAINT": "c.txt"}),
    "a keyring": ({"PIP_KEYRING_PROVIDER": "import"}, {"UV_KEYRING_PROVIDER": "subprocess"}),
    "the system's certificates": ({}, {"UV_SYSTEM_CERTS": "true"}),
    "several indexes": (
        {"PIP_EXTRA_INDEX_URL": "http://a"},
        {"UV_INDEX": "http://a", "UV_INDEX_STRATEGY": "unsafe-best-match"},
    ),
}


@pytest.mark.parametrize(("given", "expected"), TRANSLATED.values(), ids=TRANSLATED.keys())
def test_uv_gets_the_options_of_pip(
    bakery: Bakery, tmp_path: Path, given: dict[str, str], expected: dict[str, str]
) -> None:
    fake = tmp_path / "uv"
    fake.write_text("#!/bin/sh\nenv\n", encoding="utf-8")
    fake.chmod(0o755)
    neutral = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "UV_", "SSL_")) and "CA_BUNDLE" not in name
    }
    environment = neutral | {
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "PIP_CONFIG_FILE": os.devnull,
    }
    command = [sys.executable, bakery.bake().path / "scripts/uv.py"]
    result = subprocess.run(command, env=environment | given, capture_output=True, text=True)
    found = dict(line.split("=", 1) for line in result.stdout.splitlines() if "=" in line)
    assert expected.items() <= found.items(), result.stderr


def test_python_packages_from_a_company_from_sources_and_from_git(
    project_of: Callable[[str], ProjectCopy], index: Registry, tmp_path: Path
) -> None:
    """The second time everything is in the cache: that must make no difference."""
    project = project_of("python")
    repository = tmp_path / "repository"
    repository.mkdir()
    for name, content in sources("git-tools").items():
        (repository / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    commit = "git -c user.name=a -c user.email=a@b commit -qm first"
    committed = project.run(f"git init -q && git add -A && {commit}", repository)
    assert committed.returncode == 0, committed.stderr
    requirements = f"company-tools\nbuilt-tools\ngit-tools @ git+file://{repository}\n"
    app = project.read("src/function_app.py")
    changed = {
        "src/requirements.txt": project.read("src/requirements.txt") + requirements,
        "src/function_app.py": f"import company_tools, built_tools, git_tools\n{app}",
    }
    variables = {
        "PIP_EXTRA_INDEX_URL": with_password(index),
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "NO_PROXY": "127.0.0.1",
    }
    with project.changes(changed):
        for shell in SHELLS:
            result = project.package(shell, **variables)
            output = result.stdout + result.stderr
            assert result.returncode == 0, output
            vendored = project.path / "package" / VENDORED
            for module in ("company_tools", "built_tools", "git_tools"):
                assert (vendored / f"{module}.py").exists()
            assert "index-password" not in output


def test_a_python_package_that_is_built_for_another_system_is_refused(
    project_of: Callable[[str], ProjectCopy], index: Registry
) -> None:
    project = project_of("python")
    requirements = {"src/requirements.txt": "mac-tools\n"}
    with project.changes(requirements):
        result = project.package("pwsh", PIP_INDEX_URL=with_password(index), NO_PROXY="127.0.0.1")
    assert result.returncode == 1
    assert "mac-tools" in result.stderr
    assert result.stderr.splitlines()[-1].endswith(
        "A package without a wheel for Linux has to be built on Linux x64 with Python 3.13, "
        "as the workflow ci does."
    )
    assert not (project.path / "package").exists()


# The network of a company ------------------------------------------------------------------------


class Network(NamedTuple):
    """An index whose name exists behind a proxy only, and the authority that vouches for it."""

    index: Registry
    proxy: Proxy
    authority: Path

    def variables(self, certificates: str) -> dict[str, str]:
        """Return the variables for the proxy, and one for the certificates."""
        return {"HTTPS_PROXY": self.proxy.url, "NO_PROXY": "", certificates: str(self.authority)}


@pytest.fixture
def network(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Network]:
    """Yield a network whose index demands a header: the parameter of the fixture."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "company.pem")
    certificate = authority.issue_cert(COMPANY)
    with Registry(request.param, certificate) as index, Proxy(index) as proxy:
        yield Network(index, proxy, tmp_path / "company.pem")


def check_network(network: Network, result: subprocess.CompletedProcess) -> None:
    """The packages came through the proxy, and the log has no password."""
    output = result.stdout + result.stderr
    assert result.returncode == 0, output
    assert COMPANY in network.proxy.hosts
    assert "index-password" not in output


behind = pytest.mark.parametrize("network", [PASSWORD], indirect=True)


@behind
def test_npm_behind_a_proxy_with_a_ca(
    project_of: Callable[[str], ProjectCopy], network: Network
) -> None:
    project = project_of("javascript")
    manifest = {"name": "@company/rules", "version": "1.0.0"}
    network.index.add_npm(manifest, {"index.js": f"// {network.proxy.url}\n"})
    # The registry answers no audit, and npm would wait more than a minute for it.
    quick = {"npm_config_audit": "false", "npm_config_fetch_retries": "0"}
    variables = network.variables("NODE_EXTRA_CA_CERTS") | {"COMPANY_TOKEN": TOKEN} | quick
    authorization = f"//{COMPANY}/:_auth=${{COMPANY_TOKEN}}\n"
    changed = add_npm_package(project, network.index, "@company/rules", authorization, **variables)
    with project.changes(changed):
        result = project.package("bash", **variables)
    check_network(network, result)
    assert (project.path / "package/node_modules/@company/rules/index.js").exists()


@behind
def test_uv_behind_a_proxy_with_a_ca(
    project_of: Callable[[str], ProjectCopy], network: Network, tmp_path: Path
) -> None:
    """The variables of pip, which `scripts/uv.py` translates; `scripts/package` calls it, too."""
    network.index.add_python("company-tools", *wheel("company-tools"))
    target = tmp_path / "target"
    result = project_of("python").run(
        f"source .venv/bin/activate && python scripts/uv.py pip install company-tools "
        f"--target '{target}'",
        PIP_INDEX_URL=f"https://person:index-password@{COMPANY}/simple",
        PIP_PROXY=network.proxy.url,
        PIP_CERT=str(network.authority),
        NO_PROXY="",
        UV_CACHE_DIR=str(tmp_path / "cache"),
    )
    check_network(network, result)
    assert (target / "company_tools.py").exists()


NUGET = """<configuration>
  <packageSources>
    <clear />
    <add key="company" value="https://{host}/v3/index.json" />
  </packageSources>
  <packageSourceCredentials>
    <company>
      <add key="Username" value="person" />
      <add key="ClearTextPassword" value="%COMPANY_PASSWORD%" />
      <add key="ValidAuthenticationTypes" value="basic" />
    </company>
  </packageSourceCredentials>
</configuration>
"""
# The dotnet of a machine without a network has a feed of its own: keep it beside the file.
FROM_FILE = """  <PropertyGroup>
    <RestoreAdditionalProjectSources>$(RestoreSources)</RestoreAdditionalProjectSources>
    <RestoreSources />
  </PropertyGroup>
"""


@behind
def test_nuget_behind_a_proxy_with_a_ca(
    project_of: Callable[[str], ProjectCopy], network: Network
) -> None:
    """The source and its credentials are in a file above the project."""
    project = project_of("csharp")
    network.index.add_nuget("Company.Tools")
    app = project.read("src/Orders.csproj")
    versions = project.read("Directory.Packages.props")
    reference, version = (
        f'  <ItemGroup>\n    <Package{kind} Include="Company.Tools"{number} />\n  </ItemGroup>\n'
        for kind, number in (("Reference", ""), ("Version", ' Version="1.0.0"'))
    )
    changed = {
        "src/Orders.csproj": seed(app, "</Project>", f"{FROM_FILE}{reference}</Project>"),
        "Directory.Packages.props": seed(versions, "</Project>", f"{version}</Project>"),
        "../nuget.config": NUGET.format(host=COMPANY),
    }
    variables = network.variables("SSL_CERT_FILE") | {"COMPANY_PASSWORD": "index-password"}
    with project.changes(changed):
        result = project.package("bash", **variables)
    check_network(network, result)
    assert '"Company.Tools/1.0.0"' in project.read("src/obj/project.assets.json")


# The proof ---------------------------------------------------------------------------------------

DOES_NOT_LOAD = "The app in package/ does not load: see the error above. "
NO_FUNCTIONS = "The app in package/ has no functions: "
HELD = "package/ holds the files of src/ that src/.funcignore does not exclude, and the "
REMOVE_AN_ASSEMBLY = """  <Target Name="Remove" AfterTargets="Publish">
    <Delete Files="$(PublishDir)/Microsoft.DurableTask.Abstractions.dll" />
  </Target>
</Project>"""

WITHOUT_FUNCTIONS = """  <ItemGroup>
    <Compile Remove="OrderHttp.cs;OrderOrchestrator.cs;OrderActivities.cs" />
  </ItemGroup>
</Project>"""

# What is wrong -> language, shell, file, old text, new text, what the error mentions, the end.
MISTAKES = {
    "a package for development": (
        ("python", "bash"),
        ("src/orders/http.py", "import json", "import json\n\nimport pytest"),
        ("No module named 'pytest'", f"{DOES_NOT_LOAD}{HELD}packages of src/requirements.txt."),
    ),
    "a file outside of src": (
        ("python", "pwsh"),
        ("src/orders/http.py", "import json", "import json\nopen('../requests/contract.json')"),
        ("../requests/contract.json", f"{DOES_NOT_LOAD}{HELD}packages of src/requirements.txt."),
    ),
    "no function": (
        ("python", "bash"),
        ("src/function_app.py", "app.register_functions(", "print("),
        ("", f"{NO_FUNCTIONS}register them in src/function_app.py."),
    ),
    "a package that does not exist": (
        ("python", "pwsh"),
        ("src/requirements.txt", "azure-functions>=", "azure-funktions>="),
        ("azure-funktions", "as the workflow ci does."),
    ),
    "a development dependency": (
        ("javascript", "bash"),
        ("src/orders/http.js", "const ", "require('typescript');\nconst "),
        (
            "Cannot find module 'typescript'",
            f"{DOES_NOT_LOAD}{HELD}dependencies (not the devDependencies) of src/package.json.",
        ),
    ),
    "a module outside of src": (
        ("typescript", "pwsh"),
        ("src/orders/http.ts", "import ", "require('../../../requests/contract.json');\nimport "),
        (
            "requests/contract.json",
            f"{DOES_NOT_LOAD}{HELD}dependencies (not the devDependencies) of src/package.json.",
        ),
    ),
    "a main that matches nothing": (
        ("javascript", "pwsh"),
        ("src/package.json", "orders/*.js", "order/*.js"),
        ("", f'{NO_FUNCTIONS}"main" in src/package.json must match their files.'),
    ),
    "TypeScript that does not compile": (
        ("typescript", "bash"),
        ("src/orders/http.ts", "const instanceId", "const instanceId: number"),
        ("TS2322", "The app does not compile: correct the errors above."),
    ),
    "C# that does not compile": (
        ("csharp", "pwsh"),
        ("src/Program.cs", "public static void", "public static int"),
        ("CS0029", "The app could not be built: correct the errors above."),
    ),
    "no function in C#": (
        ("csharp", "pwsh"),
        ("src/Orders.csproj", "</Project>", WITHOUT_FUNCTIONS),
        ("", f"{NO_FUNCTIONS}mark their methods with [Function]."),
    ),
    "an assembly that is missing": (
        ("csharp", "bash"),
        ("src/Orders.csproj", "</Project>", REMOVE_AN_ASSEMBLY),
        (
            "Microsoft.DurableTask.Abstractions",
            f"{DOES_NOT_LOAD}package/ is what 'dotnet publish' makes of src/.",
        ),
    ),
}


@pytest.mark.parametrize(("where", "change", "said"), MISTAKES.values(), ids=MISTAKES.keys())
def test_an_app_that_does_not_load_is_not_packaged(
    project_of: Callable[[str], ProjectCopy],
    where: tuple[str, str],
    change: tuple[str, str, str],
    said: tuple[str, str],
) -> None:
    language, shell = where
    project = project_of(language)
    file, old, new = change
    text = project.read(file)
    assert old in text
    every = -1 if old == "app.register_functions(" else 1
    with project.changes({file: text.replace(old, new, every)}):
        result = project.package(shell)

    error, end = said
    assert result.returncode == 1, result.stdout + result.stderr
    assert error in result.stdout + result.stderr
    assert result.stderr.splitlines()[-1].endswith(end)
    assert not (project.path / "package").exists()


# Style ------------------------------------------------------------------------------------------


def test_the_scripts_of_nodejs_are_formatted(project_of: Callable[[str], ProjectCopy]) -> None:
    """The project's own check looks at src/ only."""
    check = "node_modules/.bin/prettier --config package.json --check ../scripts/*.mjs"
    result = project_of("typescript").run(check, project_of("typescript").path / "src")
    assert result.returncode == 0, json.dumps(result.stderr)
