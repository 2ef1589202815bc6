"""Turns a page and a reference into findings on what it allows and the reference forbids or warns of.

Knows no medicine by name. A permission counts only where no "not", "ask" or "until" in its clause turns it round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from posology.labels.audit.measures import UNCHANGED, lengths
from posology.labels.audit.page import Page
from posology.labels.audit.reference import Evidence, Reference
from posology.labels.audit.stopping import Finding, answered
from posology.labels.audit.welcome import welcomes

_CONDITIONS: tuple[tuple[str, str, str], ...] = (
    ("an allergy to it", r"hypersensitiv|allerg|anaphyla", r"allerg\w*|hypersensitiv\w*|reacted\s+badly"),
    ("pregnancy", r"pregnan|childbearing|fet(?:al|us)", r"pregnan\w*|expecting\b(?!\s+to)|expectant|unborn"),
    ("breastfeeding", r"nursing|lactat|breast-?\s?feed", r"breast-?\s?feed\w*|nursing"),
    ("liver disease", r"hepatic|liver", r"liver|hepatic|hepatitis|cirrhosis"),
    ("kidney disease", r"renal|kidney|anuria|dialysis|eGFR|creatinine", r"kidneys?|renal|dialysis|e?GFR|creatinine"),
    ("glaucoma", r"glaucoma", r"glaucoma"),
    ("an MAO inhibitor", r"MAO|monoamine\s+oxidase", r"MAO\w*|monoamine\s+oxidase"),
    ("asthma", r"asthma|bronchospas|COPD|airway", r"asthma\w*|COPD|wheez\w*|lung\s+disease"),
    ("a slow heartbeat or heart block", r"heart\s+block|bradycardia|sick\s+sinus|AV\s+block", r"slow\s+(?:heart\s*beat|heart\s+rate|pulse)|heart\s+block|bradycardia|sick\s+sinus"),
    ("heart failure or shock", r"heart\s+failure|cardiogenic\s+shock|cardiac\s+failure", r"heart\s+failure|weak\s+heart|cardiac\s+failure"),
    ("a recent heart attack", r"myocardial\s+infarction", r"heart\s+attack"),
    ("ulcer or bleeding", r"ulcer|bleeding|hemorrhag", r"ulcers?|bleeding"),
    ("sleep apnoea", r"sleep\s+apn", r"sleep\s+apn\w+"),
    ("myasthenia gravis", r"myasthenia", r"myasthenia\w*"),
    ("breathing trouble", r"respiratory\s+(?:insufficiency|depression|failure)", r"breathing\s+(?:problems?|trouble)|respiratory"),
    ("a fungal infection", r"fungal|mycos", r"fungal|fungus"),
    ("melanoma or a skin lesion", r"melanoma|skin\s+lesion", r"melanoma|skin\s+(?:lesion|cancer|mole)\w*|moles?"),
    ("seizures", r"seizure|epilep|convuls", r"seizures?|epilep\w*|fits"),
    ("urinary blockage", r"urinary\s+retention|bladder\s+neck|obstructive\s+uropathy", r"urin\w+|bladder|prostate"),
    ("diabetic ketoacidosis", r"ketoacidosis|metabolic\s+acidosis", r"ketoacidosis|acidosis"),
    ("low blood pressure", r"hypotension", r"low\s+blood\s+pressure"),
    ("heart bypass surgery", r"bypass|CABG|heart\s+surgery", r"bypass|heart\s+(?:surgery|operation)"),
    ("an irregular heartbeat", r"QT|arrhythmi|torsade", r"QT|irregular\s+heart\w*|heart\s+rhythm|arrhythmi\w*"),
    ("stroke", r"\bstroke|cerebrovascular", r"strokes?"),
    ("porphyria", r"porphyria", r"porphyria"),
    ("phaeochromocytoma", r"ph(?:a)?eochromocytoma", r"ph(?:a)?eochromocytoma"),
    ("bowel blockage", r"ileus|gastrointestinal\s+obstruction|bowel\s+obstruction", r"bowel|ileus|gut\s+blockage"),
    ("children", r"(?:pediatric|children|infants|neonat)[^.]{0,40}", r"child(?:ren)?|infants?|bab(?:y|ies)|kids?"),
    ("strong interacting medicines", r"(?:strong|potent)\s+(?:\w+\s+){0,3}inhibitor", r"inhibitors?"),
    ("more of the same ingredient", r"\bother\s+(?:\w+\s+){0,2}(?:drugs?|medicines?|products?)\s+(?:\w+\s+)?contain", r"(?:other|another|a\s+second|more)\s+(?:\w+\s+){0,2}(?:drugs?|medicines?|products?|remed(?:y|ies))\s+(?:that\s+|which\s+)?(?:contain\w*|with|hold\w*|made\s+(?:of|with))"),
    ("alcohol", r"alcohol", r"alcohol\w*|drinking"),
    ("an overactive thyroid", r"hyperthyroid|thyrotoxic", r"over-?active\s+thyroid|hyperthyroid\w*|thyroid"),
    ("Parkinson's disease", r"parkinson", r"parkinson\w*"),
    ("coma or heavy sedation", r"coma|CNS\s+depression|nervous\s+system\s+depression", r"coma\w*|unconscious"),
    ("swelling of the face", r"angioedema|angioneurotic", r"angio-?o?edema|swelling\s+of\s+(?:the|your)\s+(?:face|lips|tongue)"),
    ("blood clots", r"thrombo(?:embol|phleb|sis)|embolism", r"(?:blood\s+)?clots?|thrombosis|embolism"),
    ("breast or womb cancer", r"breast\s+cancer|carcinoma\s+of\s+the\s+breast|estrogen-dependent", r"breast\s+cancer|womb\s+cancer"),
    ("unexplained bleeding", r"(?:undiagnosed|abnormal)\s+(?:\w+\s+)?bleeding", r"unexplained\s+(?:\w+\s+)?bleeding"),
    ("an eating disorder", r"bulimia|anorexia\s+nervosa", r"bulimia|anorexia|eating\s+disorders?"),
    ("nitrates", r"nitrate|nitroglycerin", r"nitrates?|nitroglycerin\w*|GTN|heart\s+spray"),
    ("a blood disorder", r"blood\s+dyscrasia|bone\s+marrow|leukopenia|thrombocytopenia|an(?:a)?emia|agranulocyt", r"blood\s+(?:disorders?|cells?|counts?)|bone\s+marrow|an(?:a)?emia|low\s+platelets"),
    ("weak immunity", r"immunodeficien", r"weak\s+immun\w*|immune\s+(?:system|deficien\w*)|HIV|AIDS"),
    ("alcoholism", r"alcoholism", r"alcoholi\w+|drink(?:s|ing|ers?)?"),
    ("poor circulation", r"peripheral\s+(?:vascular|arterial)|gangrene", r"poor\s+circulation"),
    ("migraine with aura", r"migraine", r"migraines?"),
    ("pancreatitis", r"pancreatitis", r"pancrea\w+"),
    ("gout", r"\bgout|uric\s+acid", r"gout"),
    ("high potassium", r"hyperkal", r"(?:high|raised)\s+potassium"),
    ("dehydration", r"dehydrat|hypovol", r"dehydrat\w*"),
    ("lupus", r"lupus", r"lupus"),
    ("tuberculosis", r"tuberculosis", r"tuberculosis|TB"),
    ("suicidal thoughts", r"suicid", r"suicid\w*"),
    ("opioids", r"opioid|opiate", r"opioids?|opiates?|strong\s+painkillers?"),
    ("high blood pressure", r"(?<!pulmonary\s)hypertension", r"high\s+blood\s+pressure"),
    ("aspirin asthma", r"aspirin", r"aspirin"),
    ("premature babies", r"prematur|preterm", r"prematur\w*|born\s+early"),
    ("live vaccines", r"live,?\s+(?:or\s+live,?\s+)?(?:virus\s+|attenuated\s+)?vaccin", r"live\s+vaccin\w*|vaccin\w*"),
)  # fmt: skip
_GOOD = r"(?:safe(?!ty|r\s+to\s+ask)(?:ly)?|fine|ok(?:ay)?|all\s+right|alright|suitable|harmless|allowed|acceptable|great|good|gentle|ideal|perfect|excellent|sensible|best(?!\s+(?:to\s+)?(?:avoid\w*|not|left|kept|skipped|without))|right(?!\s+(?:before|after|when|if|while|in|at|to)\b)|permitted|no\s+(?:problem|issue)|well\s+suited|unproblematic|welcome)"
_SAFE = re.compile(
    rf"\b(?:(?:is|are|be|it['’]s|considered|perfectly|completely|quite|generally|also|entirely|totally|absolutely|just)\s+(?:\w+\s+){{0,2}}?{_GOOD}(?!\s+(?:idea\s+to|to\s+(?:ask|tell|check|avoid)))\b|"
    rf"{_GOOD}\s+(?:(?:choice|option|pick|medicine|drug|treatment|even|right|just)\s+)?(?:for|in|to|during|with|while|alongside|after|before|when|if)\b|safely\b|suits\b|(?:^|[:–]\s+)(?:yes,?\s+)?(?:safe|fine|suitable|ok(?:ay)?|allowed)\b(?=\s*(?:[.,;!)]|$|for\b|in\b|to\b|with\b|during\b|when\b|if\b|while\b|as\b|even\b|too\b))|"
    r"(?:can|may|could)\s+(?:(?:still|also|usually|normally|freely|even|happily|certainly|be|both)\s+)*(?:take\w*|use[ds]?|combine[ds]?|mix(?:ed)?|given|taken|drink|have(?=\s+(?:it|this|alcohol|wine|beer|some|an?\s+(?!reaction|higher|lower|increased|risk|allerg|severe|serious|side)))|enjoy|drive|fine|safe\w*)\b|free\s+to\b|feel\s+free\b|"
    r"(?:helpful|useful|effective|beneficial|popular|handy)\s+(?:for|in|to|with)\s+(?:\w+\s+){0,2}?(?:people|patients|those|anyone|women|men|children|adults|users)\b|"
    r"(?:do(?:es)?|did)\s+(?:\w+\s+)?(?:well|fine)\s+(?:on|with)\b|works?\s+(?:\w+\s+)?(?:well|fine|best)\s+(?:in|for|with)\b|benefit\s+from\b|helps?\s+(?:people|patients|those|women|men|children)\s+(?:with|who)\b|(?:goes|go|mix(?:es)?|combines?|pairs?|sits?|agrees?)\s+(?:\w+\s+)?(?:well|fine|nicely|happily)\s+(?:together\s+)?with\b|"
    r"(?:can|may|could)\s+(?:\w+ly\s+)?(?:carry\s+on|continue|stay|keep|go\s+on)\b|(?:often|usually|commonly|safely|frequently|routinely)\s+(?:given|used|taken|combined|prescribed)\s+(?:together|side\s+by\s+side|alongside|in\s+combination)\b|"
    r"(?:no|not|never|n['’]t|nor|hardly|without)\b(?:(?!\b(?:if|unless|take|use|safe)\b)[^.;,]){0,30}?\b(?:obstacles?|barriers?|hurdles?|bar\b|objections?|grounds|hindrances?|contraindicat\w+|stands?\s+in\s+the\s+way|rules?\s+(?:it\s+|this\s+)?out|exclude\w*|prevents?|keeps?\s+you\s+from|reasons?\s+(?:to\s+(?:avoid|stop|refuse|worry|skip)|not\s+to|against|for\s+not|why)|(?:have|has|need)\s+(?:not\s+)?to\s+worry|worry|matter|speaks?\s+against)\b|"
    r"no\s+(?:need\s+(?:to\s+(?:worry|avoid|tell|stop|mention|change)|for\s+(?:caution|concern|care))|special\s+(?:care|precautions?|warnings?)|precautions?|problems?|risks?|harm|danger|restrictions?|effects?\s+on|known\s+problems?|limits?|reason\s+(?:to|not|why)|issues?|worries|concerns?|interaction\w*)\b|need\s+not\b|needn['’]t\b|without\s+(?:any\s+)?(?:worr\w+|concern|problems?|risk|fear|trouble)\b|"
    r"(?:do|does|will|wo|is|are)\s*(?:not|n['’]t)\s+(?:a\s+(?:problem|concern|reason)|matter|affect|harm|hurt|interact|interfere|need\s+to\s+(?:avoid|worry|stop|tell|mention)|have\s+to\s+(?:avoid|worry|stop|tell|mention))|even\s+(?:if|when|in|with)\b|regardless\s+of\b|whether\s+or\s+not\b|everyone\b|anyone(?!\s+else)\b|good\s+choice\b|recommended\s+(?:for|in|during)\b|approved\s+for\b|nothing\s+to\s+(?:worry|fear))",
    re.I,
)
_UNSAFE = re.compile(
    rf"\b(?:(?:not|n['’]t|never)\s+(?:\w+ly\s+|so\s+|very\s+|all\s+that\s+)?{_GOOD}|"
    r"not\s+before\b|(?:once|when|after)\s+(?:you|they|he|she|people)\s+(?:know|are\s+sure|have\s+(?:seen|found|learn\w+))|not\s+(?:be\s+)?(?:\w+ly\s+)?(?:safe|suitable|recommended|fine|allowed|right|good|be\s+(?:taken|used|given)|tak(?:e|en)|used?|drink|drive|known|certain|clear|studied|for|approved|given|mix|combine|start)|(?:do|should|must|may|can|could|does)\s*(?:not|n['’]t)\s+(?:be\s+)?(?:take|use|drink|drive|taken|used|start|have|mix|given|combine|suit)|cannot|can['’]t|never|avoid\w*|unless|ask\s+(?:your|a|the|before|first|us)|talk\s+(?:to|with|about)|speak\s+(?:to|with)|tell\s+(?:your|a|the|us)|check\s+with|caution|careful|care\b|only\s+if|until|unknown|unsafe|contraindicated|only\b[^.;]{0,60}\bif|lower\s+dose|less\s+than|harm\s+(?:your|the|an)|before\s+you|off\s+limits|forbidden|dangerous|wise\s+to|best\s+(?:to\s+)?(?:avoid|not)|isn['’]t|aren['’]t)\b",
    re.I,
)


@lru_cache(maxsize=2048)
def allows(text: str) -> str | None:
    """The clause of a sentence that allows something; None where it allows nothing.

    >>> allows("It is safe with wine.") is not None, allows("It is not safe with wine.") is not None
    (True, False)
    """
    if text.rstrip().endswith("?") or re.match(
        r"\W*(?:(?:myth|false|wrong|untrue)\b|Q(?:uestion)?\s*[.:]\s)", text, re.I
    ):
        return None
    for m in _SAFE.finditer(text):
        if not _negation_spoils(text, m):
            return _clause(text, m)
    return None


_ABOUT_DOSE = re.compile(
    r"\b(?:dos(?:e|es|age)|adjust\w*|reduc\w*|lower|monitor\w*|tests?|counts?|evaluations?|caution|care)\b", re.I
)


def refused(ref: Reference) -> list[re.Pattern[str]]:
    """What to look for in a page that says who must not take the medicine: the reference's conditions, in plain words too."""
    box = " ".join(e.quote for e in ref.contraindications)
    seen = [s for _, label, s in _CONDITIONS if re.search(label, box, re.I)] + [
        re.escape(w) for w, _ in _own_terms(ref)
    ]
    reacted = r"allerg\w*|hypersensitiv\w*|react(?:ed|ion)?\b[\w\s]{0,20}\b(?:badly|to)\b|rash\s+or\s+swelling"
    return [re.compile(rf"\b(?:{s})", re.I) for s in [*seen, reacted]]


