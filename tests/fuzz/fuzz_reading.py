"""Throws mangled directions at the reader and checks the laws: `python -m tests.fuzz.fuzz_reading [SECONDS] [SEED]`.

Guided by coverage where atheris is installed; else by mutation of the cases, with every mutant kept that takes the
reader somewhere new (a new run of lexeme classes).
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

CASES = Path(__file__).parent.parent / "spec" / "reading" / "cases.jsonl"
SLOWEST = 0.05
"""Seconds that a text of 2 000 characters may take."""
PIECES = (
    " ", ",", ". ", "; ", " then ", " and ", " or ", "-", "/", " x ", " not ", " max ", " up to ", " every ", " for ", " mg ", "ml", " tabs",
    "1", "2", "10", "0.5", "½", "1/2", " od", " prn", " day 1", " weeks", "(", ")", ":", "\n", "\u200b", "1,000", " by 5 mg", " stop", " at 8am",
    " increase ", " reduce ", " to ", " half ", "3/7", " biweekly", "é", "٣", "+", "@", "%", "'", "  ", "\t", " do not ", " before food",
)  # fmt: skip


def check(text: str) -> list[str]:
    """What is wrong with the reading of a text."""
    from posology.wording.reading import _read
    from tests.spec.reading.laws import broken

    started = time.process_time()
    try:
        reading = _read(text, (), None)
    except Exception as error:
        return [f"crash: {error!r}"]
    took = time.process_time() - started
    out = broken(reading)
    if took > SLOWEST * max(1.0, len(text) / 2000):
        again = time.process_time()
        _read(text, (), None)
        if time.process_time() - again > SLOWEST * max(1.0, len(text) / 2000):
            out.append(f"slow: {took * 1000:.0f} ms for {len(text)} characters")
    return out


def mutate(text: str, corpus: list[str], rng: random.Random) -> str:
    """One to four slips: a piece put in, a stretch dropped, doubled, moved, or taken from another text."""
    for _ in range(rng.randint(1, 4)):
        a = rng.randint(0, len(text))
        b = min(len(text), a + rng.randint(0, 12))
        kind = rng.randrange(6)
        if kind == 0:
            text = text[:a] + rng.choice(PIECES) + text[a:]
        elif kind == 1:
            text = text[:a] + text[b:]
        elif kind == 2:
            text = text[:b] + text[a:b] + text[b:]
        elif kind == 3:
            words = text.split(" ")
            rng.shuffle(words) if rng.random() < 0.2 else words.insert(
                rng.randint(0, len(words)), words.pop(rng.randrange(len(words)))
            )
            text = " ".join(words)
        elif kind == 4:
            other = rng.choice(corpus)
            c = rng.randint(0, len(other))
            text = text[:a] + other[c : c + rng.randint(1, 40)] + text[a:]
        else:
            text = text[:a] + rng.choice(PIECES) + text[b:]
    return text[:2000]


def hunt(seconds: float, seed: int, most: int = 20) -> list[tuple[str, list[str]]]:
    """Mutate for so long; the texts that break a law, at most so many."""
    from posology.wording.scan import scan

    rng = random.Random(seed)
    corpus = [json.loads(line)["text"] for line in CASES.read_text("utf-8").splitlines()]
    seen = {scan(t).classes for t in corpus}
    found: list[tuple[str, list[str]]] = []
    until, n = time.monotonic() + seconds, 0
    while time.monotonic() < until and len(found) < most:
        text = mutate(rng.choice(corpus), corpus, rng)
        wrong = check(text)
        n += 1
        if wrong:
            found.append((text, wrong))
        classes = scan(text).classes
        if classes not in seen and len(corpus) < 50_000 and len(text) < 400:
            seen.add(classes)
            corpus.append(text)
    print(f"{n} texts, {len(corpus)} kept, {len(found)} broke a law", file=sys.stderr)
    return found


def guided(seconds: float) -> None:
    """Let atheris find the way, by the branches of the reader."""
    import atheris  # type: ignore[import-not-found,unused-ignore]

    with atheris.instrument_imports(include=["posology.wording"]):
        pass

    def one(data: bytes) -> None:
        wrong = check(data.decode("utf-8", "ignore"))
        if wrong:
            raise AssertionError(wrong)

    atheris.Setup([sys.argv[0], f"-max_total_time={int(seconds)}", "-max_len=400"], one)
    atheris.Fuzz()


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(10**6)
    found = hunt(seconds, seed)
    for text, wrong in found:
        print(f"{text!r}\n    {'; '.join(wrong)}")
    if found:
        print(f"seed {seed}")
        return 1
    try:
        import atheris  # noqa: F401
    except ImportError:
        print("atheris is not installed: mutation only", file=sys.stderr)
        return 0
    guided(seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
