"""How long a person waits: whole processes of the commands, against the limit of 0.35 s and a bare Python.

Prints the best of several runs, in milliseconds, and how many bare starts of Python that is. Fails over the limit.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

LIMIT = 0.35
RUNS = 8
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


def best(command: list[str]) -> tuple[float, float]:
    """The shortest of the runs in seconds: by the clock, and of the processor (which a busy machine changes less)."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    times, work = [], []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begin = time.perf_counter()
        done = subprocess.run(command, input=DOSAGE, capture_output=True, text=True, check=False, env=env, timeout=30)
        times.append(time.perf_counter() - begin)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        work.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command[1:])}: {done.stderr}")
    return min(times), min(work)


def main() -> int:
    """Measure each command. On a machine with nothing else to do, the clock and the processor agree."""
    bare, _ = best([sys.executable, "-c", "pass"])
    busy = os.getloadavg()[0] > (os.cpu_count() or 1)
    print(
        f"{'a bare Python':<26}{1000 * bare:6.0f} ms"
        + ("  (this machine is busy: judged by processor time)" if busy else "")
    )
    slow = []
    for name, command in COMMANDS.items():
        took, work = best(command)
        judged = min(took, work) if busy else took
        print(f"{name:<26}{1000 * took:6.0f} ms  {1000 * work:6.0f} ms of processor  {took / bare:5.1f} bare starts  "
              f"{judged / LIMIT:6.0%} of the limit", flush=True)  # fmt: skip
        if judged > LIMIT:
            slow.append(name)
    if slow:
        print(f"over the limit of {LIMIT} s: {', '.join(slow)}")
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