def contradictions(page: Page, ref: Reference) -> Iterator[Finding]:
    """Sentences that allow what the reference forbids or warns of."""
    from posology.labels.audit.required import ALCOHOL, KIDNEY, caring

    ref = ref.everywhere or ref  # what any source on file forbids or warns of is not to be waved away

    forbidden = [
        (name, re.compile(rf"\b(?:{seen})\b", re.I), e)
        for name, label, seen in _CONDITIONS
        for e in [next((e for e in ref.contraindications if re.search(label, e.quote, re.I)), None)]
        if e is not None
    ]
    extra = _own_terms(ref)
    used = " ".join(e.quote for e in ref.sentences if e.section_code in _USES).lower()
    ages = [(a, e) for e in ref.contraindications for a in _too_young(e.quote)]

    def named(text: str) -> tuple[str, Evidence] | None:
        for age, e in ages:
            if age in _too_young(text):
                return f"under {age}", e
        for name, seen, e in forbidden:
            if seen.search(text):
                return name, e
        low = text.lower()
        return next(((w, e) for w, e in extra if w in low and w not in used and re.search(rf"\b{w}", low)), None)

    warned = (
        (re.compile(rf"{ALCOHOL.pattern}|{_REVELS}", re.I), "alcohol", caring(ref.alcohol)),
        (_DRIVING, "driving and machines", caring(ref.driving)),
        (_PREGNANCY, "pregnancy or breastfeeding", caring(ref.pregnancy)),
        (KIDNEY, "weak kidneys", caring(ref.kidney)),
        (
            _INFECTION,
            "infections caught from others",
            tuple(e for e in ref.sentences if _INFECTION.search(e.quote) and _WARY.search(e.quote)),
        ),
        (_OPIOIDS, "opioids taken with it", tuple(e for e in ref.sentences if _WITH_OPIOIDS.search(e.quote))),
    )
    before = ""
    for line in page.lines:
        if ref.holds(line.text):
            before = line.text
            continue
        asked = answered(before, line.text) or answered(line.under, line.text)
        asks = before if before.rstrip().endswith("?") else ""
        before = line.text
        if _OTHER_SENSE.search(line.text):
            continue
        t = allows(asked or line.text)
        if t is None and (
            line.kind == "heading"
            or (line.kind in ("bullet", "cell") and _REFUSING.search(line.under))
            or not welcomes(asked or line.text)
        ):
            continue
        welcome, t = t is None, t or asked or line.text
        if _ASKS_TOO.search(line.text) or (_MAO.search(t) and _SINCE.search(t) and any(n >= 7 for n in lengths(t))):
            continue
        hit = named(t)
        if welcome and hit is not None and any(seen.search(used) for name, seen, _ in forbidden if name == hit[0]):
            continue  # what it is used for
        if hit is not None and any(_qualified(t, seen, ref) for name, seen, _ in forbidden if name == hit[0]):
            continue
        if hit is None and asks and not ALCOHOL.search(t):  # "Asthma? No problem, you can take it."
            hit = named(asks)
        if (
            hit is None
            and ref.contraindications
            and re.search(r"\b(?:everyone|anyone(?!\s+else)|nobody\s+needs)\b", t, re.I)
            and not re.search(r"\bask|talk|tell|differ\w*|allerg", t, re.I)
            and re.search(r"\b(?:safe|suitable|take|use|suits?)\b", t, re.I)
        ):
            hit = ("everyone", ref.contraindications[0])
        if hit is not None:
            text = f"It allows what the reference forbids: {hit[0]}."
            yield ("contradicts_contraindication", "critical", text, line, hit[1])
            continue
        for seen, what, found in warned:
            if found and seen.search(t) and not (seen is KIDNEY and _granted(t, ref)):
                text = f"It waves away what the reference warns of: {what}."
                yield ("contradicts_warning", "critical", text, line, found[0])
                break


