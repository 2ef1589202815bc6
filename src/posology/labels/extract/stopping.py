"""Turns a label's sentences into what it says about stopping: a warning against abrupt stopping, and how to come off.

Knows no medicine by name. Negations, other senses of "abrupt", and other medicines' withdrawal are told apart.
"""

from __future__ import annotations

import re
from typing import Literal

from attrs import frozen

from posology.labels.extract.passage import GENERIC, Passage, Sentence, names_a_drug, own_words
from posology.labels.record import Label

Reading = Literal["warns", "denies", "other", "none"]

_STOP = (
    r"(?:dis-?continu(?:ation|ations|ance|ing|ed|es?)|withdraw(?:al|als|ing|n|s)?(?!\s+(?:symptom|sign|reaction|effect|"
    r"syndrome|emergent|method|phenomen|seizure))|cessation|ceas(?:e|ing|ed)|"
    r"stop(?:ping|ped|s)?(?!\s+(?:working|breathing|smoking|growing|bleeding|drinking))|terminat(?:ion|ing|ed|e)|"
    r"interrupt(?:ion|ions|ing|ed)?|halt(?:ing|ed)?|stoppages?|removal(?=\s+of\s+(?:[\w-]+\s+){0,2}(?:patch|system))|(?<=abruptly\s)ended|(?<=suddenly\s)ended|suspend(?:ing|ed)?|end(?:ing|ed)?\s+(?:it|therapy|treatment|the\s+drug)|r[ua]n(?:ning)?\s+out(?:\s+of)?|inability\s+to\s+take|not\s+taking|going\s+off|coming\s+off|quitt?(?:ing)?)"
)
_LESS = (
    r"(?:taper(?:ing)?(?=\s+(?:of|in|can|may|could|should|must|has)\b)|(?:dose|dosage)[\s-]+(?:reduction|decrease)s?|(?:reduction|decrease|lowering)s?\s+(?:of|in)\s+(?:the\s+)?(?:\w+\s+)?"
    r"(?:doses?|dosages?|therapy)|(?:reduc|decreas|lower|cutt?|dropp?)(?:e|ed|es|ing)?\s+(?:down\s+)?(?:the\s+|your\s+)?(?:dose|dosage))"
)
_ANY = rf"(?:{_STOP}|{_LESS})"
_ABRUPT = r"(?:abrupt(?:ly)?|sudden(?:ly)?|rapid(?:ly)?|precipitous(?:ly)?|precipitate(?=\s))"
_AFTER = (
    r"(?:abruptly|suddenly|precipitously|all\s+of\s+a\s+sudden|all\s+at\s+once|cold[\s-]turkey|"
    r"too\s+(?:quickly|rapidly|fast|suddenly|abruptly)|rapidly|(?:is|was|be|been|too|particularly\s+when|especially\s+when|"
    r"especially\s+if|particularly\s+if|when|if|are|were|not|never)\s+(?:too\s+)?(?:abrupt|sudden)(?=\s*(?:[,.;:)]|$|(?:and|or)\b(?!\s+\w+\s+(?:onset|loss)))))"
)
_GAP = r"(?:[\s,/()-]+(?!(?:onset|increase|increases|rise|rises|change|changes|death|deaths|loss|drop|fall|hearing|vision|deterioration|reversal|worsening|attack|toxic|unexplained|cardiac|sleep|asleep|severe|if|while|driving|asleep|and\s+should|reversible|reversed|resolv\w+|improv\w+|recover\w*|exacerbation|following|upon|after|when|with|and\s+call|develop|developed)\b)[\w'’®™βα]+)"
_BETWEEN = r"(?:[\s,/()-]+(?!(?:if|when|while|because|unless|call|until|who|develops?|developed|develop|onset|you|she|he|and|seek|report|get|symptoms|patients)\b)[\w'’®™βα]+)"
_LINK_BEFORE = re.compile(rf"\b{_ABRUPT}\b(?:\s*(?:,|or|and|/)\s*[\w-]+)?{_GAP}{{0,4}}?[\s,/()-]+{_ANY}\b", re.I)
_LINK_AFTER = re.compile(rf"\b{_ANY}{_BETWEEN}{{0,8}}?[\s,/(-]+{_AFTER}\b", re.I)
_LINK_YOU = re.compile(
    rf"\b(?:stop(?:ping|ped)?|quit(?:ting)?)\s+(?:taking\s+|using\s+)?(?:(?!if\b|because\b|when\b|unless\b|and\b|until\b|driving\b)[\w'’®™-]+\s+){{0,6}}?{_AFTER}\b|\bstopping\s+(?:it\s+|the\s+\w+\s+)?(?:too\s+)?(?:quickly|fast|at\s+once)\s+(?:can|may|might|could|will)\b|\bif\s+you\s+stop\s+(?:(?:taking|using)\s+)?(?:it\s+|this\s+\w+\s+)?(?:too\s+)?quickly\b|\b(?:suddenly|abruptly)\s+(?:chang|reduc|alter|decreas|lower)\w*\s+or\s+(?:discontinu|stop|withdraw)\w*|\b(?:abrupt|sudden|rapid)\s+changes?\s+(?:of|in)\s+(?:the\s+)?(?:dose|dosage|therapy)[^.;]{{0,30}}\b(?:discontinu|stop|withdraw)\w*|\bnot\s+(?:be\s+)?(?:stop|stopped|discontinued?|withdrawn)\s+(?:it\s+|treatment\s+)?at\s+once\b",
    re.I,
)
_CUE = re.compile(r"abrupt|sudden|rapid|at once|cold[\s-]turkey|quickly|too fast|precipitous")
"""Of a text in lower case, which is quicker than without regard to case."""

