"""Refreshes what the documents show of the program: command output and the table of claims. With --check, only compares.

A block of the form below is run again and its output replaced; ``head`` keeps the first lines only.

    <!-- run head=20 -->
    ```console
    $ posology about baclofen --topic missed
    ```
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_RUN = re.compile(
    r"(<!-- run(?: head=(\d+))? -->\n```console\n)(\$ [^\n]*\n(?: +[^\n]*\n)*?)((?:[^\n`][^\n]*\n|\n)*?)(```)"
)
_CLAIMS = re.compile(r"(<!-- claims: ([a-z-]+) -->\n)(.*?)(<!-- /claims -->)", re.S)


def _output(command: str, head: int | None) -> str:
    words = shlex.split(command.replace("\\\n", " "))
    if words[0] != "posology":
        raise SystemExit(f"only posology commands are run: {command}")
    env = {k: v for k, v in os.environ.items() if k != "POSOLOGY_MEDICINES"} | {"COLUMNS": "100", "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [str(Path(sys.executable).with_name("posology")), *words[1:]],
        capture_output=True,
        text=True,
        env=env,
        cwd=ROOT,
        check=False,
    )
    lines = (done.stdout + done.stderr).rstrip().split("\n")
    if head is not None and len(lines) > head:
        lines = [*lines[:head], "..."]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _claims(medicine: str) -> str:
    sys.path.insert(0, str(ROOT / "src"))
    from posology import library

    rows = ["| The page said | Verdict | Better | What the program does about it |", "| --- | --- | --- | --- |"]
    for c in library.medicine(medicine).claims:
        command = f"`{c.command}`" if c.command else ""
        rows.append(f"| {c.says} | **{c.verdict}** | {c.correction} | {command} |".replace("\n", " "))
    return "\n".join(rows) + "\n"


def refreshed(text: str) -> str:
    """The document with every output and table made anew."""

    def run(m: re.Match[str]) -> str:
        command = m[3].strip().removeprefix("$ ").replace("\\\n", " ")
        return f"{m[1]}{m[3]}{_output(command, int(m[2]) if m[2] else None)}{m[5]}"

    return _CLAIMS.sub(lambda m: f"{m[1]}{_claims(m[2])}{m[4]}", _RUN.sub(run, text))


def documents() -> list[Path]:
    """Every document that shows something of the program."""
    return [
        p
        for p in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
        if re.search(r"<!-- (run|claims)", p.read_text("utf-8"))
    ]


def main() -> int:
    stale = []
    for path in documents():
        old = path.read_text("utf-8")
        new = refreshed(old)
        if new != old:
            stale.append(path)
            if "--check" not in sys.argv:
                path.write_text(new, "utf-8")
    for path in stale:
        print(f"{'out of date' if '--check' in sys.argv else 'refreshed'}: {path.relative_to(ROOT)}")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    raise SystemExit(main())