def _qualified(text: str, seen: re.Pattern[str], ref: Reference) -> bool:
    """Whether the reference itself allows the kind that a text names: open-angle glaucoma where the narrow-angle one is ruled out."""
    *_, m = [None, *seen.finditer(text)]  # the last one named is the one allowed
    kind = re.search(r"([a-z]+(?:[\s-]angle)?)[\s,]*$", text[: m.start()] if m else "", re.I)
    if kind is None or len(kind[1]) < 4 or kind[1].lower() in ("with", "have", "having", "from"):
        return False
    word = kind[1].lower().replace("-", " ")
    if "angle" in word and not any(word in e.quote.lower().replace("-", " ") for e in ref.contraindications):
        return any("angle" in e.quote.lower() for e in ref.contraindications)
    return any(
        seen.search(part) and word in part.lower().replace("-", " ")
        for e in (*ref.contraindications, *ref.sentences)
        if _MAY_BE.search(e.quote)
        for part in re.split(r"\bbut\b|[;.]\s", e.quote)
        if _MAY_BE.search(part)
    )


_MAY_BE = re.compile(r"\b(?:may|can)\s+be\s+(?:used|given|taken|administered|co-?administered)\b", re.I)


_GRADE = re.compile(r"\b(?:mild|moderate|severe)(?=ly\b|\b)", re.I)