_FORBIDS = re.compile(
    r"\b(?:(?:should|must|ought|may|can|could|do|does|did|to|shall|will|need)\s*(?:not|n['’]t|never)|don['’]t|shouldn['’]t|mustn['’]t|never|not\s+to\s+(?:be\s+)?(?:abrupt|sudden|stop|discontinu|withdraw)|"
    r"avoid(?:ed|ing)?|rather\s+than|instead\s+of|advised?\s+against|caution(?:ed)?\s+against|warned?\s+(?:against|not)|"
    r"contraindicated|not\s+(?:be\s+)?(?:abrupt|sudden)(?:ly)?|not\s+(?:recommended|advis(?:ed|able))|prudent\s+not|without\s+(?:first\s+)?(?:talking|consult|medical|check))",
    re.I,
)
_HARM = re.compile(
    r"\b(?:caus(?:e|es|ed|ing)|precipitat\w+|lead|leads|led|produc(?:e|es|ed)|provok\w+|exacerbat\w+|associated\s+with|"
    r"result(?:s|ed)?\s+(?:in|from)|may\s+(?:occur|develop|experience|have)|(?:have|has|had)\s+(?:\w+ly\s+)?(?:occurred|resulted|followed|(?:been|be)\s+(?:\w+ly\s+)?(?:reported|described|observed|seen|noted))|follow(?:s|ed)?|unmask\w*|overshoot|flare|recurrence|"
    r"risk|rebound|crisis|seizures?|worsen\w*|life-threatening|serious|harm)\b",
    re.I,
)
_DENIES = re.compile(
    r"\b(?:no\s+(?!longer\b|more\b|matter\b)(?:[\w-]+\s+){0,7}?(?:rebound|withdrawal|problems?|effects?|symptoms?|evidence|signs?|reports?|"
    r"exacerbation\w*|worsening|abstinence|consequences?|phenomen\w+|adverse|need|reason|syndrome|increase|changes?|events?|"
    r"difference\w*|difficult\w+|special|data|information|studies|stud(?:y|ied)|harm\w*|danger|risk)|"
    r"(?:has|have|had|was|were|is|are|did|does|do)\s*(?:not|n['’]t)\s+(?:[\w-]+\s+){0,4}?(?:associated|result(?:ed)?|caused?|produced?|led|lead|"
    r"induced?|elicit(?:ed)?|observed|reported|seen|noted|occur(?:red)?|shown?|demonstrat\w+|conducted|done|performed|carried|appear(?:ed)?|precipitated?|evaluated|studied|"
    r"required?|needed?|necessary|harmful|dangerous|increase[ds]?|known|established|expected|develop(?:ed)?|experience[ds]?|changed?|alter(?:ed)?|affect(?:ed)?|recur(?:red)?)|"
    r"without\s+(?:[\w-]+\s+){0,4}?(?:rebound|overshoot|complications?|sequelae|evidence|withdrawal|effects?|symptoms?|problems?|difficulty|consequences?|incident|harm|ill)|"
    r"(?:may|can|could)\s+(?:also\s+|usually\s+|generally\s+|safely\s+|therefore\s+)*(?:be\s+)?(?:safely\s+)?(?:(?:abruptly|suddenly|rapidly)\s+)?"
    r"(?:discontinued|stopped|withdrawn|interrupted|terminated|discontinue|stop)\s+(?:[\w-]+\s+){0,4}?(?:abruptly|suddenly|at\s+once|without)|"
    r"(?:may|can|could|should|must)\s+be\s+(?:abruptly|suddenly|rapidly)\s+(?:discontinued|stopped|withdrawn|interrupted|terminated)|"
    r"(?:should|must)\s+be\s+(?:discontinued|stopped|withdrawn|terminated)\s+(?:abruptly|suddenly)(?!\s+only)|"
    r"(?:similar|comparable|equal)\s+(?:to|with)\s+(?:that\s+of\s+|those\s+(?:of|with|on)\s+)?placebo|(?:absence|lack)\s+of\s+(?:[\w-]+\s+){0,4}?(?:rebound|withdrawal|effects?)|unlikely\s+to|neither|not\s+(?:been\s+)?(?:associated|linked)|"
    r"(?:is|are|was|were)\s+(?:considered\s+)?safe|\bwell[\s-]tolerated|tapering\s+is\s+not|taper(?:ing)?\s+(?:the\s+dose\s+)?(?:is\s+)?(?:un|not\s+)necessary)",
    re.I,
)
_ANIMAL = re.compile(
    r"\b(?:monkeys?|rats?|mice|mouse|dogs?|rabbits?|baboons?|animals?|hamsters?|primates?|in\s+vitro)\b", re.I
)
_OTHER_SENSE = re.compile(
    r"\b(?:smok\w+|cigarettes?|tobacco|drink(?:ing|ers)|(?<!of\s)(?<!to\s)(?<!like\s)alcohol(?:ic)?\s+(?:withdrawal|beverages?)|breast[\s-]?feeding\s+(?:is|was)|abruptio|abruption)\b",
    re.I,
)

