"""Malicious input gives a whole project, or a refusal that names the question."""

import html
import json
import re
import tempfile
from functools import cache
from pathlib import Path

import cmarkgfm
import pytest
import yaml
from cookiecutter.exceptions import FailedHookException, OutputDirExistsException
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import hooks
from bakery import Bakery, Project, Renderer, run_cookiecutter, typed
from machine import memory_folder
from template import TEMPLATE

pre_gen = hooks.load("pre_gen_project")
renderer = Renderer()

MALICIOUS = {
    "single quotes": "it's 'quoted'",
    "double quotes": 'a "quoted" name',
    "backslashes": "C:\\new\\table\\",
    "triple quotes": "a \"\"\" b ''' c",
    "newline": "two\nlines",
    "trailing newline": "name\n",
    "closing script": "</script><script>alert(1)</script>",
    "command substitution": "$(touch pwned)",
    "backticks": "`touch pwned`",
    "workflow expression": "${{ secrets.TOKEN }}",
    "jinja expression": "{{ 7 * 7 }}",
    "jinja block": "{% raw %}",
    "jinja comment": "{# hidden #}",
    "comment delimiters of this template": "<## hidden ##>",
    "parent folder": "../x",
    "sub folder": "a/b",
    "device": "con",
    "empty": "",
    "300 characters": "x" * 300,
    "emoji": "📦 parcels",
    "right-to-left text": "سير عمل الطلب",
    "right-to-left override": "\u202egnp.exe",
    "leading dash": "-rf",
    "trailing dot": "name.",
    "markdown link": "[click](javascript:alert(1))",
    "markdown heading": "# heading",
    "markdown list": "1. first",
    "markdown emphasis": "*very* _important_ ~~gone~~ ~so~",
    "address": "see https://example.com/my_service_v2&copy; or www.example.com/a_b",
    "html entity": "&amp; &#60;",
    "table pipes": "a | b",
    "math": "$x$ and $$y$$",
    "percent": "%PATH% 100%",
    "yaml": "key: [value] # comment",
    "null byte": "a\x00b",
    "number": "007",
    "boolean": "true",
}
QUESTIONS = [question for question in TEMPLATE.questions if question not in TEMPLATE.choices]

# The files that contain an answer; a test shows that all others are the same in every project.
WITH_ANSWERS = {
    "LICENSE",
    "README.md",
    "compose.yaml",
    "docs/deploy.md",
    "scripts/settings.env",
    "src/local.settings.example.json",
    "src/local.settings.json",
}