_NO_ADJUSTMENT = re.compile(
    r"\bdos\w*\b[^.;]*\b(?:not|no|n['’]t)\s+(?:\w+\s+){0,2}?(?:necessary|needed|required)|\b(?:no|not)\s+(?:\w+\s+){0,3}?(?:dose|dosage|dosing)\s+(?:adjust\w*|change)",
    re.I,
)


def _granted(text: str, ref: Reference) -> bool:
    """Whether the reference itself leaves the dose as it is in the grades of kidney disease that a text names, or in any where it names none."""
    grades = {g.lower() for g in _GRADE.findall(text)}
    for e, then in pairwise(ref.sentences):
        if not re.search(r"\b(?:kidneys?|renal)\b", e.quote, re.I):
            continue
        said = {g.lower() for g in _GRADE.findall(e.quote)}
        if not grades and not said and _NO_ADJUSTMENT.search(e.quote):
            return True
        if (
            grades
            and grades <= said
            and (UNCHANGED.search(e.quote) or (UNCHANGED.search(then.quote) and not _GRADE.search(then.quote)))
        ):
            return True
    return False


def _too_young(text: str) -> set[str]:
    """The ages that a text speaks of people under.

    >>> sorted(_too_young("in a child under 4 years of age")), sorted(_too_young("babies younger than 6 months"))
    (['4 year'], ['6 month'])
    """
    return {" ".join(m.groups()).lower() for m in _UNDER_AGE.finditer(text)}