_DEFINES = re.compile(
    r"\b(?:dependence|tolerance|withdrawal)\s+is\s+(?:an?|the)\s+(?:\w+\s+){0,2}(?:state|condition|need)\b", re.I
)
"""Says what a word means, not what this medicine does."""
_NEWBORN = re.compile(r"\b(?:infants?|babies|newborns?|neonates?)\s+born\b", re.I)
"""Birth ends a child's exposure: nobody stops a medicine."""

_CLASSES: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(obj, re.I), re.compile(member, re.I))
    for obj, member in (
        (r"\b(?:opioids?|opiates?|narcotics?|opioid\s+\w+)\b", r"opioid|opiate|narcotic"),
        (r"\bbenzodiazepines?\b", r"benzodiazepine"),
        (r"\b(?:alcohol|ethanol)\b", r"\x00"),
        (r"(?:\bbeta|β)[\s-]*(?:\w+[\s-]+){0,3}block\w*", r"(?:\bbeta|β)\W*\w{0,14}\W*(?:\w+\W+){0,4}?block"),
        (
            r"\b(?:cortico)?steroids?\b|\bglucocorticoids?\b",
            r"\b(?:\w*cortico?)?steroids?\b|glucocorticoid|adrenocortical|\w{4}cort\b|\bpredn",
        ),
        (
            r"\banti-?\s?(?:epileptics?|convulsants?)\b|\bAEDs?\b|\bseizure\s+medicines?\b",
            r"anti-?\s?(?:epilep|convuls)|\bAEDs?\b|seizure|epilep",
        ),
        (r"\bMAO\s?Is?\b|\bmonoamine\s+oxidase\s+inhibitors?\b", r"(?:MAO|monoamine\s+oxidase)\s+inhibitor"),
        (r"\banti-?depressants?\b|\bSSRIs?\b|\bSNRIs?\b|\bserotonergic\b", r"anti-?depressant|SSRI|SNRI|reuptake"),
        (r"\bbarbiturates?\b", r"barbiturate"),
        (r"\bsedatives?\b|\bhypnotics?\b", r"sedative|hypnotic"),
        (r"\banti-?psychotics?\b|\bneuroleptics?\b", r"anti-?psychotic|neuroleptic"),
        (r"\bdopamin\w+\b|\banti-?parkinson\w*", r"dopamin|parkinson"),
        (r"\bstimulants?\b|\bamphetamines?\b", r"stimulant|amphetamine"),
        (r"\banti-?coagulants?\b", r"anti-?coagul"),
        (r"\bnitrates?\b", r"nitrate"),
        (r"\bcaffeine\b", r"caffeine"),
        (r"\banti-?hypertensives?\b", r"anti-?hypertensive"),
        (r"\bgabapentinoids?\b", r"gabapentinoid"),
        (
            r"\b(?:immunosuppress\w+|bisphosphonates?|estrogens?|hormone)\b",
            r"immunosuppress|bisphosphonate|estrogen|hormone",
        ),
    )
)
_WORD = r"[A-Za-zβα][\w'’®™βα-]*"
_OBJECT_OF = re.compile(
    rf"{_ABRUPT}(?:[\s,/-]+(?:or|and|{_WORD}))*?[\s,/-]+{_ANY}\s+(?:of|from|in|to)\s+(?:the\s+)?(?P<obj>(?:{_WORD}[\s,]*){{1,6}})",
    re.I,
)
_OBJECT_VERB = re.compile(
    rf"(?:stop(?:ping)?|discontinu(?:e|ing)|withdraw(?:ing)?|quit(?:ting)?|ceas(?:e|ing)|interrupt(?:ing)?)\s+(?:taking\s+|using\s+|the\s+use\s+of\s+|use\s+of\s+|treatment\s+with\s+|therapy\s+with\s+)?(?:your\s+|the\s+)?(?P<obj>(?:{_WORD}\s*){{1,4}}?)\s*(?=,|\.|\(|\babruptly|\bsuddenly|\ball\s|\btoo\b|\bwithout|\bcan\b|\bmay\b|\bbecause|\bunless|\bor\s+(?:change|reduce|decrease|lower|switch|stop|cut)|\bas\b|$)",
    re.I,
)
_SUBJECT = re.compile(
    rf"(?:^|[,;:.]\s+|\bthat\s+|\bbecause\s+|\bif\s+|\bwhen\s+)(?P<obj>(?:{_WORD}[\s,/]+){{1,8}}?)(?:should|must|may|can|is|are|was|were|has|have|had|be)\b[^.;]{{0,60}}?{_ANY}",
    re.I,
)
_BESIDE = re.compile(r"\b(?:with|taking|receiving|starting|initiating|adding)\s+(?:the\s+)?[\w-]+", re.I)
_DRUGS_THAT = re.compile(r"\b(?:drugs?|medicines?|medications?|agents?)\s+(?:that|which)\b[^.;]{0,60}$", re.I)
_TAKEN_BESIDE = re.compile(
    r"\b(?:concomitant|concurrent|co-?administered|previous|prior)\s+(?:[\w-]+\s+){1,3}(?:is|are|was|were|has\s+been|have\s+been)\s+(?:\w+ly\s+)?(?:\w+ed\s+)?$",
    re.I,
)
"""Right before the words of stopping: what is stopped is taken beside the label's medicine."""
_FOREIGN = re.compile(r"\b(?:other|concomitant|concurrent|previous|prior|existing|another|co-?administered)\b", re.I)


