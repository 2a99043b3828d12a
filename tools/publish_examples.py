"""Publishes a project of each language on the branch `examples` of a repository.

Usage: python tools/publish_examples.py REMOTE
It adds a commit when a project has changed, so the branch shows what each change of the template
does to projects. Git needs the rights to push to the remote.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TEMPLATE = Path(__file__).parents[1]
BRANCH = "examples"
AUTHOR = {"user.name": "github-actions[bot]", "user.email": "actions@users.noreply.github.com"}
README = """# Examples

Each folder is a project that the [template]({remote}) generates, with its language and the other
default answers. Do not change them here: the next push to `main` generates them again.
"""


def git(folder: Path, *arguments: str) -> str:
    """Return what git prints; a command that fails is an error."""
    options = [word for name, value in AUTHOR.items() for word in ("-c", f"{name}={value}")]
    command = ["git", *options, "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def check_out(remote: str, folder: Path) -> None:
    """Check the branch out, or begin it."""
    git(folder, "init", "--quiet", f"--initial-branch={BRANCH}")
    git(folder, "remote", "add", "origin", remote)
    if git(folder, "ls-remote", "--heads", "origin", BRANCH):
        git(folder, "fetch", "--quiet", "--depth=1", "origin", BRANCH)
        git(folder, "reset", "--quiet", "--hard", "FETCH_HEAD")


def generate(language: str, folder: Path) -> None:
    """Generate the project of a language into a folder that has its name."""
    answers = [f"language={language}", f"project_slug={language}-example"]
    command = [sys.executable, "-m", "cookiecutter", str(TEMPLATE), "--no-input", *answers]
    subprocess.run([*command, "--output-dir", str(folder)], check=True, stdout=subprocess.DEVNULL)
    (folder / f"{language}-example").rename(folder / language)


def publish(remote: str) -> bool:
    """Generate, commit and push; return whether a project has changed."""
    languages = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))["language"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        check_out(remote, folder)
        for old in folder.iterdir():
            if old.name != ".git":
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        (folder / "README.md").write_text(README.format(remote=remote), encoding="utf-8")
        for language in languages:
            generate(language, folder)
        git(folder, "add", "--all")
        if not git(folder, "status", "--porcelain"):
            return False
        commit = git(TEMPLATE, "rev-parse", "HEAD")
        git(folder, "commit", "--quiet", "--message", f"Generate with {commit}")
        git(folder, "push", "--quiet", "origin", f"HEAD:{BRANCH}")
    return True


if __name__ == "__main__":
    print("Published." if publish(sys.argv[1]) else "The examples have not changed.")