_REVELS = r"\b(?:nights?\s+(?:out|at\s+the\s+(?:pub|bar))|binges?|parties|party(?:ing)?|happy\s+hours?|rounds?\s+at\s+the\s+(?:pub|bar)|hangovers?|toasts?\s+at\s+\w+)\b"
"""Drinking that goes by another name: it may be welcomed, but a page that only names it has not spoken of alcohol."""
_ASKS_TOO = re.compile(r";\s*(?:but\s+)?(?:ask|check|talk|speak)\b", re.I)
_MAO = re.compile(r"\bMAO\w*|\bmonoamine", re.I)
_SINCE = re.compile(r"\b(?:after|since|passed|apart|between|later)\b", re.I)
"""A gap of days after an MAO inhibitor is a rule, not a permission; how long it is, is held to the reference as a number."""
_REFUSING = re.compile(
    r"\b(?:not|n['’]t|never|avoid|contraindicat\w*|unsuitable|warnings?|before|ask|tell|careful|caution|stop)\b", re.I
)
"""A heading that refuses or warns: what stands under it in a list is not welcomed."""
_USES = frozenset({"34067-9"})
_OTHER_SENSE = re.compile(
    r"\b(?:alcohol[\s-]*(?:free|based|wipes?|swabs?)|pregnan\w+\s+tests?|breast-?\s?feeding\s+leaflet|(?:more|worse|all\s+the\s+more)\s+so\s+(?:if|when|in)|less\s+well\s+with)\b",
    re.I,
)
_UNDER_AGE = re.compile(r"\b(?:under|below|younger\s+than|less\s+than|<)\s*(\d{1,2})\s*(year|month|week)s?\b", re.I)
_DRIVING = re.compile(
    r"\b(?:driv\w+|machine\w*|cycl(?:e|es|ing|ists?)|the\s+wheel\b|(?:in|into)\s+(?:the|your|a)\s+car\b)\b", re.I
)
_INFECTION = re.compile(r"\b(?:chicken\s?pox|measles|varicella)\b", re.I)
_WARY = re.compile(
    r"\b(?:avoid\w*|fatal|serious|severe|exposed?|exposure|particular\s+care|stay\s+away|keep\s+away)\b", re.I
)
_OPIOIDS = re.compile(r"\b(?:opioids?|opiates?|\w*cod(?:ein|on)e|\w*morph(?:in|on)e|strong\s+painkillers?)\b", re.I)
_WITH_OPIOIDS = re.compile(
    r"\b(?:concomitant|together|combin\w+|with|and)\b[^.;]{0,60}\bopioids?\b[^.;]{0,160}\b(?:sedation|respiratory|death|coma|breathing)\b",
    re.I,
)
_PREGNANCY = re.compile(r"\b(?:pregnan\w*|breast-?\s?feed\w*|unborn)\b", re.I)
_JOINING = frozenset(
    [
        "problems",
        "doctors",
        "yourself",
        "recent",
        "current",
        "ingredient",
        "healthcare",
        "provider",
        "allergic",
        "without",
        "whether",
        "because",
        "between",
        "through",
        "against",
        "another",
        "however",
        "therefore",
        "although",
        "usually",
        "certain",
        "several",
        "possible",
        "present",
        "similar",
        "related",
        "medical",
        "general",
        "special",
        "together",
        "combined",
        "condition",
        "conditions",
        "symptoms",
        "effects",
        "clinical",
        "current",
        "recently",
        "anything",
        "something",
        "available",
        "evidence",
        "required",
        "previous",
        "consider",
        "doctors",
    ]
)
_DULL_TERMS = frozenset(
    [
        "pressure",
        "contraindicated",
        "contraindications",
        "contraindication",
        "hypersensitivity",
        "patients",
        "patient",
        "known",
        "tablets",
        "capsules",
        "component",
        "components",
        "formulation",
        "ingredients",
        "ingredient",
        "treatment",
        "therapy",
        "following",
        "including",
        "within",
        "should",
        "taking",
        "history",
        "severe",
        "reaction",
        "reactions",
        "product",
        "products",
        "inactive",
        "active",
        "medicine",
        "warnings",
        "precautions",
        "section",
        "adverse",
        "concomitant",
        "concurrent",
        "because",
        "disease",
        "disorder",
        "syndrome",
        "inhibitors",
        "inhibitor",
        "another",
        "during",
        "please",
        "children",
        "increased",
        "serious",
        "cautions",
        "administered",
        "administration",
    ]
)


