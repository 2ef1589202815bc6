"""How long the worst input takes to be refused: whole processes, against the limit of one second.

A busy machine is judged by processor time. Each command must exit with status 1.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT = 1.0
POSOLOGY = str(Path(sys.executable).with_name("posology"))
ASKED = ["--from", "2026-11-24", "--zone", "Europe/London", "--country", "UK"]


def main() -> int:
    """Give each input, and time the refusal."""
    slow = []
    with tempfile.TemporaryDirectory() as folder:
        files = {
            "nested.json": "[" * 900_000, "long.json": '{"x": "' + "a" * 900_000 + '"}',
            "numbers.json": '{"resourceType": "MedicationRequest", "x": [' + "1e999," * 150_000 + "1]}",
            "person.toml": "# " + "x" * 900_000,
        }  # fmt: skip
        for name, text in files.items():
            Path(folder, name).write_text(text, "utf-8")
        good = "baclofen 10 mg three times a day"
        cases = {
            "1 MB of directions": (["-"], "take 1 tablet " * 75_000),
            "4000 characters of them": ([("take 1 tablet or " * 240)[:3990]], ""),
            "4000 digits": (["baclofen " + "1" * 3900 + " mg daily"], ""),
            "4000 brackets": (["baclofen " + "(" * 3900], ""),
            "a long product": ([good, "--have", "1 " * 9000], ""),
            "1 MB about the person": ([good, "--person", f"{folder}/person.toml"], ""),
            "1 MB of nested JSON": ([f"{folder}/nested.json"], ""),
            "1 MB of one text in JSON": ([f"{folder}/long.json"], ""),
            "1 MB of numbers in JSON": ([f"{folder}/numbers.json"], ""),
        }
        for name, (args, stdin) in cases.items():
            before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            done = subprocess.run(
                [POSOLOGY, "plan", *args, *ASKED], input=stdin, capture_output=True, text=True, check=False
            )
            took, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
            work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            judged = min(took, work) if os.getloadavg()[0] > (os.cpu_count() or 1) else took
            print(
                f"{name:<26}{1000 * judged:6.0f} ms  {judged / LIMIT:5.0%} of the limit  {done.stderr.split(chr(10))[0][:70]}"
            )
            if judged > LIMIT or done.returncode != 1:
                slow.append(f"{name} (status {done.returncode})")
    if slow:
        print(f"too slow, or not refused: {', '.join(slow)}")
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