@frozen
class Statement:
    """One statement about stopping and how it reads."""

    reading: Reading
    passage: Passage


@frozen
class Stopping:
    """What a label says about stopping. ``abrupt``: it warns against an abrupt stop. ``tapers``: how it says to come off."""

    abrupt: bool
    warnings: tuple[Passage, ...] = ()
    tapers: tuple[Passage, ...] = ()
    denials: tuple[Passage, ...] = ()

    @property
    def stated(self) -> bool:
        """Whether the label says anything of it."""
        return bool(self.warnings or self.tapers or self.denials)

    @property
    def codes(self) -> tuple[str, ...]:
        """The LOINC codes of the sections with a warning, own and enclosing, once each."""
        return tuple(dict.fromkeys(c for p in self.warnings for c in p.codes))


_BODY = (
    r"(?:breathing|respirations?|heart(?:beat)?|pulse|bleeding|flow|periods?|menses|menstruation|growth|ovulation|pain|seizures?|"
    r"convulsions?|symptoms?|lactation|circulation|plunger|catheter|needle|syringe|drinking|drinkers)"
)
_BODY_BEFORE = re.compile(rf"\b{_BODY}\s+(?:may\s+|can\s+|has\s+|have\s+)?$", re.I)
_BODY_AFTER = re.compile(rf"(?:\s+(?:of|in))?(?:\s+(?:your|the|all|heavy))*\s+{_BODY}\b", re.I)


_OTHER_VERB = re.compile(r"\b(?:beg[iau]ns?|starts?|started|occurs?|appears?|arises?|develops?|resumes?)\s+$", re.I)
_DRAWN = re.compile(
    r"withdraw\w*\s+(?:the\s+|a\s+)?(?:blood|fluid|needle|contents?|solution|air|volume|sample)\b", re.I
)
_BY_ITSELF = re.compile(r"(?:ceas(?:ed|es)|stops)\s+\w+", re.I)
"""What ceases by itself is no medicine: a medicine is stopped, by somebody."""
_SOMEBODY = re.compile(
    r"\b(?:be|been|is|are|was|were|being|who|patients?|people|persons?|you|they|he|she|users?|and|or|to)\s+(?:\w+ly\s+)?$",
    re.I,
)