def _own_terms(ref: Reference) -> list[tuple[str, Evidence]]:
    """Names that the contraindications themselves use: other medicines and rare conditions, in the label's own words."""
    out: list[tuple[str, Evidence]] = []
    for e in ref.contraindications:
        if re.search(r"hypersensitiv|allerg|sensitivity", e.quote, re.I) and len(e.quote.split()) < 25:
            continue  # "allergic to other benzodiazepines" forbids nobody to take them
        if _MAY_BE.search(e.quote) and not re.search(r"\bcontraindicated\b|\bnot\b", e.quote, re.I):
            continue  # it says what is allowed
        for w in re.findall(r"[a-z]{7,}", e.quote.lower()):
            if w not in _DULL_TERMS and w not in _JOINING and w not in ref.names and not _NO_NAME.search(w):
                out.append((w, e))
    return out


_NO_NAME = re.compile(
    r"(?:ing|tions?|ally|ments?|ated|able|ible|ed|ly|ous|ents?|ful|ness|ity|ances?|ences?|ized|ical|ional|greater|kinetics?)$|^(?:hydro|be[sz]yl|succin|maleate|mesyl|serotonin|monoamine|intraven)"
)


def _clause(text: str, m: re.Match[str]) -> str:
    start = max(text.rfind(";", 0, m.start()), 0)
    end = text.find(";", m.end())
    return text[start : end if end >= 0 else len(text)]


