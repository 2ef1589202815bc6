"""How long a person waits: whole processes of the commands, against the limit of 0.35 s and a bare Python.

Prints the best of several runs, in milliseconds, and how many bare starts of Python that is. Fails over the limit.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

LIMIT = 0.35
RUNS = 12
POSOLOGY = str(Path(sys.executable).with_name("posology"))
ASKED = ["--from", "2026-11-24", "--zone", "Europe/London"]
COMMANDS = {
    "plan, bare": [POSOLOGY, "plan", "baclofen 10 mg three times a day", *ASKED, "--country", "UK"],
    "plan, as in the README": [POSOLOGY, "plan", "baclofen 10 mg three times a day", *ASKED, "--awake", "07:00-22:30",
                               "--have", "10 mg tablets x 84", "--country", "UK"],
    "plan --json": [POSOLOGY, "plan", "baclofen 10 mg three times a day", *ASKED, "--country", "UK", "--json"],
    "about": [POSOLOGY, "about", "baclofen", "--country", "UK"],
    "read": [POSOLOGY, "read", "10 mg three times a day"],
    "say": [POSOLOGY, "say", "-"],
    "--version": [POSOLOGY, "--version"],
}  # fmt: skip
DOSAGE = json.dumps({
    "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}},
    "doseAndRate": [{"doseQuantity": {"value": 10, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}}],
})  # fmt: skip


def best(command: list[str]) -> float:
    """The shortest of the runs, in seconds."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    times = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        done = subprocess.run(command, input=DOSAGE, capture_output=True, text=True, check=False, env=env)
        times.append(time.perf_counter() - begin)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command[1:])}: {done.stderr}")
    return min(times)


def main() -> int:
    """Measure each command."""
    bare = best([sys.executable, "-c", "pass"])
    print(f"{'a bare Python':<26}{1000 * bare:6.0f} ms")
    slow = []
    for name, command in COMMANDS.items():
        took = best(command)
        print(f"{name:<26}{1000 * took:6.0f} ms  {took / bare:5.1f} bare starts  {took / LIMIT:6.0%} of the limit")
        if took > LIMIT:
            slow.append(name)
    if slow:
        print(f"over the limit of {LIMIT} s: {', '.join(slow)}")
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