def links(text: str) -> list[tuple[int, int]]:
    """Where "abrupt" (or its like) belongs to stopping a medicine: the spans of the linked words.

    >>> links("Breathing may stop suddenly."), links("Do not stop suddenly.")
    ([], [(7, 20)])
    """
    found = dict.fromkeys(m.span() for rx in (_LINK_BEFORE, _LINK_AFTER, _LINK_YOU) for m in rx.finditer(text))
    return [
        (a, b)
        for a, b in found
        if not ((_BODY_BEFORE.search(text[:a]) and not re.match(r"[A-Z]|if\b", text[a:])) or _BODY_AFTER.match(text, b))
        and not _OTHER_VERB.search(text[:a])
        and not re.search(r"\b(?:difficult|hard|easy|possible)\s+to\s+$", text[:a])
        and not _DRAWN.match(text, a)
        and not (_BY_ITSELF.match(text, a) and not _SOMEBODY.search(text[:a]))
    ]


class Reader:
    """Reads sentences of one label: knows its names and which classes of medicine it belongs to."""

    def __init__(self, names: frozenset[str], text: str = "", routes: tuple[str, ...] = ()) -> None:
        self.names = names
        self.text = text
        self.routes = " ".join(routes).lower()
        self.guide = False
        """Whether the sentence that is read stands in a medication guide."""
        self.titled = False
        """Whether its title is about stopping and names no medicine: then a class it names ("drugs that increase ...") is our own."""
        self._known: dict[str, bool] = {}

    def reading(self, text: str) -> Reading:
        """How one sentence reads.

        >>> Reader(frozenset({"examplone"})).reading("Do not stop taking Examplone suddenly.")
        'warns'
        >>> Reader(frozenset({"examplone"})).reading("No rebound was seen after abrupt withdrawal.")
        'denies'
        >>> Reader(frozenset({"examplone"})).reading("Opiates must not be withdrawn abruptly.")
        'other'
        >>> Reader(frozenset({"examplone"})).reading("The rash was abrupt in onset.")
        'none'
        """
        if not _CUE.search(text.lower()):
            return "none"
        spans = links(text)
        if not spans:
            return "none"
        if _ANIMAL.search(text) or _OTHER_SENSE.search(text) or _DEFINES.search(text):
            return "other"
        if _NEWBORN.search(text) and not _FORBIDS.search(text):
            return "other"
        found: list[Reading] = []
        for start, end in spans:
            left, right = _clause(text, start, end)
            clause = text[left:right]
            last = re.search(r"([A-Za-z-]{4,})\s+$", text[:start])
            if self._foreign(text, start, end, clause) or (
                last is not None and names_a_drug(last[1].lower()) and not self._names_own(last[1])
            ):
                found.append("other")
                continue
            linked = text[start:end]
            if (
                re.match(r"rapid", linked, re.I)
                and not re.search(r"abrupt|sudden", text, re.I)
                and not (_FORBIDS.search(clause) or _HARM.search(text))
            ):
                found.append("none")
                continue
            denies = _DENIES.search(clause)
            if (
                denies
                and re.match(r"(?:should|must)\b", denies[0], re.I)
                and re.search(r"\b(?:if|when|where|should)\b[^.]*$", clause[: denies.start()], re.I)
            ):
                denies = None  # "if it must be stopped abruptly" does not advise it
            permits = re.search(
                r"\b(?:may|can|could)\s+(?:\w+\s+){0,3}?(?:abruptly|suddenly|stopp|discontinued|withdrawn)",
                clause,
                re.I,
            )
            forbids = _FORBIDS.search(clause)
            if denies and forbids and not permits and self._about_forbidding(clause):
                found.append("warns")
            elif denies:
                found.append("denies")
            else:
                found.append("warns")
        for kind in ("warns", "denies", "other"):
            if kind in found:
                return kind
        return "none"

    @staticmethod
    def _about_forbidding(clause: str) -> bool:
        """Whether the "not" forbids the stop rather than deny its harm."""
        return bool(
            re.search(
                rf"(?:should|must|do|to|shall|can)\s*(?:not|n['’]t|never)\s+(?:be\s+)?(?:\w+\s+){{0,2}}?(?:{_ANY}|abrupt|sudden)|avoid|rather\s+than|instead\s+of|against|contraindicated|not\s+(?:recommended|advis)",
                clause,
                re.I,
            )
        )

    def _belongs(self, member: re.Pattern[str], hit: re.Match[str], text: str) -> bool:
        """Whether a class that a text names is the label's own; a medication guide speaks of its medicine as one of the class."""
        spoken = re.search(r"medicines?$", hit[0], re.I) or re.match(r"\s*medicines?\b", text[hit.end() :], re.I)
        described = self.titled and _DRUGS_THAT.search(text[: hit.start()])
        return bool((self.guide and spoken) or described) or self._member(member)

    def _member(self, member: re.Pattern[str]) -> bool:
        key = member.pattern
        if key not in self._known:
            self._known[key] = self._is_member(member)
        return self._known[key]

    def _is_member(self, member: re.Pattern[str]) -> bool:
        """Whether the label says that its own medicine is of that class ("X is a ...", "like other ...")."""
        if any(member.search(n) for n in self.names):
            return True
        own = "|".join(re.escape(n) for n in sorted(self.names)) or r"\x00"
        for m in member.finditer(self.text):
            if re.search(r"\bnon-?\s?$", self.text[max(0, m.start() - 5) : m.start()], re.I):
                continue  # "X is a non-opioid medicine"
            before = self.text[max(0, m.start() - 140) : m.start()]
            after = self.text[m.end() : m.end() + 60]
            tail = re.split(r"[.;:]\s", before)[-1]
            if re.search(
                rf"(?:{own})[^.;]{{0,100}}?\b(?:is|are|belongs?|,)\s+(?:to\s+)?(?:an?|the|one)\b(?!.*\b(?:not|used|indicated|for|that|which)\b)[^.;]*$",
                tail,
                re.I,
            ):
                return True
            if re.search(
                r"\bas\s+(?:with|is\s+\w+\s+for)\s+(?:all|most|many|any)\s+(?:other\s+)?$", tail, re.I
            ) and re.search(rf"(?:{own})", after, re.I):
                return True
            if _DISEASE.match(m[0]) and re.search(
                rf"(?:{own})[^.;]{{0,100}}?\b(?:indicated|monotherapy|adjunctive\s+therapy)\b[^.;]*$", tail, re.I
            ):
                return True
            if re.search(
                r"\b(?:like|as\s+with|all|and|or)\s+(?:all\s+|many\s+|any\s+)?other\s+(?:[\w-]+\s+){0,2}$", tail, re.I
            ) and re.search(rf"(?:{own})", before + after, re.I):
                return True
            if re.match(
                rf"\w*(?:\s+\w+)?,?\s*\(?(?:including|such\s+as|like)\s+(?:[\w-]+\s+){{0,2}}(?:{own})", after, re.I
            ):
                return True
            if re.search(r"\b(?:this\s+is\s+an?|medication\s+guide(?:\s+for)?)\s+(?:[\w-]+\s+){0,3}$", tail, re.I):
                return True
        return False

    def _foreign(self, text: str, start: int, end: int, clause: str) -> bool:
        """Whether what is stopped is another medicine than the label's own."""
        if _TAKEN_BESIDE.search(text[:start]):
            return True
        near = text[max(0, start - 120) : end + 80]
        for rx in (_OBJECT_OF, _OBJECT_VERB, _SUBJECT):
            for m in rx.finditer(near):
                at = max(0, start - 120) + m.start()
                if not (at <= end and max(0, start - 120) + m.end() >= start):
                    continue
                if rx is _SUBJECT and self._names_own(_BESIDE.sub(" ", text[max(0, start - 200) : start])):
                    continue  # "X and other ...s": the subject is a list that holds ours
                if {w.lower() for w in re.findall(r"[A-Za-z]+", m["obj"])} <= _PRONOUNS:
                    continue
                verdict = self._own(m["obj"])
                if verdict is not None:
                    return not verdict
        for obj, member in _CLASSES:
            hit = obj.search(clause)
            if hit and re.match(r"\s+malignant", clause[hit.end() :], re.I):
                continue  # an effect, not a medicine
            if hit and any(hit[0].lower().startswith(n) for n in self.names):
                continue
            said = text[:end] + "".join(re.findall(r"^(?:\s+[\w-]+){0,2}", text[end:]))
            if hit and not self._names_own(_BESIDE.sub(" ", said)) and not self._belongs(member, hit, clause):
                inside = clause[: hit.start()]
                if not re.search(
                    r"\b(?:with|than|(?:to\s+)?those(?:\s+of)?|as\s+with|receiving|taking)\s+(?:[\w-]+\s+){0,3}$",
                    inside,
                    re.I,
                ):
                    return True
        return False

    def _names_own(self, text: str) -> bool:
        words = {w.lower() for w in re.findall(r"[A-Za-z][\w-]+", text)}
        parts = {p for w in words for p in w.split("-")}
        return bool((words | parts) & self.names)

    def _own(self, obj: str) -> bool | None:
        """Whether an object names the label's own medicine; None where it names none."""
        text = re.split(
            r"\b(?:in|on|for|by|after|before|with|who|which|because|may|can|has|have|should|when|if|at|is|are|was|be|due|during|following|within|upon|could|must|especially|particularly|without|unless|suddenly|abruptly)\b",
            obj.strip(),
        )[0]
        if not text.strip(" ,"):
            return None
        if self._names_own(text):
            return True
        if _FOREIGN.search(text):
            return False
        for pattern, member in _CLASSES:
            hit = pattern.search(text)
            if hit and not re.match(r"\s+malignant", text[hit.end() :], re.I):
                if any(hit[0].lower().startswith(n) for n in self.names):
                    return True
                if re.search(r"\b(?:systemic|oral)\b", text, re.I) and self.routes and "oral" not in self.routes:
                    return False
                return self._belongs(member, hit, text)
        words = [w.lower().strip("'’®™") for w in re.findall(r"[A-Za-z][\w'’®™-]*", text)]
        if any(w.isupper() and len(w) > 3 for w in re.findall(r"[A-Za-z]+", text)):
            return True  # a brand in capitals, as labels write their own
        if any(names_a_drug(w) for w in words):
            return False
        return True if words and all(w in GENERIC or len(w) < 4 for w in words) else None

    def own_sentence(self, text: str) -> bool:
        """Whether a sentence speaks of this label's medicine, or of none by name."""
        if self._names_own(text):
            return True
        words = re.findall(r"[a-z][a-z-]+", text.lower())
        if any(names_a_drug(w) and not any(o.search(w) for o, _ in _CLASSES) for w in words):
            return False
        return not any(o.search(text) and not self._member(m) for o, m in _CLASSES)