def _negation_spoils(text: str, m: re.Match[str]) -> bool:
    """Whether a "not", "ask" or "until" turns the permission round: in the same clause, or right before it."""
    clause_start = max(text.rfind(";", 0, m.start()), text.rfind(". ", 0, m.start()), 0)
    clause_end = next((i for i in (text.find(";", m.end()),) if i >= 0), len(text))
    clause = text[clause_start:clause_end]
    hit = _UNSAFE.search(clause)
    if hit and re.match(
        r"(?:no\s|need\s+not|(?:do|does|will|is|are)\s*(?:not|n['’]t)\s+(?:need|have|a\s|matter|affect|harm|a\b))",
        m[0],
        re.I,
    ):
        inner = clause.replace(m[0], " ", 1)
        hit = _UNSAFE.search(inner)
        if (
            hit
            and m[0] in clause
            and hit.start() >= clause.index(m[0])
            and re.match(r"(?:avoid|tell|ask|talk|care|caution|before|harm)", hit[0], re.I)
        ):
            hit = None
    if re.match(r"recommended|approved", m[0], re.I) and _ABOUT_DOSE.search(text[: m.start()]):
        return True  # "a lower dose is recommended for weak kidneys"
    if hit is None and re.match(r"even|regardless|whether", m[0], re.I):
        return not re.search(r"\b(?:can|may|safe|fine|suitable|take\s+it|use\s+it)\b", clause, re.I)
    if hit is None and re.match(r"(?:everyone|anyone)", m[0], re.I):
        return not re.search(r"\b(?:safe|suit\w*|can|may|fine)\b", clause, re.I)
    if hit is None and re.match(r"no\s+(?:problems?|risks?|harm|effects)", m[0], re.I):
        return bool(re.search(r"\bif\s+you\s+have\s+no\b", clause, re.I))
    if hit is None and re.match(r"(?:can|may|could)\s+(?:\w+\s+)?(?:have|use)\b", m[0], re.I):
        return not re.search(r"\b(?:alcohol|drink|while|if\s+you|with|during|safely|people)\b", clause, re.I) or bool(
            re.search(
                r"\b(?:can|may)\s+have\s+(?:an?\s+)?(?:side|withdrawal|serious|allergic|reactions?|bad|severe)",
                clause,
                re.I,
            )
        )
    return hit is not None
