"""The chosen overlays are merged, again and again, without a loss for the user."""

import os
import re
import subprocess
from pathlib import Path

import pytest

import hooks
from bakery import run_cookiecutter
from template import TEMPLATE

post_gen = hooks.load("post_gen_project")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a project before its overlays are merged; it is the current one."""
    monkeypatch.chdir(tmp_path)
    for folder in post_gen.FOLDERS:
        Path(folder).mkdir()
    return tmp_path


def write(path: str, text: str = "") -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("overlay", "applies"),
    [
        ("python", True),
        ("csharp", False),
        ("python+saga", True),
        ("csharp+saga", False),
        ("python+monitor", False),
        ("python,csharp", True),
        ("csharp,typescript", False),
        ("csharp,python+saga,monitor", True),
        ("csharp,python+monitor,aggregator", False),
        ("python+saga+MIT", True),
        ("pyth", False),
    ],
)
def test_an_overlay_applies_when_an_alternative_of_each_part_was_chosen(
    overlay: str, applies: bool
) -> None:
    assert post_gen.applies(overlay, {"python", "saga", "MIT"}) == applies


def test_both_folders_hold_overlays(project: Path) -> None:
    write("_overlays/python,csharp/copied.txt")
    write("_overlays/csharp/other.txt")
    write("_rendered/python/rendered.txt")

    files = post_gen.chosen_files({"python"})

    assert set(files) == {"copied.txt", "rendered.txt"}


def test_merge_moves_files_into_existing_folders_and_removes_the_overlays(project: Path) -> None:
    write("src/host.json", "shared")
    write("_overlays/python/src/app.py", "app")
    write("_overlays/csharp/src/App.cs", "other")

    post_gen.merge(post_gen.chosen_files({"python"}))

    assert Path("src/host.json").read_text() == "shared"
    assert Path("src/app.py").read_text() == "app"
    assert {path.name for path in Path("src").iterdir()} == {"host.json", "app.py"}
    assert not [folder for folder in post_gen.FOLDERS if Path(folder).exists()]


def test_two_overlays_that_own_a_path_are_an_error_that_moves_nothing(project: Path) -> None:
    write("_overlays/python/a.txt")
    write("_overlays/python/src/app.py")
    write("_rendered/saga/src/app.py")

    with pytest.raises(SystemExit) as error:
        post_gen.chosen_files({"python", "saga"})

    assert str(error.value).startswith(f"{Path('src/app.py')} is in two overlays: ")
    assert not Path("a.txt").exists()


def test_an_answer_in_free_text_selects_no_overlay(tmp_path: Path) -> None:
    run = run_cookiecutter("--no-input", "license=none", "author_name=MIT", cwd=tmp_path)

    assert run.returncode == 0, run.stderr
    assert not (tmp_path / "order-workflow" / "LICENSE").exists()


def test_the_next_step_is_printed(tmp_path: Path) -> None:
    run = run_cookiecutter("--no-input", "project_slug=my-shop", cwd=tmp_path)

    readme = tmp_path / "my-shop" / "README.md"
    assert run.stdout == f"Next: open {readme}; its first commands test the project.\n"


def test_a_hint_that_nobody_reads_does_not_cost_the_project(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)

    run = run_cookiecutter(
        "--no-input", cwd=tmp_path, capture_output=False, stdout=writer, stderr=subprocess.PIPE
    )

    os.close(writer)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "order-workflow" / "src" / "local.settings.json").exists()


@pytest.mark.parametrize("in_place", [True, False])
def test_the_next_step_is_for_a_project_that_stays_where_it_is(
    project: Path, capsys: pytest.CaptureFixture, in_place: bool
) -> None:
    write("src/local.settings.example.json", "{}")
    write("_overlays/python/src/app.py")

    post_gen.main({"python"}, in_place)

    assert Path("src/app.py").exists()
    assert capsys.readouterr().out.startswith("Next: open ") == in_place


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """Return a generated project in which a user has worked."""
    run_cookiecutter("--no-input", cwd=tmp_path)
    project = tmp_path / "order-workflow"
    (project / "src/local.settings.json").write_text('{"mine": true}\n', encoding="utf-8")
    (project / "src/orders/refunds.py").write_text("# mine\n", encoding="utf-8")
    (project / "notes").mkdir()
    (project / "notes/today.md").write_text("mine\n", encoding="utf-8")
    (project / "src/orders/http.py").write_text("# changed\n", encoding="utf-8")
    (project / "src/orders/models.py").unlink()
    return project


def test_generating_again_keeps_what_the_user_made(edited: Path) -> None:
    run = run_cookiecutter("--no-input", "-f", cwd=edited.parent)

    assert run.returncode == 0, run.stderr
    assert (edited / "src/local.settings.json").read_text() == '{"mine": true}\n'
    assert (
        "Kept your src/local.settings.json: compare it with src/local.settings.example"
        in run.stdout
    )
    assert (edited / "src/orders/refunds.py").read_text() == "# mine\n"
    assert (edited / "notes/today.md").read_text() == "mine\n"
    fresh = TEMPLATE.project / "_overlays/python/src/orders"
    for name in ("http.py", "models.py"):
        assert (edited / "src/orders" / name).read_bytes() == (fresh / name).read_bytes()
    assert not (edited / "_overlays").exists()


def test_an_existing_folder_is_refused_and_stays_as_it_is(edited: Path) -> None:
    run = run_cookiecutter("--no-input", cwd=edited.parent)

    assert run.returncode == 1
    assert "order-workflow" in run.stderr + run.stdout
    assert "already exists" in run.stderr + run.stdout
    assert (edited / "src/orders/http.py").read_text() == "# changed\n"


def test_an_output_folder_that_is_a_file_is_refused_by_the_engine(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")

    run = run_cookiecutter("--no-input", "-o", "file", cwd=tmp_path)

    assert run.returncode == 1
    assert "Not a directory" in run.stderr or "FileExistsError" in run.stderr
    assert (tmp_path / "file").read_text(encoding="utf-8") == "not a folder"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no mode bits")
def test_an_output_folder_that_cannot_be_written_is_refused_by_the_engine(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    if os.access(folder, os.W_OK):
        folder = Path("/sys")  # mode bits do not stop root, but nobody can create a folder there

    run = run_cookiecutter("--no-input", "-o", str(folder), cwd=tmp_path)

    assert run.returncode == 1
    assert re.search("PermissionError|Read-only|not permitted|Permission denied", run.stderr)
    assert not (folder / "order-workflow").exists()


def test_without_hooks_the_overlays_stay(tmp_path: Path) -> None:
    """docs/choices.md warns of it."""
    run = run_cookiecutter("--no-input", "--accept-hooks", "no", cwd=tmp_path)

    assert run.returncode == 0
    assert (tmp_path / "order-workflow" / "_overlays").is_dir()
