"""Makes docs/images/sheet.png, the picture of the README: the first printed pages of its plan, as a PDF reader shows them.

Run by hand after a change of the sheet: python docs/generate_image.py. Needs the extra ``pdf`` and pdftoppm.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLAN = ["plan", "baclofen 10 mg three times a day", "--from", "2026-11-24", "--zone", "Europe/London", "--awake", "07:00-22:30",
        "--have", "10 mg tablets x 84", "--country", "UK", "--person", "person.toml"]  # fmt: skip


def main() -> int:
    """Draw the pages side by side in grey."""
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(folder) / "sheet.pdf"
        posology = Path(sys.executable).with_name("posology")
        subprocess.run([str(posology), *PLAN, "--pdf", str(pdf)], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        subprocess.run(["pdftoppm", "-r", "75", "-gray", "-l", "2", "-png", str(pdf), f"{folder}/page"], check=True)
        pages = [Image.open(p) for p in sorted(Path(folder).glob("page*.png"))]
        whole = Image.new("L", (sum(p.width for p in pages) + 4, pages[0].height), 120)
        at = 0
        for page in pages:
            whole.paste(page, (at, 0))
            at += page.width + 4
        out = ROOT / "docs/images/sheet.png"
        out.parent.mkdir(exist_ok=True)
        whole.quantize(16).save(out, optimize=True)
    print(f"{out.relative_to(ROOT)}: {out.stat().st_size // 1000} kB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
