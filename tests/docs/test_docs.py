"""The documents cannot rot: what they show is run, what they name exists, and what exists has a page."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import click
import pytest

from posology.cli import app, inputs
from tests.cli.run import run
from tests.shared import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted(p for p in (ROOT / "docs").rglob("*.md") if "decisions" not in p.parts)]
GENERATED = ("commands.md", "checks.md", "plan-json.md")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.slow
@pytest.mark.parametrize("script", ["generate.py", "generate_reference.py"])
def test_what_the_documents_show_is_what_the_program_says(script: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / script), "--check"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}Run: make docs"


# ------------------------------------------------------------------------------------------------ code in the documents


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language in a document."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


PYTHON = [(name(p), n, code) for p in DOCUMENTS for n, code in enumerate(blocks(p.read_text("utf-8"), "python"), 1)]


@pytest.mark.parametrize(
    ("path", "number", "code"), PYTHON, ids=lambda v: str(v)[:40] if not isinstance(v, int) else str(v)
)
def test_the_python_of_a_document_runs(path: str, number: int, code: str, tmp_path: Path) -> None:
    script = tmp_path / "example.py"
    script.write_text(code, "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)], capture_output=True, text=True, check=False, cwd=ROOT, timeout=60
    )
    assert done.returncode == 0, f"{path}, block {number}: {done.stderr}"


def test_there_is_python_in_the_readme() -> None:
    assert any(path == "README.md" for path, _, _ in PYTHON)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_the_toml_of_a_document_can_be_read(path: Path) -> None:
    for block in blocks(path.read_text("utf-8"), "toml"):
        tomllib.loads(block)


# -------------------------------------------------------------------------------------------- commands in the documents


@cache
def commands() -> dict[str, frozenset[str]]:
    """Every command of the program, with its options."""
    found: dict[str, frozenset[str]] = {}

    def walk(command: click.Command, path: str) -> None:
        context = click.Context(command, info_name=path)
        options = frozenset(o for p in command.get_params(context) for o in p.opts)
        found[path] = options
        if isinstance(command, click.Group):
            for n in command.list_commands(context):
                inner = command.get_command(context, n)
                assert inner is not None
                walk(inner, f"{path} {n}".strip())

    walk(app, "")
    return found


def named(text: str) -> list[str]:
    """The command lines a document names, in blocks and in running text."""
    held = re.findall(r"(?:^|`|\$ |\| )(posology [^`\n|]*(?:\\\n[^`\n]*)*)", text, re.M)
    return [" ".join(line.replace("\\\n", " ").split("  #")[0].split()) for line in held]


def wrong(line: str) -> str:
    """What is wrong with a command line; empty where it could be run."""
    try:
        words = shlex.split(line)[1:]
    except ValueError:
        words = line.split()[1:]
    held = commands()
    path = ""
    while words and f"{path} {words[0]}".strip() in held:
        path = f"{path} {words.pop(0)}".strip()
    if f"{path} make" in held and words != ["--help"]:
        path = f"{path} make"  # a group whose first word may be left out
    if not path and words and not words[0].startswith("-"):
        return f"no such command: {line}"
    bad = [w for w in words if re.fullmatch(r"--[a-z-]+", w) and w not in held[path]]
    return f"no such option: {', '.join(bad)} in {line}" if bad else ""


@pytest.mark.parametrize("path", [p for p in DOCUMENTS if p.name not in GENERATED], ids=name)
def test_every_command_a_document_names_exists(path: Path) -> None:
    assert [w for line in named(path.read_text("utf-8")) if (w := wrong(line))] == []


def test_a_command_that_does_not_exist_is_caught() -> None:
    text = "Run `posology plann x` or\n\n```console\n$ posology plan x --cuontry UK\n```\n"
    assert [bool(wrong(line)) for line in named(text)] == [True, True]
    assert wrong('posology plan "x y" --country UK') == ""


@pytest.mark.parametrize("command", sorted(c for c in commands() if c))
def test_every_command_has_help_and_a_heading(command: str) -> None:
    seen = run(*command.split(), "--help")
    assert seen.status == 0
    group = any(c.startswith(f"{command} ") for c in commands())
    assert group or f"## posology {command}\n" in (ROOT / "docs/reference/commands.md").read_text("utf-8")


# ------------------------------------------------------------------------------------- checks, settings, the person file


def settings() -> dict[str, str]:
    """Each rule of ours that a finding rests on, and the file that names it."""
    found = {}
    for path in sorted((ROOT / "src/posology/checks").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                value = (
                    node.args[5]
                    if len(node.args) > 5
                    else next((k.value for k in node.keywords if k.arg == "rests_on"), None)
                )
                if value is not None:
                    assert isinstance(value, ast.Constant), f"{path.name}: a setting is named in full"
                    found[str(value.value)] = path.name
    return found


def headings(page: str) -> set[str]:
    """The headings of a page."""
    return set(re.findall(r"^#+ (.+)$", (ROOT / page).read_text("utf-8"), re.M))


def test_every_setting_has_its_line() -> None:
    assert len(settings()) > 10
    assert {s for s in settings() if s} - headings("docs/reference/settings.md") == set()


def test_every_setting_of_the_page_is_used() -> None:
    ours = {h for h in headings("docs/reference/settings.md") if re.fullmatch(r"[a-z0-9-]+", h)}
    assert ours - set(settings()) == set()


def test_every_check_has_its_heading() -> None:
    from posology import checks
    from tests.conftest import make_plan

    make_plan("examplone 10 mg three times a day")
    assert set(checks.REGISTER) - headings("docs/reference/checks.md") == set()


def test_every_key_of_the_person_file_has_its_row() -> None:
    rows = re.findall(r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", (ROOT / "docs/reference/person.md").read_text("utf-8"), re.M)
    keys = {k for row in rows for k in re.findall(r"`([a-z_]+)`", row)}
    assert keys == set(inputs._PERSON_KEYS)


def test_every_way_to_give_a_fact_can_be_read() -> None:
    from posology.wording.findings import catalogue

    words = catalogue()
    assert set(words["fact-how"]) == set(words["fact-names"])
    for key, how in words["fact-how"].items():
        if not how.startswith("--"):
            inputs.person(tomllib.loads(how.split(", or ")[0]), ())
            assert key in how


def test_the_person_file_beside_the_readme_is_the_one_of_the_documents() -> None:
    assert (ROOT / "person.toml").read_text("utf-8") == (ROOT / "docs/examples/person.toml").read_text("utf-8")


# ------------------------------------------------------------------------------------------------------------------ links


def dead(path: Path, text: str) -> list[str]:
    """Links to files of the project that are not there."""
    targets = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", text)
    return [t for t in targets if not (path.parent / t).exists()]


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_link_leads_somewhere(path: Path) -> None:
    assert dead(path, path.read_text("utf-8")) == []


def test_a_dead_link_is_caught() -> None:
    assert dead(ROOT / "README.md", "[here](docs/no-such-page.md)") == ["docs/no-such-page.md"]


def test_the_picture_of_the_readme_is_small() -> None:
    assert 1_000 < (ROOT / "docs/images/sheet.png").stat().st_size < 200_000
