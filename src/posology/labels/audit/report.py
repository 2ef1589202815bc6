"""Turns a page and a reference into an Audit: every issue with its severity and evidence, as JSON and as SARIF.

Knows no medicine. It refuses to compare numbers across countries, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from attrs import evolve, frozen

from posology.labels.audit.advice import advice
from posology.labels.audit.doses import numbers
from posology.labels.audit.forbidden import contradictions
from posology.labels.audit.garbled import garbled
from posology.labels.audit.order import turned_round
from posology.labels.audit.page import Line, Page
from posology.labels.audit.reference import Evidence, Reference
from posology.labels.audit.required import missing
from posology.labels.audit.stopping import Finding, stopping
from posology.labels.audit.strangers import strangers
from posology.labels.grades import grade, smog
from posology.medicine import Claim

Severity = Literal["critical", "major", "minor"]
RANK: dict[str, int] = {"critical": 3, "major": 2, "minor": 1}
HARD_GRADE = 12.0
"""A sentence above this Flesch-Kincaid grade, and longer than :data:`HARD_WORDS`, is called hard to read."""
HARD_WORDS = 16

TYPES: dict[str, str] = {
    "wrong_maximum_dose": "The page gives another highest dose than the reference, or a dose above it.",
    "wrong_number_or_unit": "An amount, unit, period, number of times, interval or age is not the reference's.",
    "missing_abrupt_stop_warning": "The reference warns against stopping suddenly; the page does not.",
    "contradicts_stopping_advice": "The page says that stopping is safe or free; the reference warns against it.",
    "wrong_wording": "The wording changes the meaning of what the reference says.",
    "missing_boxed_warning": "The page leaves out the boxed warning, or what it puts first.",
    "incomplete_boxed_warning": "The page leaves out a part of the boxed warning.",
    "missing_contraindication": "The page does not say who must not take the medicine.",
    "contradicts_contraindication": "The page allows what the reference forbids.",
    "contradicts_warning": "The page waves away a danger that the reference warns of.",
    "missing_maximum_dose": "The page does not say the highest dose.",
    "missing_missed_dose": "The page does not say what to do about a missed dose.",
    "missing_kidney": "The page does not speak of the kidneys.",
    "missing_alcohol": "The page does not speak of alcohol.",
    "missing_fact": "The page leaves out something that the medicine file calls needed.",
    "incomplete_claim": "A claim is right and leaves out what matters.",
    "wrong_claim": "A claim is wrong, overstated or understated.",
    "garbled_sentence": "A sentence is cut, fused, empty, repeated or damaged.",
    "hard_to_read": "A sentence is too hard for most readers.",
    "unsourced": "The page names no source.",
    "undated": "The page has no date.",
    "other_country": "Page and reference are of different countries; numbers were not compared.",
    "other_medicine": "The page does not name the medicine of the reference.",
    "not_english": "The page is not in English; only the mechanical checks were made.",
}
"""Every type of issue and what it means; the documents and the schema list the same."""


TITLES: dict[str, str] = {
    "wrong_maximum_dose": "wrong highest dose",
    "wrong_number_or_unit": "wrong number or unit",
    "missing_abrupt_stop_warning": "no warning against stopping suddenly",
    "contradicts_stopping_advice": "contradicts the advice on stopping",
    "wrong_wording": "wording that changes the meaning",
    "missing_boxed_warning": "no boxed warning",
    "incomplete_boxed_warning": "part of the boxed warning is missing",
    "missing_contraindication": "nobody is told not to take it",
    "contradicts_contraindication": "allows what is forbidden",
    "contradicts_warning": "waves a danger away",
    "missing_maximum_dose": "no highest dose",
    "missing_missed_dose": "nothing on a missed dose",
    "missing_kidney": "nothing on the kidneys",
    "missing_alcohol": "nothing on alcohol",
    "missing_fact": "a needed fact is missing",
    "incomplete_claim": "right, but not all",
    "wrong_claim": "wrong, overstated or understated",
    "garbled_sentence": "broken sentence",
    "hard_to_read": "hard to read",
    "unsourced": "no source",
    "undated": "no date",
    "other_country": "page and reference are of different countries",
    "other_medicine": "not about this medicine",
    "not_english": "not in English",
}
"""A few plain words for each type, for people."""


@frozen
class Issue:
    """One thing wrong with a page. ``line`` is None for what is missing."""

    type: str
    severity: Severity
    text: str
    line: Line | None = None
    evidence: Evidence | None = None
    claim: str = ""


@frozen
class Judged:
    """A claim of a medicine file that the page makes, where, and how it was judged."""

    claim: Claim
    line: Line | None


@frozen
class Audit:
    """The result: issues in order of severity and place, the claims met, the grades, and what was compared."""

    page: Page
    reference: Reference
    issues: tuple[Issue, ...]
    claims: tuple[Judged, ...]
    grade: float
    smog: float
    numbers_compared: bool
    note: str = ""

    @property
    def worst(self) -> int:
        """The rank of the most severe issue; 0 where there is none."""
        return max((RANK[i.severity] for i in self.issues), default=0)


_SOURCE = re.compile(
    r"\b(?:sources?|references?|based\s+on|according\s+to|adapted\s+from|taken\s+from|prescribing\s+information|official\s+label|product\s+label(?:ing)?|labell?ing|set\s*id|DailyMed|SmPC|summary\s+of\s+product|package\s+leaflet|patient\s+information\s+leaflet|FDA\s+label|Medication\s+Guide|manufacturer['’]s\s+(?:label|information)|https?://|www\.|doi:|PMID|citations?|bibliography|(?:package|pack)\s+(?:insert|leaflet)|openFDA|Drug\s+Facts|label\s+(?:of\s+)?(?:19|20)\d\d|(?:American|British|European|Canadian|US|U\.S\.|UK|EU|FDA|official|manufacturer['’]s|drug|product)\s+label|(?:from|per|see|on|of)\s+the\s+(?:[\w-]+\s+){0,3}(?:label|leaflet|insert)|(?:label|insert|leaflet)\s*(?:source)?\s*[:(,]\s*(?:\w+\s+)?(?:US|U\.S\.|UK|FDA|EU|\w+\s+(?:19|20)\d\d|(?:19|20)\d\d)|insert\s+(?:of\s+)?(?:19|20)\d\d|(?:label|leaflet|insert|monograph)\b[^.\n]{0,80}\b(?:19|20)\d\d)\b|https?:|\blabel\s*:|(?:^|\n)\s*\[\d+\]|\bproduct\s+information\b|\bnhs\.uk\b|\bFDA-approved\s+(?:text|label\w*)|"
    r"\b(?:labels?|leaflets?|inserts?)\s+(?:we\s+)?(?:read|used|consulted)\b|\bwe\s+(?:used|read)\s*:|\bNICE\s+guid\w+|"
    r"\b(?:(?:we|I)(?:['’]ve|\s+have)?\s+(?:read|used|followed)|follows|written\s+(?:from|with|using)|using|drawn\s+(?:up\s+)?(?:from|on)|(?:checked|held|compared|verified|read)\b[^.\n]{0,30}\bagainst|against(?=\s+the\s+[^.\n]{0,50}\b(?:label|leaflet|insert))|generated\b[^.\n]{0,40}\bfrom)\s+(?:[\w.,’'-]+\s+){0,4}?(?:label(?:l?ing)?|leaflet|insert|text|pages?|information)\b",
    re.I,
)
_DATE = re.compile(
    r"\b(?:19|20)\d\d-\d\d(?:-\d\d)?\b|\b\d{1,2}[/.]\d{1,2}[/.](?:19|20)?\d\d\b|\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?\s+(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?(?:19|20)\d\d\b|"
    r"\b\d{1,2}\s+(?:January|February|March|April|May|June|July|August|September|October|November|December)\s+(?:19|20)\d\d\b|\b(?:updated|reviewed|revised|published|edition|version|as\s+of|copyright|©|dated?)\b[^.\n]{0,25}\b(?:19|20)\d\d\b|\b\d{1,2}/(?:19|20)\d\d\b|(?<![\d,.])20[0-4]\d\b(?!\s*(?:mg|mcg|g\b|m[lL]|units?|people|patients|kcal|calories|women|men|,\d))",
    re.I,
)


_TESTED = re.compile(
    r"^\W*(?:\d+\W*)?(?:true\s+or\s+false|fact\s+or\s+(?:fiction|myth)|right\s+or\s+wrong|myth)\b", re.I
)
_QUOTED = re.compile(r"^\W*(?:\d+[.)]?\s*)?[\"“][^\"“”]+[\"”]\W*$")


def _put_to_the_test(line: Line) -> bool:
    r"""Whether a line only puts up what others believe, for the text below it to judge.

    >>> from posology.labels.audit.page import read_page
    >>> [_put_to_the_test(x) for x in read_page(b'"Anyone can take it."\n\nNot so: ask first.', "p.txt").lines]
    [True, False]
    """
    return bool(_TESTED.match(line.text)) or (line.alone and bool(_QUOTED.match(line.text)))


def audit(page: Page, reference: Reference, country: str = "") -> Audit:
    """Hold a page to a reference. ``country`` overrides what the page shows of its own country."""
    issues: list[Issue] = []
    note = ""
    there = country or page.country
    english = page.language in ("", "en") or page.language.startswith("en")
    if page.language == "" and not page.lines:
        english = True
    if not english or (page.language == "" and _foreign(page)):
        english = False
        issues.append(
            Issue(
                "not_english", "major", "This page is not in English. Only damaged text, source and date were checked."
            )
        )
    named = _names(page, reference)
    if english and not named and reference.names:
        issues.append(
            Issue(
                "other_medicine",
                "critical",
                f"This page is not about {reference.name}: nothing can be held to this reference. Is it the right label?",
            )
        )
    comparable = not there or not reference.jurisdiction or there == reference.jurisdiction
    if not comparable and _cites(page, reference):
        comparable = True
        text = f"The page shows signs of {there} and names a source of {reference.jurisdiction}: it was held to that. Doses may differ in {there}."
        issues.append(Issue("other_country", "minor", text))
    elif not comparable:
        note = f"The page is of {there} and the reference of {reference.jurisdiction}: doses, maxima and times were not compared."
        issues.append(Issue("other_country", "major", note + " Give a reference of the same country."))
    if english and (named or not reference.names):
        said = evolve(page, lines=tuple(x for x in page.lines if not _put_to_the_test(x)))
        found: list[Finding] = [
            *stopping(said, reference),
            *missing(page, reference),
            *contradictions(said, reference),
            *strangers(page, reference),
            *turned_round(page, reference.everywhere or reference),
        ]
        wide = reference.everywhere
        if wide is not None and not reference.abrupt:  # a leave to stop is one, whichever country's source warns
            found += [f for f in stopping(said, wide) if f[0].startswith("contradicts")]
        if comparable:
            found += [*numbers(page, reference), *advice(page, reference.everywhere or reference)]
        else:
            found = [f for f in found if f[0] != "missing_maximum_dose"]
        if any(f[0] == "wrong_maximum_dose" for f in found):  # it says one, and a wrong one
            found = [f for f in found if f[0] != "missing_maximum_dose"]
        issues += [Issue(t, s, x, line, e) for t, s, x, line, e in found]  # type: ignore[arg-type]
    for line, why in garbled(page):
        issues.append(Issue("garbled_sentence", "major", why, line))
    names = reference.names
    if english:
        issues += _hard(page, names)
    whole = page.text + "\n" + page.meta
    if not _SOURCE.search(whole):
        issues.append(Issue("unsourced", "minor", "It names no source."))
    if not _DATE.search(whole):
        issues.append(Issue("undated", "minor", "It has no date."))
    claims = _of_known_page(list(_claims(page, reference)), reference) if english else []
    issues = _with_claims(issues, claims, reference)
    prose = [x.text for x in page.lines if x.kind != "heading" and len(x.text.split()) > 2]
    ordered = sorted(issues, key=lambda i: (-RANK[i.severity], i.line.start if i.line else -1, i.type))
    held = english and (named or not reference.names)
    if not held:
        note = "The page was not held to the reference: only damaged text, source and date were checked."
    return Audit(
        page, reference, tuple(_once(ordered)), tuple(claims),
        grade(prose, names), smog(prose, names), comparable and held, note,
    )  # fmt: skip


_OF_COUNTRY = {
    "US": r"US|U\.S\.|American|FDA|DailyMed|openFDA",
    "GB": r"UK|British|SmPC|EMC|MHRA",
    "DE": r"German|BfArM",
}


def _cites(page: Page, reference: Reference) -> bool:
    """Whether a page names its source as a label of the reference's own country, or as one of the reference's name and year."""
    text = page.text + "\n" + page.meta
    of = _OF_COUNTRY.get(reference.jurisdiction)
    sources = [
        m[0]
        for m in re.finditer(
            r"[^\n]*\b(?:label(?:l?ing)?|prescribing\s+information|leaflet|insert|Drug\s+Facts)\b[^\n]*", text, re.I
        )
    ]
    year = re.search(r"\b(?:19|20)\d\d\b", reference.source.rpartition(",")[2])
    return any(
        (of and re.search(rf"\b(?:{of})\b", x))
        or (year and year[0] in x and any(n in x.lower() for n in reference.names))
        for x in sources
    )


def _names(page: Page, reference: Reference) -> bool:
    """Whether a page is about the reference's medicine: it names it at its head, or more than once."""
    head = re.findall(r"[a-z][a-z0-9]{3,}", (page.text[:600] + " " + page.meta).lower())
    rest = re.findall(r"[a-z][a-z0-9]{3,}", page.text[600:].lower())
    if reference.names & set(head) or sum(w in reference.names for w in rest) > 1:
        return True
    stems = {w for w in head if len(w) >= 6}  # "Bonine for Kids" is BonineKids
    return any(n != w and n.startswith(w) for n in reference.names for w in stems)