def check_readme(readme: str, name: str, description: str) -> None:
    """The title and the first paragraph read exactly as they were answered."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(readme)
    assert [token.type for token in tokens[:2]] == ["heading_open", "inline"]
    assert _text(tokens[1].children) == name
    assert [token.type for token in tokens[3:5]] == ["paragraph_open", "inline"]
    assert _text(tokens[4].children) == description
    assert not [token for token in tokens if token.type == "html_block"]
    titles = [tokens[at + 1].content for at, token in enumerate(tokens) if token.tag == "h1"]
    assert len(titles) == 2, "the opening and the closing of one title"

    github = cmarkgfm.github_flavored_markdown_to_html("\n".join(readme.splitlines()[:3]))
    shown = html.unescape(re.sub("</?a( [^>]*)?>", "", github))  # it links addresses of e-mail
    assert shown == f"<h1>{name}</h1>\n<p>{description}</p>\n"


def _text(children: list) -> str:
    assert {child.type for child in children} <= {"text", "text_special"}
    return "".join(child.content for child in children)


def check_compose(compose: str, slug: str, hub: str) -> None:
    data = yaml.safe_load(compose)
    assert data["name"] == slug
    assert data["services"]["scheduler"]["environment"] == {"DTS_TASK_HUB_NAMES": hub}


def check_script_settings(settings: str, context: dict[str, str]) -> None:
    lines = settings.splitlines()
    assert f"PROJECT={context['project_slug']}" in lines
    assert f"LOCATION={context['azure_location']}" in lines
    assert f"TASK_HUB_NAME={context['task_hub_name']}" in lines


malicious = pytest.mark.parametrize("answer", MALICIOUS.values(), ids=MALICIOUS.keys())


@cache
def refusals_of(question: str, answer: str) -> list[str]:
    return pre_gen.problems(renderer.context({question: answer}))


@malicious
def test_malicious_input_that_is_accepted_gives_a_whole_project(
    bakery: Bakery, answer: str
) -> None:
    answers = {question: answer for question in QUESTIONS if not refusals_of(question, answer)}
    context = renderer.context(answers)
    project = bakery.bake(**{question: typed(text) for question, text in answers.items()})

    check_readme(project.read("README.md"), context["project_name"], context["description"])
    check_compose(project.read("compose.yaml"), context["project_slug"], context["task_hub_name"])
    values = project.json("src/local.settings.example.json")["Values"]
    assert values["TASKHUB_NAME"] == context["task_hub_name"]
    assert f"Copyright (c) {context['author_name']}\n" in project.read("LICENSE")
    check_script_settings(project.read("scripts/settings.env"), context)
    assert _without_answers(project) == _without_answers(bakery.bake())


@pytest.mark.parametrize("language", TEMPLATE.choices["language"])
@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("namespace", "namespace"),
        ("class System.Orders { }", "system"),
        ('2 "Shops" of O\'Neil \\ <T>', "int32"),
        ("商店 📦 Söhne", "a-1-2"),
    ],
)
def test_names_do_not_reach_the_code(bakery: Bakery, language: str, name: str, slug: str) -> None:
    """So a project compiles whatever its name is: its code is that of every other project."""
    project = bakery.bake(language=language, project_name=name, project_slug=slug)

    assert _without_answers(project) == _without_answers(bakery.bake(language=language))


# Cookiecutter fails on these as a folder name before any hook runs.
NO_FOLDER_ERRORS = (OSError, ValueError, OutputDirExistsException)
NO_FOLDER_NAMES = {"empty": "", "300 characters": "x" * 300, "null byte": "a\x00b"}


@malicious
def test_malicious_input_that_is_refused_leaves_no_file(
    bakery: Bakery, tmp_path: Path, capfd: pytest.CaptureFixture, answer: str
) -> None:
    refused = [question for question in QUESTIONS if refusals_of(question, answer)]
    if answer in NO_FOLDER_NAMES.values():
        refused.remove("project_slug")
    if not refused:
        return  # The test above has baked it.

    with pytest.raises(FailedHookException):
        bakery.bake_into(tmp_path, {question: typed(answer) for question in refused})

    sentences = capfd.readouterr().err.splitlines()[: len(refused)]
    assert [sentence.split()[0] for sentence in sentences] == refused
    assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == []


@pytest.mark.parametrize("slug", NO_FOLDER_NAMES.values(), ids=NO_FOLDER_NAMES.keys())
def test_a_slug_that_is_no_folder_name_is_refused_by_the_engine(tmp_path: Path, slug: str) -> None:
    run = run_cookiecutter("--no-input", f"project_slug={typed(slug)}", cwd=tmp_path)

    assert run.returncode == 1
    assert {path.name for path in tmp_path.iterdir()} == {".home"}


def _without_answers(project: Project) -> dict[str, str]:
    digests = project.digests()
    return {file: digests[file] for file in digests.keys() - WITH_ANSWERS}


LINES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60)


def legal(question: str) -> st.SearchStrategy[str]:
    """Return answers to a question that the hook accepts, most of them malicious."""
    malicious = st.sampled_from([text[:60] for text in MALICIOUS.values()])
    strange = st.text(st.sampled_from("\\`*_[]<>&#|~$.)(-+=:!{}%'\"0a \u00e9"), max_size=60)
    texts = st.one_of(LINES, strange, malicious)
    return texts.filter(lambda text: not pre_gen.problems(renderer.defaults | {question: text}))


@pytest.mark.fuzz
@given(legal("project_name"))
def test_the_default_slug_of_every_legal_name_is_legal(name: str) -> None:
    context = renderer.context({"project_name": name})

    assert context["project_name"] == name
    assert pre_gen.problems(context) == []


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Order Workflow", "order-workflow"),
        ("Émile's Café 2", "emile-s-cafe-2"),
        ("2nd Shop", "nd-shop"),
        ("Con", "order-workflow"),
        ("LPT1", "order-workflow"),
        ("A1", "order-workflow"),
        ("42", "order-workflow"),
        ("📦", "order-workflow"),
        ("A name whose slug is cut - right before a hyphen", "a-name-whose-slug-is-cut-right-b"),
        ("thirty one characters and a hyp hen", "thirty-one-characters-and-a-hyp"),
    ],
)
def test_the_default_slug(name: str, slug: str) -> None:
    assert renderer.context({"project_name": name})["project_slug"] == slug


@pytest.mark.fuzz
@given(legal("project_name"), legal("description"))
def test_the_readme_reads_as_answered(name: str, description: str) -> None:
    answers = {"project_name": name, "description": description}
    check_readme(renderer.render("README.md", answers), name, description)


@pytest.mark.fuzz
@given(legal("author_name"))
def test_the_licenses_name_the_author(author: str) -> None:
    for license_ in ("MIT", "Apache-2.0"):
        text = renderer.render(f"_rendered/{license_}/LICENSE", {"author_name": author})
        assert f"{author}\n" in text


RULES = renderer.defaults["_rules"]
SLUGS = st.from_regex(RULES["project_slug"]["pattern"], fullmatch=True).filter(
    lambda slug: not pre_gen.is_reserved(slug, renderer.defaults["_reserved"]["parts"])
)
HUBS = st.from_regex(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*", fullmatch=True).filter(
    lambda hub: 3 <= len(hub) <= 64
)


@pytest.mark.fuzz
@given(SLUGS, HUBS)
def test_names_that_look_like_other_types_stay_texts(slug: str, hub: str) -> None:
    answers = {"project_slug": slug, "task_hub_name": hub}
    assert pre_gen.problems(renderer.defaults | answers) == []
    check_compose(renderer.render("compose.yaml", answers), slug, hub)
    values = json.loads(renderer.render("src/local.settings.example.json", answers))["Values"]
    assert values["TASKHUB_NAME"] == hub


@pytest.mark.fuzz
@given(st.dictionaries(st.sampled_from(QUESTIONS), st.text(max_size=300)))
def test_problems_never_fails_and_names_the_questions(answers: dict[str, str]) -> None:
    found = pre_gen.problems(renderer.defaults | answers)
    assert {problem.split()[0] for problem in found} <= answers.keys()
    assert len(found) == len({problem.split()[0] for problem in found})


CHOICES = st.fixed_dictionaries(
    {question: st.sampled_from(values) for question, values in TEMPLATE.choices.items()}
)
TEXTS = st.dictionaries(
    st.sampled_from(QUESTIONS), st.one_of(LINES, st.sampled_from([*MALICIOUS.values()]))
)


@pytest.mark.fuzz
@pytest.mark.slow
@given(CHOICES, TEXTS)
def test_any_answers_give_a_whole_project_or_a_refusal(
    bakery: Bakery, choices: dict[str, str], texts: dict[str, str]
) -> None:
    answers = choices | {question: typed(text) for question, text in texts.items()}
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        try:
            project = bakery.bake_here(Path(folder), answers)
        except (FailedHookException, *NO_FOLDER_ERRORS):
            refused = [question for question, text in texts.items() if refusals_of(question, text)]
            assert refused or "project_slug" in texts
            assert [path for path in Path(folder).rglob("*") if not path.is_dir()] == []
            return
        context = renderer.context(texts)
        assert project.files == TEMPLATE.expected_files(choices)
        check_readme(project.read("README.md"), context["project_name"], context["description"])
        check_compose(
            project.read("compose.yaml"), context["project_slug"], context["task_hub_name"]
        )


def test_the_engine_renders_answers_on_the_command_line(tmp_path: Path) -> None:
    """Cookiecutter does so before any hook runs; docs/choices.md warns of it."""
    run = run_cookiecutter("--no-input", "project_name=Shop {{ 6 * 7 }}", cwd=tmp_path)

    assert run.returncode == 0, run.stderr
    assert (
        (tmp_path / "shop-42" / "README.md").read_text(encoding="utf-8").startswith("# Shop 42\n")
    )


def test_typed_answers_stay_as_they_are(tmp_path: Path) -> None:
    answers = ["Shop {{ 6 * 7 }}", "my-shop", *[""] * (len(TEMPLATE.questions) - 2)]
    run = run_cookiecutter(cwd=tmp_path, input="\n".join(answers) + "\n")

    assert run.returncode == 0, run.stderr
    readme = (tmp_path / "my-shop" / "README.md").read_text(encoding="utf-8")
    check_readme(readme, "Shop {{ 6 * 7 }}", TEMPLATE.questions["description"])


def test_an_unknown_key_is_ignored_by_the_engine(tmp_path: Path) -> None:
    """README.md shows the exact keys for that reason."""
    run = run_cookiecutter("--no-input", "langauge=csharp", cwd=tmp_path)

    assert run.returncode == 0
    assert (tmp_path / "order-workflow/src/function_app.py").exists()


def test_an_unknown_choice_is_refused_by_the_engine(tmp_path: Path) -> None:
    run = run_cookiecutter("--no-input", "language=cobol", cwd=tmp_path)

    assert run.returncode == 1
    assert "ValueError: cobol provided for choice variable language" in run.stderr
    assert not (tmp_path / "order-workflow").exists()