_DISEASE = re.compile(r"parkinson|seizure|epilep", re.I)
"""What is indicated for the disease is of the class that is named after it."""
_PRONOUNS = frozenset({"it", "them", "this", "these", "that", "those", "they", "the", "there", "if", "when", "a", "an"})


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    """The clause around a span: cut at semicolons and at "but", "however", "although", "whereas"."""
    cut = r";|\b(?:but|however|although|though|whereas|nevertheless|yet)\b"
    left = 0
    for m in re.finditer(cut, text[:start], re.I):
        left = m.end()
        comma = text.find(",", m.end(), start)
        if m[0].lower() in ("although", "though", "whereas") and comma > 0:
            left = comma + 1  # "Although it can be stopped at once, harm was seen after ...": two clauses
    hit = re.search(cut, text[end:], re.I)
    return left, end + hit.start() if hit else len(text)


_TAPER = re.compile(
    r"\b(?:taper(?:ed|ing|s)?|(?:gradual|slow)(?:ly)?\s+(?:[\w-]+\s+){0,4}?(?:reduc\w+|decreas\w+|withdraw\w*|discontinu\w+|lower\w*|dos\w+|stop\w*)|"
    r"(?:reduc\w+|decreas\w+|withdraw\w*|discontinu\w+|lower\w*|stop\w*)[,\s]+(?:(?!increas|rais|titrat)[\w,'’()/-]+\s+){0,16}?(?:gradual(?:ly)?|slowly|stepwise|in\s+steps)|"
    r"down[\s-]?titrat\w+|(?:gradual|slow)\s+(?:dose\s+)?(?:reduction|withdrawal|taper)|wean(?:ed|ing)?)\b",
    re.I,
)
_TAPER_ABOUT = re.compile(
    r"\b(?:discontinu\w+|withdraw\w*|stop\w*|cessation|coming\s+off|therapy\s+is\s+to\s+be|taper\w*|off|terminat\w+)\b",
    re.I,
)
_HARM_OF_STOPPING = r"(?:withdrawal|rebound|symptoms?|seizures?|crisis|reactions?|discontinuation|abstinence|exacerbation|status\s+epilepticus|relapse|blood\s+pressure|worsening|adrenal\s+insufficiency|angina|hyperpyrexia)"
_COMES_OF_IT = re.compile(
    r"(?:[;:,]|\b(?:since|because|as)\b)[^.;]{0,40}?\b(?:withdrawal|rebound|seizures?|status\s+epilepticus|crisis|abstinence|adrenal\s+insufficiency|hyperpyrexia|delirium|hypertension)\b[^.;]{0,40}\b(?:may|can|might|could|has|have)\s+(?:\w+ly\s+)?(?:occur|result|develop|follow|been)\w*\b(?!\s+(?:during|while\s+taking|with\s+use))|\b(?:agitation|delirium|worsening|withdrawal\s+symptoms)\b[^.;]{0,40}\botherwise\b",
    re.I,
)
"""What else comes of it: "reduce it gradually, since seizures can occur"."""
_TO_AVOID = re.compile(
    rf"\b(?:to|and|order\s+to)\s+(?:help\s+)?(?:avoid|prevent|minimi[sz]e|reduce|mitigate|lessen|decrease|limit|lower)\b[^.;]{{0,80}}\b{_HARM_OF_STOPPING}\b|"
    rf"\b(?:because|due\s+to)\b[^.;]{{0,40}}\b(?:risk|possib\w+|potential|likelihood|danger)\b[^.;]{{0,60}}\b{_HARM_OF_STOPPING}\b|"
    rf"\b(?:gradually|slowly)\b,?\s+or\s+(?:you|your)\b[^.;]{{0,60}}",
    re.I,
)
"""What a taper is for, or comes of not tapering: such a taper warns against the abrupt stop."""
_TELLS = re.compile(
    r"\b(?:should|must|needs?\s+to|ha(?:s|ve)\s+to|recommended|advis(?:ed|able))\b|^\W*(?:(?:gradually|slowly)\s+)?(?:taper|decrease|reduce|discontinue|withdraw|wean|lower|stop)\b",
    re.I,
)
_SEE_WARNINGS = re.compile(r"\bsee\s+(?:also\s+)?(?:boxed\s+)?(?:warnings?|precautions?)\b", re.I)
"""A taper that is told with a reference to the warnings: the harm is named there."""
_ABOUT_STOPPING = re.compile(r"\b(?:withdrawal|discontinu\w+|cessation|stopping|abrupt\w*)\b", re.I)
_GUIDE = "42231-1"
_NOT_OURS = frozenset({"34088-5", "43680-8", "34091-9", "34083-6"})