def _foreign(page: Page) -> bool:
    return len(re.findall(r"[A-Za-zÀ-ÿ]+", page.text)) >= 20


def _once(issues: list[Issue]) -> Iterator[Issue]:
    seen: set[tuple[str, int]] = set()
    for i in issues:
        key = (i.type, i.line.start if i.line else hash(i.text))
        if key not in seen:
            seen.add(key)
            yield i


def _hard(page: Page, names: frozenset[str]) -> Iterator[Issue]:
    for x in page.lines:
        if x.kind == "heading" or len(x.text.split()) <= HARD_WORDS or "http" in x.text:
            continue
        g = grade([x.text], names)
        if g > HARD_GRADE:
            yield Issue(
                "hard_to_read", "minor", f"Reading grade {g:.0f}: shorter sentences and plainer words would help.", x
            )


def _claims(page: Page, ref: Reference) -> Iterator[Judged]:
    flat = [(x, _flat(x.text)) for x in page.lines]
    for c in ref.claims:
        if c.verdict == "omission":
            continue
        best: tuple[int, Line] | None = None
        for x, text in flat:
            hits = sum(_flat(m) in text for m in c.match)
            if hits and (best is None or hits > best[0]):
                best = (hits, x)
        if best is None:
            # a claim may run over two sentences
            whole = _flat(page.text)
            if c.match and all(_flat(m) in whole for m in c.match):
                best = (
                    1,
                    next(x for x, t in flat if any(_flat(m) in t for m in c.match))
                    if any(_flat(m) in t for _, t in flat for m in c.match)
                    else page.lines[0],
                )
        if best is not None:
            yield Judged(c, best[1])


