"""Measures what the label room gets right: structure, abrupt stopping, maximum doses, and the audit of leaflets.

Cases are those of ``tests/labels`` (our own words) and, where they are beside the checkout, the development labels.
Run: python bench/labels_accuracy.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
TESTS = ROOT / "tests" / "labels"
LABELS = ROOT.parent / "shared" / "data" / "labels"


FIRST_TRY_OF_SENTENCES = (
    "maximum, set 1 (110 sentences) precision 87.7 %, recall 77.1 %",
    "maximum, set 2 (102 sentences, after set 1 was mended) precision 94.7 %, recall 86.7 %",
    "maximum, set 3 (37 whole labels, after set 2) precision 94.6 %, recall 89.8 %",
    "maximum, set 4 (41 whole labels, after set 3) precision 94.1 %, recall 88.9 %",
    "maximum, set 5 (38 whole labels, after set 4) precision 92.1 %, recall 92.1 %",
    "maximum, set 6 (42 whole labels, after set 5) precision 93.8 %, recall 96.8 %",
    "maximum, set 7 (44 labels that state none but one, after set 6) 10 with a false alarm",
    "maximum, set 8 (20 openFDA texts run together, after set 7) precision 89.3 %, recall 96.2 %",
    "maximum, set 9 (26 short labels in unusual words, after set 8) precision 95.5 %, recall 72.4 %",
    "abrupt stopping, set 1 (82 sentences, mostly hard) 82.9 %",
    "abrupt stopping, set 2 (89 sentences, after set 1) 89.9 %",
    "abrupt stopping, set 3 (46 sentences, after set 2) 89.1 %",
    "abrupt stopping, set 4 (40 sentences, after set 3) 82.5 %",
    "labels as sold, set 3 (7 public labels, the rules of before 2026-11-29) precision 80.0 %, recall 88.9 %; stopping 7 of 7",
    "labels as sold, set 4 (14, after set 3) precision 75.0 %, recall 94.7 %; stopping 13 of 14",
    "labels as sold, set 5 (8, after set 4) precision 77.8 %, recall 100 %; stopping 8 of 8",
    "labels as sold, set 6 (5, after set 5) precision 77.8 %, recall 100 %; stopping 5 of 5",
    "labels as sold, set 7 (33, after set 6) precision 87.2 %, recall 67.2 %; stopping 30 of 33",
    "labels as sold, set 8 (93, after set 7) precision 82.9 %, recall 77.0 %; stopping 90 of 93",
    "labels as sold, set 9 (45, after set 8) precision 87.2 %, recall 71.6 %; stopping 40 of 45",
    "maximum, set 15 (46 sentences, more than half traps, after set 9 as sold) precision 84.6 %, recall 84.6 %",
    "maximum, set 16 (13 whole labels, 20 maxima, after set 15) precision 100 %, recall 100 %",
    "maximum, set 17 (31 sentences, after set 16) precision 94.1 %, recall 76.2 %",
    "abrupt stopping, set 6 (18 sentences, half traps) 66.7 %",
    "abrupt stopping, set 7 (10 sentences, after set 6) 8 of 10",
)
"""Written down when each set was first run. Cases that rules were mended for say nothing of other labels; these do."""


def cases(name: str) -> list[dict[str, object]]:
    return json.loads((TESTS / name).read_text("utf-8"))  # type: ignore[no-any-return]


def main() -> int:
    from tests.labels import test_extract as ours
    from tests.labels.leaflets import DATA, compose, faulty

    from posology.labels import read_file
    from posology.labels.audit import audit, from_label, read_page
    from posology.labels.extract import extract

    bad = 0
    stopping = cases("stopping_cases.json")
    right = sum(ours.abrupt(c) == c["warns"] for c in stopping)
    print(f"abrupt stopping, own cases        {right}/{len(stopping)} = {right / len(stopping):.1%}  (to reach: 97 %)")
    bad += right / len(stopping) < 0.97
    for name, file, read in (
        ("sentences", "maximum_cases.json", lambda c: ours.maxima(c)),
        ("whole labels of our own", "maximum_documents.json", lambda c: sorted(ours.document_maxima(c))),
    ):
        hits = wanted = found = 0
        rows = cases(file)
        for c in rows:
            want = [
                (float(m["value"]), m["unit"], m["per"]) if isinstance(m, dict) else (float(m[0]), m[1], m[2])
                for m in c["max"]  # type: ignore[attr-defined]
            ]
            got = read(c)  # type: ignore[no-untyped-call]
            wanted, found = wanted + len(want), found + len(got)
            hits += sum(g in want for g in got)
        print(
            f"maximum dose, {len(rows)} {name:<24} precision {hits / found:.1%}, recall {hits / wanted:.1%}"
            "  (to reach: 97 %, 90 %)"
        )
        bad += hits / found < 0.97 or hits / wanted < 0.90
    for line in FIRST_TRY_OF_SENTENCES:
        print(f"  first try, before any rule was changed for it: {line}")
    if not LABELS.exists():
        print("development labels                not here; own cases only")
        return bad
    gold = cases("development_labels.json")
    ok = hits = wanted = found = 0
    for row in gold:
        facts = extract(read_file(LABELS / str(row["file"])))
        ok += facts.stopping.abrupt == row["abrupt"]
        want_dev = {tuple(x) for x in row["max"]}  # type: ignore[attr-defined]
        got_dev = {(f"{m.value.normalize():f}", m.unit, m.per) for m in facts.maximum}
        hits, wanted, found = hits + len(want_dev & got_dev), wanted + len(want_dev), found + len(got_dev)
    print(f"abrupt stopping, {len(gold)} real labels   {ok}/{len(gold)} = {ok / len(gold):.1%}")
    print(f"maximum dose, {len(gold)} real labels      precision {hits / found:.1%}, recall {hits / wanted:.1%}")
    bad += ok / len(gold) < 0.97 or hits / found < 0.97 or hits / wanted < 0.90
    refs = {k: from_label(read_file(LABELS / b["label"])) for k, b in DATA["bases"].items()}
    alarms = 0
    for k, b in DATA["bases"].items():
        result = audit(read_page(compose(b["name"], b["slots"], "html"), k), refs[k])
        alarms += sum(i.severity != "minor" or i.type in ("unsourced", "undated") for i in result.issues)
    caught = 0
    for f in DATA["faults"]:
        name, slots = faulty(f)
        types = {i.type for i in audit(read_page(compose(name, slots, "html"), k), refs[f["base"]]).issues}
        caught += set(f["expect"]) <= types
    print(f"planted faults found              {caught}/{len(DATA['faults'])}  (to reach: all)")
    print(f"false alarms on {len(DATA['bases'])} clean leaflets  {alarms}  (at most 1)")
    bad += caught < len(DATA["faults"]) or alarms > 1
    return bad + whole_pages()


FIRST_TRY = {
    "first": ("62 of 75", "10 of 11"), "second": ("60 of 73", "8 of 13"), "third": ("33 of 43", "5 of 10"), "fourth": ("41 of 44", "3 of 8"), "fifth": ("20 of 20", "1 of 6"),
    "sixth": ("7 of 8", "3 of 4"), "seventh": ("12 of 15", "4 of 15"),
    "eighth": ("12 of 15", "6 of 15"), "ninth": ("13 of 15", "5 of 15"),
    "tenth": ("14 of 15", "1 of 15"), "eleventh": ("14 of 15", "3 of 15"),
    "twelfth": ("15 of 24", "4 of 10"), "thirteenth": ("20 of 29", "7 of 10"), "fourteenth": ("22 of 29", "4 of 10"),
    "fifteenth": ("21 of 31", "5 of 10"), "sixteenth": ("22 of 34", "9 of 10"),
    "seventeenth": ("24 of 32", "1 of 10"), "eighteenth": ("20 of 28", "4 of 10"), "nineteenth": ("18 of 26", "4 of 10"),
    "twentieth": ("15 of 26", "4 of 10"), "twentyfirst": ("22 of 30", "4 of 10"),
}  # fmt: skip
"""What the audit of its day made of each set before a rule was changed for it: planted faults found, clean pages with an alarm."""


def whole_pages() -> int:
    """The pages of ``tests/labels/leaflets/pages``: found by type, alarms by type, on clean and on faulty ones."""
    from collections import Counter

    from tests.labels.leaflets import pages

    from posology.labels.audit import audit, read_page

    refs: dict[str, object] = {}
    wanted: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    clean: Counter[str] = Counter()
    on_faulty: Counter[str] = Counter()
    count = clean_pages = clean_bad = 0
    for batch, (found_first, alarmed_first) in FIRST_TRY.items():
        for x in pages.leaflets(batch):
            of = f"{x.label} {x.country}"
            if of not in refs:
                refs[of] = x.reference(lambda file: LABELS / file)
            result = audit(read_page(x.data, x.name), refs[of], x.country)  # type: ignore[arg-type]
            alarms = pages.alarms(x, result)
            wanted.update(t for t, _ in x.expect)
            lost.update(t for t, _ in pages.missed(x, result))
            (on_faulty if x.expect else clean).update(t for t, _ in alarms)
            count, clean_pages, clean_bad = (
                count + 1,
                clean_pages + (not x.expect),
                clean_bad + (not x.expect and bool(alarms)),
            )
        print(f"whole pages, {batch} set, first try   found {found_first}; clean pages with an alarm {alarmed_first}")
    total = sum(wanted.values())
    print(
        f"whole pages, all {count} of {len(refs)} labels and medicine files    found {total - sum(lost.values())} of {total}  (to reach: all)"
    )
    print("  by type: " + ", ".join(f"{t} {wanted[t] - lost[t]}/{wanted[t]}" for t in sorted(wanted)))
    print(
        f"  false alarms: {clean_bad} of {clean_pages} clean pages {dict(clean)}, on faulty pages {dict(on_faulty)}  (to reach: 1 in 15)"
    )
    return int(bool(lost) or clean_bad * 15 > clean_pages)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