def stopping(label: Label, sentences: list[Sentence]) -> Stopping:
    """What a label says about stopping its own medicine."""
    text = "\n".join(s.text for s in sentences)
    reader = Reader(own_words(label), text, label.routes)
    warnings: list[Passage] = []
    tapers: list[Passage] = []
    denials: list[Passage] = []
    previous: Sentence | None = None
    for s in sentences:
        if _NOT_OURS & set(s.place.codes):
            continue
        cue = _CUE.search(s.text.lower())
        if s.passage.block == -1 and not cue:
            previous = None
            continue
        reader.guide = _GUIDE in s.place.codes
        title = s.place.section.title
        reader.titled = bool(_ABOUT_STOPPING.search(title)) and _unnamed(title)
        kind: Reading = reader.reading(s.text) if cue else "none"
        if (
            kind == "other"
            and previous is not None
            and _ANIMAL.search(s.text) is None
            and reader.reading(previous.text) == "warns"
            and not _foreign_named(reader, s.text)
        ):
            kind = "warns"
        if (
            s.passage.block >= 0
            and kind != "other"
            and _TAPER.search(s.text)
            and (_TAPER_ABOUT.search(s.text) or reader.titled or _COMES_OF_IT.search(s.text))
            and not _ANIMAL.search(s.text)
            and reader.own_sentence(s.text)
        ):
            tapers.append(s.passage)
            if kind == "none" and (
                _TO_AVOID.search(s.text)
                or _COMES_OF_IT.search(s.text)
                or (_TELLS.search(s.text) and _SEE_WARNINGS.search(s.text) and not _another_class(reader, s.text))
            ):
                kind = "warns"
        if kind == "warns" and (s.passage.block >= 0 or re.search(r"avoid|do not|risk", s.text, re.I)):
            warnings.append(s.passage)
        elif kind == "denies":
            denials.append(s.passage)
        if s.passage.block >= 0:
            previous = s
    return Stopping(bool(warnings), tuple(warnings), tuple(tapers), tuple(denials))


def _unnamed(title: str) -> bool:
    """Whether a title names no medicine and no class, so that its section speaks of the label's own."""
    words = re.findall(r"[a-z][a-z-]+", title.lower())
    return not (any(o.search(title) for o, _ in _CLASSES) or _FOREIGN.search(title) or any(map(names_a_drug, words)))


def _another_class(reader: Reader, text: str) -> bool:
    """Whether a text names a class of medicines that the label's own does not belong to."""
    return any(o.search(text) and not reader._member(m) for o, m in _CLASSES)


def _foreign_named(reader: Reader, text: str) -> bool:
    return _another_class(reader, text) and not reader._names_own(text)