def _of_known_page(met: list[Judged], ref: Reference) -> list[Judged]:
    """The claims met, where they are enough to show that this is the page they were judged on; else none.

    One sentence that another page shares ("take it as directed") must not bring the whole judgement of that page with it.
    """
    wanted = [c for c in ref.claims if c.verdict != "omission"]
    return met if wanted and len(met) * 5 >= len(wanted) * 2 else []


def _flat(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


_VERDICT: dict[str, tuple[str, Severity]] = {
    "incomplete": ("incomplete_claim", "minor"),
    "overstated": ("wrong_claim", "major"),
    "understated": ("wrong_claim", "major"),
    "wrong": ("wrong_claim", "critical"),
    "garbled": ("garbled_sentence", "major"),
}


def _with_claims(issues: list[Issue], claims: list[Judged], ref: Reference) -> list[Issue]:
    out = list(issues)
    for j in claims:
        if j.claim.verdict == "right":
            continue
        kind, severity = _VERDICT[j.claim.verdict]
        out = [
            i
            for i in out
            if not (
                i.type == kind == "garbled_sentence"
                and i.line is not None
                and j.line is not None
                and i.line.start == j.line.start
            )
        ]
        out.append(Issue(kind, severity, j.claim.correction, j.line, _claim_evidence(j.claim, ref), j.claim.id))
    if claims:  # a page the file knows: what it leaves out was judged too
        pages = {j.claim.page for j in claims}
        for c in ref.claims:
            if c.verdict == "omission" and c.page in pages:
                kind = _OMISSION.get(_subject(c), "missing_fact")
                if any(i.type == kind and kind != "missing_fact" for i in out):
                    out = [
                        Issue(i.type, i.severity, i.text, i.line, i.evidence or _claim_evidence(c, ref), c.id)
                        if i.type == kind and not i.claim
                        else i
                        for i in out
                    ]
                else:
                    out.append(Issue(kind, "major", f"{c.says} {c.correction}", None, _claim_evidence(c, ref), c.id))
    return out


_OMISSION = {
    "maximum": "missing_maximum_dose",
    "kidney": "missing_kidney",
    "alcohol": "missing_alcohol",
    "missed": "missing_missed_dose",
}


def _subject(claim: Claim) -> str:
    text = f"{claim.id} {claim.says}".lower()
    return next(
        (k for k in _OMISSION if k in text), "maximum" if re.search(r"\bmax\b|highest|most in a day", text) else ""
    )


def _claim_evidence(c: Claim, ref: Reference) -> Evidence | None:
    """The first statement that a claim cites, in its own words; the others are named beside it."""
    cited = {e.statement: e for e in ref.cited}
    first = next((cited[s] for s in c.statements if s in cited), None)
    return None if first is None else evolve(first, statement=", ".join(c.statements))


# -- forms ----------------------------------------------------------------------------------------------------------


def _evidence(e: Evidence | None) -> dict[str, Any] | None:
    if e is None:
        return None
    out: dict[str, Any] = {"section_code": e.section_code, "quote": e.quote}
    if e.path:
        out["section_path"] = e.path
    if e.statement:
        out["statement"] = e.statement
    if e.source:
        out["source"] = e.source
    return out


def _place(line: Line | None) -> dict[str, Any] | None:
    return None if line is None else {"line": line.line, "start": line.start, "end": line.end, "quote": line.text}


def audit_json(a: Audit) -> dict[str, Any]:
    """The audit as the contract writes it (see ``audit.schema.json``)."""
    return {
        "page": a.page.name,
        "reference": a.reference.source,
        "page_country": a.page.country,
        "reference_country": a.reference.jurisdiction,
        "numbers_compared": a.numbers_compared,
        "note": a.note,
        "not_stated": list(a.reference.unstated),
        "reading": {"flesch_kincaid": round(a.grade, 1), "smog": round(a.smog, 1), "words": a.page.words},
        "counts": {s: sum(i.severity == s for i in a.issues) for s in ("critical", "major", "minor")},
        "issues": [
            {
                "type": i.type,
                "severity": i.severity,
                "text": i.text if i.line is None else f"“{i.line.text}” {i.text}",
                "why": i.text,
                "place": _place(i.line),
                "evidence": _evidence(i.evidence),
                **({"claim": i.claim} if i.claim else {}),
            }
            for i in a.issues
        ],
        "claims": [
            {
                "id": j.claim.id,
                "verdict": j.claim.verdict,
                "says": j.claim.says,
                "correction": j.claim.correction,
                "statements": list(j.claim.statements),
                "place": _place(j.line),
            }
            for j in a.claims
        ],
    }


_LEVEL = {"critical": "error", "major": "warning", "minor": "note"}


def sarif(a: Audit, version: str, uri: str = "") -> dict[str, Any]:
    """The audit as a SARIF 2.1.0 log (OASIS), for the code-review tools of publishers.

    ``uri``: where the page is, as the tools know it. What was judged right is there too, of kind ``pass``.
    """
    from urllib.parse import quote

    right = [j for j in a.claims if j.claim.verdict == "right"]
    used = list(dict.fromkeys(i.type for i in a.issues)) + (["right_claim"] if right else [])
    about = {**TYPES, "right_claim": "A claim of the page that the medicine file judges right."}
    place = {"uri": quote(uri or a.page.name, safe="/:%")}

    def result(rule: str, kind: str, level: str, text: str, line: Line | None, more: dict[str, Any]) -> dict[str, Any]:
        region = {"startLine": 1} if line is None else {"startLine": line.line, "snippet": {"text": line.text}}
        return {
            "ruleId": rule,
            "ruleIndex": used.index(rule),
            "kind": kind,
            "level": level,
            "message": {"text": text},
            "locations": [{"physicalLocation": {"artifactLocation": place, "region": region}}],
            "properties": more,
        }

    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "posology",
                        "version": version,
                        "rules": [{"id": t, "shortDescription": {"text": about[t]}} for t in used],
                    }
                },
                "artifacts": [{"location": place}],
                "results": [
                    *(
                        result(
                            i.type,
                            "fail",
                            _LEVEL[i.severity],
                            _message(i),
                            i.line,
                            {"severity": i.severity, "evidence": _evidence(i.evidence), "claim": i.claim},
                        )
                        for i in a.issues
                    ),
                    *(
                        result(
                            "right_claim",
                            "pass",
                            "none",
                            f"{j.claim.says} {j.claim.correction}",
                            j.line,
                            {"claim": j.claim.id, "evidence": _evidence(_claim_evidence(j.claim, a.reference))},
                        )
                        for j in right
                    ),
                ],
                "properties": {
                    "reference": a.reference.source,
                    "not_stated": list(a.reference.unstated),
                    "numbers_compared": a.numbers_compared,
                },
            }
        ],
    }


def _message(i: Issue) -> str:
    if i.evidence is None:
        return i.text
    where = i.evidence.section_code or i.evidence.statement
    return f"{i.text} Evidence ({where}): {i.evidence.quote}"
