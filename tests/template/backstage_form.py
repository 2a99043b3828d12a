"""The form of `backstage/template.yaml`: each question of the template with the rules of the hook.

Run `PYTHONPATH=tests/support .venv/bin/python tests/template/backstage_form.py` after a change in
`cookiecutter.json`: it prints the `properties` of the form.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from template import TEMPLATE, Template

LINE = r"^\S(?:.*\S)?$"


def properties(template: Template) -> dict[str, dict[str, Any]]:
    """Return the JSON schema of each question, in the regular expressions of JavaScript."""
    prompts = template.context["__prompts__"]
    form: dict[str, dict[str, Any]] = {}
    for question, default in template.questions.items():
        prompt = prompts[question]
        if isinstance(default, list):
            labels = [prompt[choice] for choice in default]
            choices = {"default": default[0], "enum": default, "enumNames": labels}
            form[question] = {"title": prompt["__prompt__"], "type": "string", **choices}
        else:
            # What the template derives from another answer has no default here.
            known = {} if "{" in default else {"default": default}
            limits = _limits(template.context, question)
            form[question] = {"title": prompt, "type": "string", **known, **limits}
    return form


def _limits(context: dict[str, Any], question: str) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    if question in context["_longest"]:
        limits = {"minLength": 1, "maxLength": context["_longest"][question], "pattern": LINE}
    if question in context["_rules"]:
        pattern = context["_rules"][question]["pattern"].replace(r"\Z", "$")
        limits = {"pattern": f"^(?:{pattern})$"}
    if question == "project_slug":
        limits["not"] = {"pattern": reserved(context["_reserved"]["parts"])}
    return limits


def reserved(parts: list[str]) -> str:
    """Return the pattern of reserved names; a hyphen hides no reserved word."""
    return "|".join(part if "^" in part else "-?".join(part) for part in parts)


def problems(form: dict[str, Any], template: Template) -> Iterator[str]:
    """Yield each difference between a Backstage template and the questions."""
    (page,) = form["spec"]["parameters"]
    expected = properties(template)
    if list(page["properties"]) != list(expected):
        yield f"the questions must be {', '.join(expected)}"
    for question, schema in expected.items():
        given = page["properties"].get(question, {})
        for key in sorted(schema.keys() | given.keys()):
            if given.get(key) != schema.get(key):
                yield f"{question}: {key} must be {schema.get(key)!r}"
    derived = [key for key, schema in expected.items() if "default" not in schema]
    if page["required"] != derived:
        yield f"required must be {derived}"
    (step,) = (step for step in form["spec"]["steps"] if step["id"] == "generate")
    values = {key: f"${{{{ parameters.{key} }}}}" for key in expected}
    if step["input"]["values"] != values:
        yield f"the step generate must pass {', '.join(values)}"


def is_allowed(schema: dict[str, Any], answer: str) -> bool:
    """Return whether a form accepts a text."""
    return (
        schema.get("minLength", 0) <= len(answer) <= schema.get("maxLength", len(answer))
        and re.search(schema.get("pattern", ""), answer) is not None
        and not ("not" in schema and re.search(schema["not"]["pattern"], answer))
    )


if __name__ == "__main__":
    print(yaml.safe_dump(properties(TEMPLATE), sort_keys=False, allow_unicode=True, width=110))
