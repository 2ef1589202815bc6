"""Turns a sentence that names a person, an illness or another medicine into whether it welcomes them, in whatever words.

Knows no medicine. A welcome is a leave, a praise, or a denial that the thing matters, with no guard left standing: no "not", no harm, nobody
to ask, no condition to meet. It is only asked of sentences that name what the reference rules out or warns of.
"""

from __future__ import annotations

import re


def _rx(text: str) -> re.Pattern[str]:
    return re.compile(text, re.I)


_HARM = r"(?:harm(?!less)\w*|hurt\w*|bad(?:ly)?|allerg\w*|danger\w*|risk\w*|wors(?:e|en\w*)|caus(?:e|es|ed|ing)|rais(?:e|es|ed)|increas\w*|lower\w*|reduc\w*|less|mask\w*|hid(?:e|es|den)|add(?:s|ed)?\s+to|builds?\s+up(?!\s+(?:the|your)\s+dose)|slow\w*|weaken\w*|impair\w*|affect\w*|withdrawal|shak(?:e|es|ing|y)|sweat\w*|panic\s+attacks?|react\w*|interact\w*|interfere\w*|trouble|problems?|serious\w*|severe\s+(?:reaction|effect)s?|fatal|death|die[sd]?|kill\w*|sleepy|sleepi\w*|drows\w*|dizz\w*|bleed\w*|(?<!heart\s)attack|fall|unsafe|toxic\w*|poison\w*|overdose|emergency|side\s+effects?|bring(?:s)?\s+on|lead(?:s)?\s+to|trigger\w*|signs?|sensitiv\w*|deepens?|strong(?:er|ly)|worry|worr(?:y|ies)|concern\w*|fear|caution\w*|care\b|careful\w*)"
_GUARD = r"(?:ask\w*|(?:your|a|the|our)\s+(?:\w+\s+)?(?:doctors?|prescribers?|pharmacists?|nurses?|specialist|hospital|clinic|team)|(?:doctors?|we)\s+(?:\w+\s+)?(?:may|will|can|look|want|weigh)|tell|told|telling|talk\w*|speak\w*|check\w*|consult\w*|mention\w*|inform\w*|watch\w*|monitor\w*|tests?|tested|measured|review\w*|know[ns]?|avoid\w*|unless|until|only|before|if|depend\w*|another|(?<!one\s)else|instead|adjust\w*|smaller|special|first|limit\w*|wait\w*|gap|apart|weigh\w*|benefit\w*|decide\w*|careful\w*|must|should|needs?|stop(?:s|ped|ping)?|alternative|different|unknown|unclear|studied|tried)"
_MATTERS = r"(?:matter\w*|differen\w+|bearing|obstacles?|barriers?|hurdles?|hindrances?|bar|part|role|rules?\s+\w+\s+out|hold\w*\s+(?:\w+\s+)?back|keep\w*\s+\w+\s+from|prevents?|excludes?|notice\w*|thought|chang\w+|grounds|reason|drawback|snag|issue|conflict|clash\w*|influence\w*|say\s+in|interest|count\w*)"
_NO = r"(?:no|not|\w*n['’]t|never|nobody|no\s*one|nothing|without|neither|nor|hardly|barely|need\s+not|cannot|far\s+from|free\s+of)"
_FREED = rf"(?:harm(?!less)\w*|hurt\w*|danger\w*|risk\w*|problems?|trouble|worry|worr(?:y|ies)|concern\w*|fear|caution\w*|special\s+care|careful\w*|affect\w*|interact\w*|interfere\w*|ask\w*|doctors?|prescribers?|pharmacists?|tell|told|telling|mention\w*|inform\w*|check\w*|watch\w*|monitor\w*|adjust\w*|avoid\w*|wait\w*|gap|limit\w*|stop|special|smaller|different|{_MATTERS})"
_IDIOM = _rx(
    r"\b(?:(?:do|does|did|will|wo|would)\s*(?:not|n['’]t)|never|neither|hardly|cannot|can['’]t)\s+(?:really\s+|even\s+)?(?:(?:come|comes|enter|enters)\s+into\s+(?:it|the\s+matter|the\s+picture)|(?:have|has|play)\s+(?:\w+\s+){0,3}(?:to\s+do\s+with\s+it|part\s+in\s+(?:it|this))|mind(?:\s+it)?\b|care\b(?!\s+for)|get\s+in\s+the\s+way|stand\s+in\s+(?:the|your)\s+way|need\s+(?:a\s+)?(?:thought|thinking|looking)|enter\s+into)|"
    r"\b(?:can|may)\s+(?:safely\s+)?be\s+(?:left\s+out(?:\s+of\s+(?:it|the\s+picture))?|ignored|forgotten|disregarded)\b|\b(?:have|has|had)\s+nothing\s+to\s+do\s+with\s+(?:it|this)\b|\b(?:is|are)\s+(?:neither\s+here\s+nor\s+there|beside\s+the\s+point|nothing\s+to\s+(?:fret|lose\s+sleep|think\s+twice)\s*(?:about|over)?|by\s+the\s+by|no\s+(?:big\s+)?deal|(?:of\s+)?no\s+(?:consequence|concern|importance|account)|irrelevant|immaterial)\b|\b(?:forget|never\s+mind)\s+(?:about\s+)?(?:your|the)\s+(?=kidneys?|liver|heart)"
)
"""It has nothing to do with it, as people say that: "does not come into it"."""
_ONLY_IF = _rx(
    r"\bnot?\s+(?:\w+\s+){0,2}?(?:without|unless|until|before)\s+(?:\w+\s+){0,2}?(?:ask\w*|talk\w*|speak\w*|check\w*|tell\w*|know\w*|an?\s+(?:word|call|check))"
)
_DENIED = _rx(
    rf"(?!\b(?:do|does|did)\s*(?:not|n['’]t)\s+(?!need|have|worry|let|matter|mind|chang|affect|interact|interfere|harm|hurt|hold|keep|prevent|exclude|rule)|\bnever\b(?!\s+(?:a|an|been|had)\b))"
    rf"(?:\b(?:do|does|did)\s*)?\b{_NO}\b(?:(?!\b(?:but|if|unless|until|take|use|drink|drive|given|taken|used|safe|suitable|recommended|should|must|after)\b)[^.;:?!,]){{0,40}}?\b{_FREED}\b(?:\s*(?:,|or|and|nor)\s*{_FREED}\b)*(?:\s+(?:has|have|needs?)\s+to\s+\w+)?|"
    rf"\b{_FREED}\b[^.;:?!,]{{0,15}}?\b(?:is|are|was)\s+(?:unnecessary|needless|not\s+(?:needed|necessary|required)|overdone)\b|\bchang(?:e|es|ing)\s+nothing\b|\bneither\s+here\s+nor\s+there\b"
)
_STANDS = _rx(
    rf"\b(?:{_NO}|{_HARM}|{_GUARD}|rul(?:es?|ed)\s+(?:it\s+|this\s+)?out|forbid\w*|unsuitable|bad\s+idea|contraindicat\w*|off\s+limits|off\s+the\s+table|left\s+alone|left\s+out|poor\s+(?:choice|match)|myth|wrong|false)\b"
)
_LEAVE = _rx(
    r"\b(?:(?:can|may|could|might|will)\s+(?:\w+ly\s+|also\s+|still\s+|even\s+|both\s+|all\s+)?(?:be\s+)?(?:tak\w+|us(?:e|ed|ing)|hav(?:e|ing)|start\w*|beg[iu]n|continue\w*|keep|go\s+on|carry\s+on|stay|combine\w*|mix\w*|added|add|swallow\w*|giv\w+|prescribed|driv\w+|drink\w*|enjoy\w*|operat\w+|work|double)|"
    r"(?:is|are)\s+(?:also\s+)?treated\s+with\s+it|(?:often|usually|commonly)\s+(?:\w+\s+)?(?:taken|used|given|prescribed)|favou?rites?\s+(?:for|in|with)|carry\s+on|carries\s+on|go\s+ahead|feel\s+free|help\s+yourself|keep\s+(?:on\s+)?(?:taking|using|drinking|driving)|(?:mix|combine|add|take|drink|enjoy|drive)\b(?=[^.;]*\b(?:as\s+(?:much|usual|normal|before|you\s+like)|freely|together|both|happily|from\s+the\s+first|straight\s+away))|"
    r"(?:choose|chosen|pick\w*|prefer\w*|favou?r\w*|reach\s+for)\s+(?:it|this|them)\s+(?:for|in|with)|(?:like|love|prefer|happy)\s+to\s+(?:add|combine|give|use|prescribe)|go(?:es)?\s+on\s+as\s+(?:before|usual))\b"
)
_PRAISE = _rx(
    r"\b(?:(?:is|are|be|being|makes?|remains?|seems?|it['’]s|a|an|the|perfectly|quite|nice|,|:)\s+(?:\w+\s+){0,2}?(?:fine|ok(?:ay)?|all\s+right|good|great|excellent|ideal|perfect|suitable|compatible|harmless|gentle|welcome|in\s+order|popular|friends?)\b(?!\s+(?:idea|reason|sign))|"
    r"(?:do|does|did|get|gets|go|goes|works?|cope|copes|mix|mixes|combines?|sits?|tolerate[sd]?)\s+(?:\w+\s+){0,3}?(?:well|fine|nicely|happily|better|freely)\b|tolerate[sd]?\b|suits?\b|success\w*|extra\s+lift|(?:good|nice|perfect)\s+(?:pair|match|team))\b"
)
_AS_USUAL = _rx(
    r"\b(?:(?:the\s+)?(?:usual|normal|same|full|ordinary|standard)\s+(?:dose|amount|way|tablets?)|as\s+(?:usual|normal|before|ever|anyone|well\s+as|much\s+as|you\s+like)|just\s+as|like\s+(?:everyone|anyone|anybody|everybody)|whatever\s+(?:\w+\s+)?(?:your|the|their)|stays?\s+(?:as\s+it\s+is|put|the\s+same)|as\s+soon\s+as\s+you(?:['’]ve|\s+have)?\s+(?:swallow\w*|taken|took|had)|whichever|throughout\s+(?:pregnancy|treatment|breast\w*)|from\s+the\s+(?:first|very)|right\s+up\s+to|straight\s+after|the\s+day\s+after|side\s+by\s+side|even\s+(?:when|with|in|at)|sharp|clear-?headed|alert|unaffected|no\s+matter)\b"
)


_FORBIDS = _rx(
    r"\b(?:do|does|did|must|should|can|could|may|will|would|is|are)\s*(?:not|n['’]t)\s+(?!need|have\s+to|worry|let\b|matter|mind|chang|affect|interact|interfere|harm|hurt|hold|keep\s+you|prevent|exclude|rule|an?\b|the\b|something|your|going\s+to|be\s+(?:a|an|put|kept|held|affected|harmed)|notice|feel|a\s+problem)|\bcannot\b|\bnever\b"
)


_USED_FOR = _rx(
    r"\b(?:(?:is|are)\s+(?:\w+\s+)?(?:used|given|taken|prescribed|meant)\s+(?:for|to)|treats?|for\s+the\s+treatment|works?\s+by)\b"
)


def welcomes(text: str) -> bool:
    """Whether a sentence welcomes what it names, and sets no guard.

    >>> welcomes("A weak heart plays no part."), welcomes("A weak heart can get worse.")
    (True, False)
    >>> welcomes("Someone with gout may begin with the normal dose."), welcomes("Someone with gout may begin once tests are back.")
    (True, False)
    """
    t = re.sub(r"^\W*if\s+you\s+(?:have|use|take|are|get|had)\b[^,;]*,", " ", text.strip(), flags=re.I)
    if t.endswith("?") and not re.search(r"\?\s*\w", t):
        return False
    if _ONLY_IF.search(t):
        return False
    t = re.sub(r"\b(?:as|like)\s+before\b", "as usual", t, flags=re.I)
    bare = _IDIOM.sub(" ", t)
    if bare != t and not _STANDS.search(bare):
        return True
    if _FORBIDS.search(t) or _USED_FOR.search(t):
        return False
    bare = _DENIED.sub(" ", t)
    if _STANDS.search(bare):
        return False
    return bare != t or bool(_LEAVE.search(t) or _PRAISE.search(t) or _AS_USUAL.search(t))
