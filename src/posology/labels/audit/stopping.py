"""Turns the lines of a page into findings on stopping: no warning, a permission, or the wrong danger.

Knows no medicine by name. A warning may run over neighbouring sentences; a permission must stand in one, or in a question and its "yes".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from posology.labels.audit.leave import asks_slowly, gives_leave, refuted
from posology.labels.audit.measures import lengths
from posology.labels.audit.page import Line, Page
from posology.labels.audit.reference import Evidence, Reference
from posology.labels.extract.stopping import Reader

Finding = tuple[str, str, str, Line | None, Evidence | None]
"""(type, severity, text, line, evidence)."""


def _rx(text: str) -> re.Pattern[str]:
    return re.compile(text, re.I)


_DRUG = r"(?:it|them|this|these|the|your|\w+)"
_IT = r"(?:it|them|this|the\s+\w+|your\s+\w+|treatment|therapy)"
_STOP_VERB = (
    r"(?:stop(?!s?\s+(?:smoking|breathing|working|bleeding|drinking))(?:s|ped|ping)?|discontinu\w+|quit\w*|cease[sd]?|ceasing|cessation|halt\w*|"
    r"(?:com(?:e|es|ing)|go(?:es|ing)?|get(?:s|ting)?|came|went|be|being)\s+off|giv(?:e|es|en|ing)\s+(?:(?:it|them|this|the\s+\w+|\w+)\s+)?up(?!\s+to\b)|"
    rf"drop(?:ping|ped|s)?\s+(?:{_IT}|out)|dropped|(?:bin|binning|chuck(?:ing)?|shelv(?:e|ing)|dump(?:ing)?|scrap(?:ping)?)\s+{_IT}|ditch\w*|abandon\w*|end(?:s|ed|ing)?\s+(?:the\s+|your\s+)?(?:{_IT}|course)|finish(?:es|ed|ing)?\s+(?:with\s+)?{_IT}|"
    rf"(?:put|throw|pack|toss)(?:ting|ing)?\s+(?:{_IT}\s+)?(?:aside|away|in|out)|lay(?:ing)?\s+off|leav(?:e|es|ing)\s+(?:(?:{_IT}|\w+)\s+)?(?:off|behind)|leav(?:e|es|ing)\s+(?:[\w'’]+\s+){{1,6}}?(?:untouched|unused|in\s+(?:the|their|your)\s+(?:drawer|cupboard|cabinet|box|bottle|pack(?:et)?)|on\s+the\s+shelf)|break(?:ing)?\s+off|cut\s+off|taken\s+away|tak(?:e|ing)\s+{_IT}\s+away|"
    rf"(?:walk|step|turn)(?:s|ing)?\s+away|part(?:ing)?\s+ways|say(?:ing)?\s+goodbye|cancel\w*(?!\s+(?:your|the|an?)\s+(?:visit|appointment|order))|tail(?:s|ed|ing)?\s+off|treatment\s+ends|no\s+longer\s+take|(?:sudden|abrupt|quick|fast|rapid)\s+(?:end|break|halt)|wind(?:s|ing)?\s+(?:it\s+|things\s+)?down)"
)
_STOPS = _rx(
    rf"\b(?:{_STOP_VERB}|withdraw(?:s|n|ing|al)?\b(?!\s+(?:symptom|effect|sign|reaction))|withdrew|interrupt\w*|phas(?:e|ed|ing)\s+(?:it\s+)?out|eas(?:e|ed|ing)\s+(?:it\s+|you\s+)?off|stopped\s+short|off\s+(?:it|this|the\s+\w+)\b|go(?:ing)?\s+without|ending\b|r[ua]n(?:s|ning)?\s+out|cold\s+turkey)\b"
)
_FAST = _rx(
    r"\b(?:abrupt\w*|sudden\w*|all\s+(?:at\s+once|in\s+one\s+go)|at\s+once|cold\s+turkey|overnight|too\s+(?:quick\w*|fast|rapid\w*|soon)|quick\w*|fast(?:er)?|straight\s+away|right\s+away|"
    r"rapid\w*|in\s+one\s+(?:go|step)|(?:just|simply)\s+(?:stop|quit|drop)\w*|r[ua]n(?:s|ning)?\s+out|from\s+one\s+day\s+to\s+the\s+next|out\s+of\s+the\s+blue|on\s+the\s+spot|in\s+a\s+hurry|stopped\s+short|cut\s+off|miss(?:ed|ing)?\s+(?:several|many|a\s+few)\s+doses|"
    r"without\s+(?:a\s+)?(?:taper\w*|plan|wean\w*))\b"
)
_SLOW = _rx(
    r"\b(?:slow(?:ly|er)?|gradual(?:ly)?|gent(?:ly|le)|w[io]u?nd(?:s|ing)?\s+(?:\w+\s+){0,2}?down|tail(?:ed|ing)?\s+off|(?:small|tiny|little)\s+cuts|(?:bit|little|step)\s+by\s+(?:bit|little|step)|a\s+(?:little|bit)\s+at\s+a\s+time|stepwise|in\s+(?:small\s+|several\s+|little\s+)?(?:steps|stages)|small\s+(?:steps|cuts)|"
    r"over\s+(?:time|(?:a\s+|an\s+|the\s+)?(?:period|course|number)\b|(?:at\s+least\s+|about\s+|around\s+|a\s+|several\s+|some\s+|many\s+|the\s+(?:next|course)\s+|a\s+few\s+|(?:one|two|three|four|\d+)[\s–-]*(?:(?:to|or|-|–)\s*(?:one|two|three|four|six|\d+)\s*)?)*(?:days?|weeks?|months?))|"
    r"(?:each|every|per|a)\s+(?:few\s+)?(?:days?|weeks?)|taper\w*|wean\w*|eas(?:e|ed|ing)\s+(?:it\s+|you\s+)?off|phas(?:e|ed|ing)\s+(?:it\s+)?out|as\s+(?:your\s+)?\w+\s+plan)\b"
)
_LESS = _rx(
    r"\b(?:reduc\w+|lower\w*|cut(?:s|ting)?|br(?:ing|ought)(?:ing)?\s+(?:it\s+|the\s+dose\s+|your\s+dose\s+)?down|com(?:e|es|ing)\s+down|go(?:es|ing)?\s+down|step(?:s|ped|ping)?\s+(?:it\s+|the\s+dose\s+|your\s+dose\s+)?down|"
    r"decreas\w*|taper\w*|wean\w*|eas(?:e|ed|ing)\s+(?:it\s+|you\s+)?off|phas(?:e|ed|ing)\s+(?:it\s+)?out|withdr[ae]w(?:s|n|ing)?|smaller\s+(?:and\s+smaller\s+)?doses|less\s+and\s+less|com(?:e|ing)\s+off|stop\w*|tail(?:ed|ing)?\s+off|lets?\s+(?:it|you)\s+down|small(?:er)?\s+cuts|let\s+down|w[io]u?nd(?:s|ing)?\s+(?:it\s+|you\s+)?down|end(?:s|ed|ing)?)\b"
)
_TAPER = _rx(r"\b(?:taper(?:s|ed|ing)?|wean(?:s|ed|ing)?|eas(?:e|ed|ing)\s+(?:it\s+|you\s+)?off)\b")
_RAISES = _rx(r"\b(?:rais\w+|increas\w*|build\w*\s+up|go(?:es)?\s+up|start(?:s|ed|ing)?\s+low)\b")
_HARMS = _rx(
    r"\b(?:seizures?|fits?|convuls\w*|hallucinat\w*|(?:see|seen|saw|seeing|hear|heard|hearing)\s+(?:or\s+\w+\s+)?things|withdrawal|rebound|heart\s+attacks?|angina|chest\s+pain|shoot\w*\s+up|shot\s+up|soar\w*|flare\w*|"
    r"come\s+back|return\w*|worse\w*|dizz\w*|sick\w*|nausea|anxi\w*|shak\w*|sweat\w*|cramps?|headaches?|symptoms?|fever|confus\w*|ill(?:ness)?\b|danger\w*|harm\w*|risk\w*|serious\w*|severe\w*|"
    r"emergency|death|die[sd]?|kill\w*|life[\s-]threatening|problems?|adrenal|trouble|unsafe|attack|weak\w*|ach(?:e|es|ing)|feverish|unwell|relapse\w*|(?:can|may|could|might|will|would)\s+(?:leave|make|bring|set\s+off|trigger|cause|put|hit|hurt|send))\b"
)
_FORBIDS = _rx(
    r"\b(?:do\s+not|don['’]?t|never|must\s*(?:not|n['’]t)|should\s*(?:not|n['’]t)|cannot|can\s*not|can['’]t|may\s+not|not\s+to|avoid\w*|no\s+one\s+should|nobody\s+should|not\s+be|rather\s+than|instead\s+of|only\s+(?:under|with|when\s+your\s+(?:doctor|prescriber))|needs?\s+to\s+be|ha(?:s|ve)\s+to\s+be|important\s+(?:not|that)|refuse)\b"
)
_REACTION = _rx(
    r"\b(?:allerg\w*|rash|swell\w*|hives|trouble\s+breathing|jaundice|yellow|bleeding|infection|911|999|emergency\s+room|overdos\w*|too\s+much)\b"
)
_ASKS = _rx(r"\b(?:without|unless|until|before|first|ask|talk|speak|check)\b")

# -- permission -----------------------------------------------------------------------------------------------------

_BETTER = r"(?:better|improve[sd]?|gone|go(?:es)?\s+away|well|fine|good|ease[sd]?|pass(?:es|ed)?|settle[sd]?|fade[sd]?|normal|under\s+control|recovered|cured|ok(?:ay)?)"
_ALONE = r"(?:on\s+your\s+own|by\s+yourself|(?:yourself(?=\s*[,.;!]|$))|without\s+(?:any\s+|first\s+|even\s+)?(?:asking|talking|telling|seeing|speaking|checking|consult\w*|medical|your\s+doctor|(?:a|your)\s+prescriber))"
_NO_TAPER = r"without\s+(?:any\s+|a\s+|first\s+)?(?:taper\w*|reducing|lowering|cutting\s+down|wean\w*|problems?|worr\w+|risks?|harm|danger|trouble|effects|withdrawal|(?:ill|side|bad|after)[\s-]?effects|fuss|slow\w*|gradual\w*|stepping)"
_ANY_TIME = (
    r"(?:when(?:ever)?\s+(?:your|the)\s+(?:\w+\s+){1,2}(?:runs?|ran|is|are)\s+out|(?:at|on)\s+any\s+(?:time|point|moment|stage|day|date)|any\s?time|any\s+day\b|whenever\b(?!\s+possible)|(?:at\s+)?the\s+moment\s+you|when(?:ever)?\s+you\s+(?:like|want|wish|choose|please|feel\b|no\s+longer|are\s+ready|decide|have\s+had\s+enough)|as\s+you\s+(?:like|please|wish)|at\s+will|"
    rf"(?:as\s+soon\s+as|once|when|after)\s+(?:you|your|the|it|symptoms?|pain|spasms?|things)\b[\w\s'’]{{0,30}}?{_BETTER})"
)
_AT_ONCE = r"(?:suddenly|abruptly|all\s+at\s+once|overnight|cold\s+turkey|straight\s+away|right\s+away|immediately|at\s+once|from\s+one\s+day\s+to\s+the\s+next|in\s+one\s+(?:go|step)|(?:on\s+)?the\s+(?:same|very)\s+day|at\s+your\s+convenience|just\s+like\s+that|there\s+and\s+then|then\s+and\s+there)"
_FREE = rf"(?:{_ANY_TIME}|{_AT_ONCE}|{_ALONE}|{_NO_TAPER})"
_FINE = r"(?:safe|fine|ok(?:ay)?|all\s+right|alright|harmless|easy|simple|straightforward|no\s+(?:big\s+deal|problem|issue|trouble|worry)|possible(?=\s+(?:for\s+\w+\s+)?to)|acceptable|risk[\s-]free|not\s+(?:a\s+(?:problem|concern|big\s+deal|risk)|harmful|dangerous|risky))"
_MAY = rf"(?:can|may|could|might(?:\s+as\s+well)?|(?:are|is|feel)\s+(?:entirely\s+|completely\s+)?free\s+to|(?:are|is)\s+able\s+to|{_FINE}\s+(?:for\s+\w+\s+)?to|(?:are|is)\s+allowed\s+to|have\s+the\s+option\s+to)"
_HOW = r"(?:(?:also|always|usually|just|simply|safely|easily|then|even|be|freely|stop\s+or)\s+)*"
_STOP_INF = rf"(?:{_STOP_VERB}|withdrawn|ended?|taken\s+away|left\s+off)"
_NEED_NOT = r"(?:never\s+needs?\s+to\s+be|never\s+needs?\s+to|(?:needs?|requires?|calls?\s+for|takes?)\s+no|no\s+(?:real\s+)?(?:need|reason|point|use|sense)\s+(?:to|in|for)|need\s+not|needn['’]t|(?:do|does|did|will)\s*(?:not|n['’]t)\s+(?:need|have)\s+to|(?:not|n['’]t|never)\s+(?:really\s+)?(?:necessary|required|needed)\s+to|unnecessary\s+to|not\s+bother\s+(?:to|with)|no\s+longer\s+(?:need|have)\s+to|forget\s+about|skip|never\s+mind)"
_TAPERING = r"(?:taper\w*|wean\w*|(?:reduc\w+|lower\w*|cut\w*|step\w*|com\w+|bring\w*|go\w*|stop\w*)\b[\w\s]{0,25}?\b(?:slowly|gradual\w*|down\s+(?:slowly|first|gradual\w*)|in\s+steps|bit\s+by\s+bit|step\s+by\s+step|little\s+by\s+little|over\s+(?:\w+\s+){0,3}(?:days|weeks|months))|(?:slowly|gradual\w*)\s+(?:reduc\w+|lower\w*|stop\w*|cut\w*|withdraw\w*|com\w+\s+off)|cut\s+down|step\s+(?:it\s+)?down|(?:reduc\w+|lower\w*)\s+(?:the\s+|your\s+)?dose\s+(?:\w+\s+)?(?:before|first|when|to\s+stop)|(?:slow|gradual)\s+(?:dose\s+|dosage\s+)?(?:reduction|withdrawal|decrease|stop)|coming\s+off\s+(?:\w+\s+)?(?:slowly|gradually))"
_NO_HARM = r"(?:fear|harm|danger|risks?|problems?|trouble|rebound|withdrawal|(?:ill|bad|side|after|lasting)?[\s-]?effects?|consequences?|worr(?:y|ies)|downsides?|penalty|objections?|drawbacks?|hazards?|(?:reason|need)\s+(?:not\s+to|to\s+(?:fear|worry|wait|ask))|seizures?)"
_PERMITS: tuple[re.Pattern[str], ...] = tuple(
    _rx(r)
    for r in (
        rf"\b{_MAY}\s+{_HOW}{_STOP_INF}\b[^.;]{{0,80}}?\b{_FREE}",
        rf"\b{_FREE},?\s+(?:\w+\s+){{0,3}}?(?:you\s+|people\s+|patients\s+|they\s+)?{_MAY}\s+{_HOW}{_STOP_INF}\b",
        rf"\bfree\s+to\s+{_HOW}{_STOP_INF}\b",
        rf"\b{_FINE}\s+(?:for\s+\w+\s+)?to\s+{_HOW}{_STOP_INF}\b(?!\s+(?:slowly|gradually))",
        rf"\b{_STOP_INF}\b[^.;]{{0,60}}\b(?:you|they|people|patients)\s+(?:can|may)\s+do\s+(?:so|this|that|it)\b[^.;]{{0,40}}?\b{_FREE}",
        r"\b(?:abrupt|sudden|rapid|overnight)\w*\s+(?:stop\w*|discontinu\w*|withdraw\w*|cessation|halt)\s+(?:of\s+\w+\s+)?(?:is|are|was|has|causes?|does|do|will|should|can|may)\s*(?:\w+\s+){0,2}?(?:well\s+tolerated|safe|harmless|fine|acceptable|no\s+(?:effects?|risks?|harm|danger|problems?|consequences)|(?:not|n['’]t)\s+(?:be\s+)?(?:harm\w*|danger\w*|a\s+(?:problem|concern)|cause|lead|bring|risky))",
        rf"\b(?:stopp\w+|quitting|ending|discontinu(?:ing|ation)|com(?:ing|e)\s+off|giving\s+(?:\w+\s+)?up|get(?:ting)?\s+off|cessation|dropping)\b[^.;]{{0,50}}?\b(?:is|are|was|will\s+be|should\s+be)\s+(?:\w+\s+){{0,2}}?(?<!not\s){_FINE}\b",
        r"\b(?:stopp\w+|quitting|discontinu(?:ing|ation)|com(?:ing|e)\s+off|giving\s+(?:\w+\s+)?up|get(?:ting)?\s+off|cessation)\b[^.;]{0,60}?\b(?:(?:causes?|has|have|brings?|carries|poses?|with)\s+no\b|(?:does|do|will|should|won|doesn|don)\s*(?:not|n['’]t|['’]t)\s+(?:\w+\s+)?(?:cause|harm|hurt|lead|bring|make|matter|give|trigger|produce))",
        r"\b(?:no|not\s+any|without\s+any|free\s+of|zero)\s+(?:\w+\s+)?withdrawal\b(?!\s+(?:plan|schedule|until))",
        r"\bwithdrawal\s*(?:symptoms?|effects?|problems?|reactions?)?\s+(?:is|are|do|does|will|has|have|was|were)\s*(?:not|n['’]t|never)\s+(?:\w+\s+){0,2}?(?:concern|problem|issue|occur\w*|happen\w*|expected|likely|seen|reported|thing|risk|worry|known|an?\b)",
        r"\bwithdrawal\s*(?:symptoms?|effects?|problems?|reactions?)?\s+(?:is|are)\s+(?:\w+\s+)?(?:a\s+myth|unheard\s+of|unknown|nothing\s+to|harmless|unlikely|impossible|no\s+(?:concern|problem|issue))",
        r"\b(?:do|does|will|did)\s*(?:not|n['’]t)\s+(?:cause|lead\s+to|bring|produce|trigger|get|have|experience|suffer)\s+(?:on\s+)?(?:any\s+)?withdrawal",
        r"\b(?:no|zero|without)\s+(?:danger|risk|harm|problems?|consequences?|(?:ill|bad|lasting|side)[\s-]effects?)\s+(?:in|of|from|to|when|if|with|by)\s+(?:\w+\s+){0,2}?(?:stopp\w+|quitting|discontinu\w+|com(?:ing|e)\s+off|stop\b|quit\b)",
        r"\b(?:do\s+not|don['’]t|no\s+need\s+to|need\s+not|never)\s+worry\s+(?:about|if|when)\s+(?:\w+\s+){0,2}?(?:stop\w*|quit\w*|coming\s+off|a\s+sudden|you\s+(?:stop|run\s+out|quit)|withdrawal)",
        rf"\b(?:won['’]t|will\s+not|do\s+not|don['’]t)\s+(?:have|get|face|see|suffer)\s+(?:any\s+)?{_NO_HARM}\s+(?:if|when|by|from|after|on)\s+(?:you\s+)?{_STOP_INF}\b",
        rf"\b{_NEED_NOT}\s+(?:\w+['’]?s?\s+){{0,3}}?(?:advice|permission|help|approval|doctor|prescriber|ok(?:ay)?|supervision)\s+(?:to|before|for|when)\s+(?:you\s+)?{_STOP_INF}\b",
        rf"\b(?:do|does)\s*(?:not|n['’]t)\s+need\s+(?:\w+['’]?s?\s+){{0,3}}?(?:advice|permission|help|approval|doctor|prescriber|supervision|taper\w*)\s+(?:to|before|for|when)\s+(?:you\s+)?{_STOP_INF}\b",
        r"\b(?<!to\s)nothing\s+(?:bad\s+|much\s+|serious\s+|at\s+all\s+)?(?:will|would|can|is\s+going\s+to|to\s+fear|happens?)\b",
        r"\b(?:will|would|won|wouldn)\s*(?:not|n['’]t|['’]t)\s+(?:even\s+)?(?:notice|feel)\s+(?:a\s+thing|anything|any\s+\w+|the\s+difference)\b",
        rf"\b{_NEED_NOT}\s+(?:\w+\s+){{0,2}}?{_TAPERING}",
        rf"\b(?:tapering|a\s+(?:slow\s+)?taper|weaning|{_TAPERING}|(?:a\s+)?(?:slow|gradual)\s+(?:dose\s+|dosage\s+)?(?:reduction|withdrawal|decrease)|cutting\s+(?:it\s+)?down(?:\s+\w+)?)\s+(?:is|are|was)\s*(?:(?:not|n['’]t|never)\s+(?:\w+\s+)?(?:needed|necessary|required|important|called\s+for|recommended|worth)|unnecessary|optional|pointless|old[\s-]fashioned|a\s+(?:waste|myth)|only\s+for)",
        r"\b(?:no\s+taper(?:ing)?|no\s+weaning|no\s+slow\s+(?:reduction|withdrawal))\b(?!\s+(?:is|was)\s+(?:given|named|stated))",
    )
)
_ORDERS: tuple[re.Pattern[str], ...] = tuple(
    _rx(r)
    for r in (
        rf"\b(?:once|when|as\s+soon\s+as|after|if|the\s+(?:day|moment|minute))\s+(?:you|your|the|symptoms?|pain|spasms?|it)\b[^.;]{{0,45}}?\b{_BETTER}\b[^.;]{{0,12}}?,?\s*(?:then\s+)?(?:you\s+(?:can|may|should)\s+)?{_HOW}(?:{_STOP_VERB})\b",
        rf"(?:^|[.,;:–-]\s+|\b(?:then|and|so|should|just|simply|please)\s+)(?:just\s+|simply\s+|please\s+)*(?:stop|quit|discontinue|drop|give\s+up|ditch)\b(?!\s+(?:by|in)\b)(?:\s+(?:taking|using))?(?:\s+{_DRUG}){{0,3}}\s*,?\s*{_FREE}",
    )
)
_GATE = _rx(
    r"stop|quit|discontinu|ceas|cess|halt|off|\bup\b|drop|ditch|abandon|\bend|finish|away|aside|leav|cancel|goodbye|withdr|taper|wean|gradual|slow|skip|miss|omit|pause|break|holiday|weekend|nothing|notice|feel|cut|reduc|lower|step|taken|out\b|sudden|abrupt|without"
)
"""A quick look whether a sentence can be about stopping at all; most are not."""
_CASE = _rx(
    r"\b(?:in\s+(?:these|this|such|case|patients|the\s+event)|if\s+(?:signs|symptoms|a|an|any|these|you\s+(?:have|get|notice|develop))|with\s+these|severe|serious)\b"
)
_BREAKS = _rx(
    r"\b(?:skip(?:s|ping|ped)?|miss(?:ing)?|leav(?:e|ing)\s+(?:\w+\s+)?out|omit\w*|pause|tak(?:e|ing)\s+(?:a\s+|an\s+)?(?:\w+\s+)?(?:breaks?|holidays?|pause|weekends?\s+off|days?\s+off)|drug\s+holidays?|giv(?:e|ing)\s+yourself|stop\w*)\b[^.;]{0,40}?\b(?:weekends?|holidays?|breaks?|days?\s+off|(?:a\s+)?(?:few|couple(?:\s+of)?|odd)\s+days?|a\s+day\s+or\s+two|now\s+and\s+(?:then|again)|from\s+time\s+to\s+time|(?:when(?:ever)?|if|on\s+days)\s+(?:you\s+)?feel\s+(?:well|good|better|fine|ok(?:ay)?)|good\s+days|whenever\s+you\s+(?:want|like|wish|choose|feel)|any\s?time|several\s+days|days\s+of\s+treatment|(?:a\s+few|several)\s+doses|(?:when|before)\s+you\s+(?:drink|party|go\s+out))\b"
)
_REASSURES = _rx(
    rf"\b(?:no|without|zero|free\s+(?:of|from)|not\s+any|never\s+any|hardly\s+any|little)\s+(?:\w+\s+){{0,2}}?{_NO_HARM}\b|"
    rf"\bnothing\s+(?:\w+\s+)?(?:speaks|stands|to\s+(?:fear|lose|worry)|against|bad|wrong|happens?|(?:will|would)\s+happen)|\bnot\s+(?:\w+\s+)?(?:harmful|dangerous|risky|unsafe|addictive)\b|"
    r"\b(?:perfectly|completely|totally|entirely|quite|always|generally)\s+(?:safe|fine|ok(?:ay)?|harmless|easy|painless)\b|\b(?:harmless|painless|as\s+you\s+(?:like|please)|with\s+ease)\b|\b(?:the\s+same|that\s+(?:same|very))\s+day\b"
)
_TOO_SOON = _rx(
    r"\b(?:stop\w*|discontinu\w*|quit\w*|end(?:ing)?)\s+(?:taking\s+|using\s+)?(?:[\w'’-]+\s+){0,4}?(?:too\s+(?:soon|early)|before\s+time|prematurely)\b"
)
_NEGATES = (
    r"(?:do\s+not|don['’]?t|never|must\s*(?:not|n['’]t)|should\s*(?:not|n['’]t)|shouldn['’]t|cannot|can\s*not|can['’]t|may\s+not|not|is\s*n['’]t|are\s*n['’]t|was\s*n['’]t|no\s+one\s+should|nobody\s+should|avoid|unsafe|"
    r"myth|wrong(?:ly)?|untrue|false(?:ly)?|mistake|nor|neither)"
)
_GOVERNED = _rx(
    rf"\b{_NEGATES}(?:[\s:,“\"'’]+(?:be|is|it['’]?s|a|the|that|it|you|your|to|true|think(?:ing)?|believ\w+|assum\w+|say(?:ing)?|safe|ever|feel|as|if|for|anyone|so|really|always|let|anybody|somebody|tell|told|decide|by|just|simply|please|and|patients|people|should|may|can))*[\s:,“\"'’]*$"
)
_STOP_FORBIDDEN = _rx(
    rf"\b(?:do\s+not|don['’]?t|never|must\s*(?:not|n['’]t)|should\s*(?:not|n['’]t)|cannot|can\s*not|can['’]t|may\s+not|avoid|no\s+one\s+should|nobody\s+should|no\s+(?:good\s+)?(?:reason|excuse|time)\s+(?:to|for)(?!\s+not\b)|not\s+(?:be\s+)?)\b(?:\s+(?!and\b|but\b|so\b|because\b|since\b|worry\b|need\b|have\b)[\w'’]+){{0,4}}?\s+{_STOP_INF}\b"
)
_YES = _rx(r"^(?:A:\s*|Answer:\s*)?(?:yes|yep|yeah|sure|of\s+course|certainly|absolutely|definitely|you\s+can)\b")
_NO = _rx(r"^(?:A:\s*|Answer:\s*)?(?:no|nope|not\s+at\s+all|not\s+really)\b")


def answered(question: str, answer: str) -> str:
    """A question with its yes or no as one statement; "" where the answer is neither.

    >>> answered("Can I stop when I like?", "Yes, you can.")
    'you can stop when you like. Yes, you can.'
    >>> answered("Do I need to taper it?", "No.")
    'you do not need to taper it. No.'
    """
    if not question.rstrip().endswith("?"):
        return ""
    q = re.sub(r"^(?:Q\s*[:.]?\s*|Question:\s*)", "", question.rstrip(" ?"), flags=re.I)
    q = q[:1].lower() + q[1:]
    q = re.sub(r"\bmy\b", "your", re.sub(r"\bme\b", "you", q))
    if _YES.search(answer):
        for found, put in (
            (r"^(can|may|should|could)\s+(?:I|you|we|people|patients|one)\b", r"you \1"),
            (r"^(?:is|are)\s+(it|this|there|[\w-]+)\b", r"\1 is"),
            (r"^do(?:es)?\s+(?:I|you|it|[\w-]+)\b", "you"),
        ):
            made, n = re.subn(found, put, q, flags=re.I)
            if n:
                return f"{re.sub(r'(?<![A-Za-z])I(?![A-Za-z])', 'you', made)}. {answer}"
    if _NO.search(answer):
        for found, put in (
            (r"^(?:do|must|should)\s+(?:I|you|we|people)\s+(?:need|have)\s+to\b", "you do not need to"),
            (
                r"^(?:is|are)\s+([\w\s-]+?)\s+(needed|necessary|required|dangerous|harmful|a\s+problem)\b",
                r"\1 is not \2",
            ),
            (r"^(?:will|do|does)\s+(?:I|you|it|[\w-]+)\b", "you do not"),
        ):
            made, n = re.subn(found, put, q, flags=re.I)
            if n:
                return f"{re.sub(r'(?<![A-Za-z])I(?![A-Za-z])', 'you', made)}. {answer}"
    return ""


_THEN_STOP = _rx(rf"\W*(?:then\s+|just\s+|simply\s+|you\s+can\s+)*{_STOP_VERB}\b")


_NOBODY = _rx(
    rf"\b(?:nobody|no\s+(?:one|person|patient)|none\s+of\s+(?:us|our\s+patients))\s+(?:\w+\s+)?{_STOP_VERB}\b"
)
"""Nobody does it: "Nobody stops without a plan"."""
_THEN_HARM = _rx(
    rf"(?:^|[.;:]\s+)(?:just\s+)?(?:{_STOP_VERB})\b[^.;:]{{0,40}}?(?:,|\band\b|[–—-])\s*[^.;]{{0,40}}?\b(?:can|may|could|might|will)\b(?!\s*(?:not|n['’]t))[^.;]*?{_HARMS.pattern}"
)
"""A bidding that is a condition: "Stop it suddenly and the heart can race"."""


def _permits(t: str, about_stopping: bool) -> bool:
    """Whether a sentence says that stopping is free, safe, or needs no taper.

    >>> _permits("You can stop at any time.", True), _permits("Do not think you can stop at any time.", True)
    (True, False)
    >>> _permits("Since it is not addictive there is no need to taper.", True), _permits("Never stop overnight.", True)
    (True, False)
    """
    if (t.rstrip().endswith("?") and not re.match(r"\W*why\s+not\b", t, re.I)) or re.match(
        r"\W*(?:myth|false|wrong|untrue)\b", t, re.I
    ):
        return False
    if not _GATE.search(t):
        return False
    t = re.sub(r"^\W*why\s+not\s+", "Feel free to ", t, flags=re.I)
    if _reassures(t):
        return True
    if re.search(r"\bfree\s+to\s+(?:call|ask|contact|talk|speak|ring|tell|phone|discuss)\b", t, re.I):
        return False
    slowly = asks_slowly(t)
    for rx in (*_PERMITS, *_ORDERS):
        for m in rx.finditer(t):
            if slowly and not asks_slowly(m[0]):
                continue
            before = re.split(r"[;.]\s", t[: m.start()])[-1]
            if _GOVERNED.search(before) or (_STOP_FORBIDDEN.search(t[: m.end()]) and not _sets_free(m[0])):
                continue
            if rx in _ORDERS and (_REACTION.search(t) or (_CASE.search(t) and re.search(_AT_ONCE, m[0], re.I))):
                continue  # "stop at once if you get a rash" is no leave to stop
            if m[0].lower().startswith("nothing") and not about_stopping:
                continue
            if re.search(
                r"\b(?:ask|talk|speak|check|tell)\b[^.;]{0,30}\b(?:if|whether|when|how|before)\b[^.;]*$", before, re.I
            ):
                continue
            if (
                re.match(r"\W*(?:if|when)\b", before or m[0], re.I)
                and _HARMS.search(_HARMLESS.sub(" ", t))
                and not _sets_free(m[0])
            ):
                continue
            if _HARMS.search(t[m.end() :]) and re.match(
                r"[^.;]{0,40}\b(?:can|may|could|might|will)\s+(?:cause|bring|lead|trigger|make|be\s+(?:dangerous|harmful))",
                t[m.end() :],
                re.I,
            ):
                continue  # "stopping at any time can cause fits" names the harm
            return True
    m2 = _BREAKS.search(t)
    if m2 is None or _GOVERNED.search(t[: m2.start()]) or _STOP_FORBIDDEN.search(t[: m2.end()]):
        return False
    if _FORBIDS.search(t[: m2.start()]) or re.search(
        r"\b(?:can|may|could|might)\s+(?:be|(?:\w+\s+){0,3}?(?:cause|bring|lead|trigger))\b|\bif\s+you\s+(?:miss|skip|stop)",
        t,
        re.I,
    ):
        return False
    return bool(
        re.search(
            rf"\b(?:{_MAY}|simply|just|{_FINE}|feel\s+free|many\s+people|no\s+harm|often|good\s+idea|helps?|try|why\s+not|won['’]t\s+hurt|nothing\s+to\s+worry|no\s+(?:problem|harm|worry|big\s+deal|risk))\b",
            t,
            re.I,
        )
        or re.match(r"\W*(?:you\s+(?:can\s+)?)?(?:skip|take|leave|omit|pause|miss)\b", t, re.I)
    )


_WITHOUT = _rx(r"\bgo(?:es|ing)?\s+without\s+(?!alcohol|food|sleep|a\s+(?:meal|drink))")


def _reassures(t: str) -> bool:
    """Whether a sentence about stopping denies its harm, and names no harm and no slow way besides.

    >>> _reassures("Nothing speaks against leaving it off."), _reassures("Stopping it in small steps brings no harm.")
    (True, False)
    """
    m = _REASSURES.search(t)
    if m is None or not (_STOPS.search(t) and (re.search(_STOP_VERB, t, re.I) or _WITHOUT.search(t))):
        return False
    rest = t[: m.start()] + " " + t[m.end() :]
    before = re.split(r"[;.]\s", t[: m.start()])[-1]
    if (
        _GOVERNED.search(before)
        or _STOP_FORBIDDEN.search(t)
        or _SLOW.search(rest)
        or _ASKS.search(_WITHOUT.sub(" ", rest))
        or _REACTION.search(rest)
    ):
        return False
    if re.match(r"\W*(?:if|unless)\b", t, re.I) and not re.match(r"\W*if\s+you\s+(?:stop|quit|want)", t, re.I):
        return False
    return not re.search(
        r"\b(?:can|may|could|might|will)\s+(?:\w+\s+)?(?:cause|bring|lead|trigger|leave|make|set)\b(?!\s+no\b)",
        rest,
        re.I,
    )


_HARMLESS = _rx(r"\b(?:without|no|not\s+(?:a|any))\s+(?:any\s+|the\s+)?(?:\w+\s+)?\w+")


def _sets_free(words: str) -> bool:
    free = rf"\b{_NEED_NOT}\b|\bno\b|\bfree\s+to\b|\bnot\s+(?:needed|necessary)|unnecessary|\bworry\b|\b{_FINE}\b|^{_MAY}\b"
    return bool(re.search(free, words, re.I))


def _warned(lines: Sequence[Line], i: int, reader: Reader) -> bool:
    """Whether the sentence at ``i``, with its neighbours of the same passage, warns against a sudden stop."""
    t = lines[i].text
    if reader.reading(t) == "warns":
        return True
    around = [x for x in lines[max(0, i - 2) : i + 3] if x.under == lines[i].under]
    context = " ".join([lines[i].under, *(x.text for x in around)])
    stops = bool(_STOPS.search(t) or (_STOPS.search(lines[i].under) and len(lines[i].under.split()) <= 8))
    lead = lines[i - 1] if i and lines[i - 1].under == lines[i].under and len(lines[i - 1].text.split()) <= 4 else None
    stops = stops or (lead is not None and bool(_STOPS.search(lead.text)))  # "S is for Stopping. Not suddenly, ever."
    if _REACTION.search(t) and not _STOP_FORBIDDEN.search(t):
        return False  # "with a rash, stop at once" warns of something else
    if stops and _FAST.search(t) and (_HARMS.search(t) or _FORBIDS.search(t) or _ASKS.search(t)):
        return True
    down = _LESS.search(t) and _SLOW.search(t) and not (_RAISES.search(t) and not stops and not _TAPER.search(t))
    if down and (_TAPER.search(t) or stops or _STOPS.search(context)):
        return True
    after = [x.text for x in lines[i + 1 : i + 4] if x.under == lines[i].under]
    forbidden = bool(_STOP_FORBIDDEN.search(t))
    if (
        stops
        and _HARMS.search(t)
        and not _REACTION.search(t)
        and (
            forbidden
            or re.search(r"\b(?:can|could|may|might|will|cause[sd]?|bring\w*|lead\w*|have\s+had|had)\b", t, re.I)
        )
    ):
        return True
    return forbidden and any(
        _HARMS.search(x) and not _REACTION.search(x)
        and re.search(r"\b(?:can|could|may|might|will|would|cause\w*|bring\w*|lead\w*|follow\w*|ha(?:ve|d|s)|get)\b", x, re.I)
        for x in after[:2]
    )  # fmt: skip


_MG = _rx(r"\b\d[\d,.]*\s*(?:mg|mcg|g|m[lL])\b")
_EXEMPTS = _rx(
    r"\basks?\s+for\s+no\s+steps\s+down|\bwithout\s+(?:a\s+)?taper\w*|\bno\s+taper\w*\s+(?:is\s+)?(?:needed|necessary|required)"
)


_THIS_DOSE = _rx(
    r"\b(?:this|that|such\s+a|these|those)\s+(?:low\s+|small\s+|daily\s+)?(?:dos(?:e|es)|amounts?|levels?)\b"
)


def _exempt(t: str, ref: Reference, around: str = "") -> bool:
    """Whether the reference itself lets the doses that a sentence names, and only those, end without a taper."""
    named = {re.sub(r"[\s,]", "", m[0]) for m in _MG.finditer(t)}
    if not named and _THIS_DOSE.search(t):
        named = {re.sub(r"[\s,]", "", m[0]) for m in _MG.finditer(around)}
    return bool(named) and any(
        named <= {re.sub(r"[\s,]", "", m[0]) for m in _MG.finditer(e.quote)}
        for e in ref.sentences
        if _EXEMPTS.search(e.quote)
    )


_SHORT = _rx(
    r"\b(?:short(?:er|-term)?\b|brief\w*|(?:after|only|just|taken|took|used)\s+(?:\w+\s+){0,3}?few\s+days|one\s+or\s+two\s+doses)"
)
_LONG = _rx(
    r"\b(?:prolonged|long(?:er|-term)?|chronic\w*|extended|maintenance|continuous\w*|(?:several\s+)?(?:weeks|months|years)\s+of\b|(?:a|\d)\s+years?|several\s+(?:weeks|months)|more\s+than\s+(?:\w+\s+){1,2}(?:weeks|months))\b"
)


_COURSE = _rx(
    r"\b(?:bursts?|courses?|treatment|spells?|stints?|taken|took|used|given|been\s+on\s+(?:it|them)|after\s+(?:less|fewer|no\s+more)\s+than|(?:after\s+|^\W*)(?:under|up\s+to|only|just))\b[^.;]{0,40}|[\w-]+[\s-]+(?:days?|weeks?)[\s-]+(?:burst|course|treatment|spell)s?\b"
)
"""How long it was taken, as against how fast it is stopped."""
_BRIEFLY = 7
"""Days of a course that nobody calls long."""
_SINGLE = _rx(
    r"\bafter\s+(?:only\s+|just\s+)?(?:a\s+single|one)\s+(?:\w+\s+)?(?:dose|tablet|capsule)\b(?!\s+(?:a|each|per|every)\b)"
)


def _short_course(t: str, ref: Reference) -> bool:
    """Whether a sentence speaks of a short course, and the reference warns only after a long one or lets a short one end at once."""
    if _LONG.search(t):
        return False
    if _SINGLE.search(t):  # what was taken once needs no way down
        return True
    taken = frozenset[Decimal]().union(*(lengths(m[0]) for m in _COURSE.finditer(t)))
    let_off = frozenset[Decimal]().union(*(lengths(e.quote) for e in ref.sentences if _EXEMPTS.search(e.quote)))
    if taken and let_off:
        return max(taken) <= max(let_off)
    if not _SHORT.search(t) and not (taken and max(taken) <= _BRIEFLY):
        return False
    reader = Reader(ref.names)
    if ref.cited and any(_LONG.search(e.quote) for e in ref.abrupt):
        return True
    return all(_LONG.search(e.quote) for e in ref.abrupt) or any(
        _SHORT.search(e.quote) and reader.reading(e.quote) == "denies" for e in ref.sentences if _FAST.search(e.quote)
    )


def stopping(page: Page, ref: Reference) -> Iterator[Finding]:
    """What a page says of stopping, held to a reference that warns against an abrupt stop."""
    if not ref.abrupt:
        return
    evidence = ref.abrupt[0]
    reader = Reader(ref.names)
    names = _rx(rf"\b(?:{'|'.join(map(re.escape, sorted(ref.names)))})(?:\s+[XES][LR])?\b") if ref.names else None
    warned = weak = False
    lines = page.lines
    for i, line in enumerate(lines):
        t = line.text
        before = lines[i - 1].text if i else ""
        about = bool(_STOPS.search(t) or _STOPS.search(before) or _STOPS.search(line.under))
        asked = answered(before, t) if before.rstrip().endswith("?") else answered(line.under, t)
        if before.rstrip().endswith("?") and not asked and _THEN_STOP.match(t):  # "Feeling better? Then stop."
            asked = f"When you {before.rstrip(' ?')}, {t}"
        own = ref.holds(t) or _exempt(t, ref, f"{line.under} {before}") or _short_course(t, ref)
        after = lines[i + 1].text if i + 1 < len(lines) and lines[i + 1].under == line.under else ""
        under = bool(_STOPS.search(line.under) or (before.rstrip().endswith("?") and _STOPS.search(before)))
        plain = names.sub("it", t) if names is not None and _GATE.search(t) else t
        if (
            not own
            and not (refuted(after) or _NOBODY.search(t) or _THEN_HARM.search(t))
            and (
                _permits(t, about)
                or (plain != t and _permits(plain, about))
                or (asked and _permits(asked, True))
                or (gives_leave(asked or plain, under, after, f"{line.under} {before}") and line.kind != "heading")
            )
        ):
            text = "It says that stopping is safe or free; the reference warns against an abrupt stop."
            yield ("contradicts_stopping_advice", "critical", text, line, evidence)
            continue
        if (
            not own
            and _FAST.search(t)
            and reader.reading(t) == "denies"
            and not _STOP_FORBIDDEN.search(t)
            and not t.rstrip().endswith("?")
        ):
            text = "It denies the harm of an abrupt stop that the reference warns of."
            yield ("contradicts_stopping_advice", "critical", text, line, evidence)
            continue
        if _TOO_SOON.search(t) and _HARMS.search(t):
            text = "Stopping too soon is not the danger: stopping too fast is. The reference speaks of how quickly, not of how long."
            yield ("wrong_wording", "major", text, line, evidence)
        if not t.rstrip().endswith("?") and _warned(lines, i, reader):
            warned = True
        elif _STOP_FORBIDDEN.search(t) and _ASKS.search(t):
            weak = True
    if not warned:
        text = "It does not warn against stopping suddenly."
        if weak:
            text = "It says to ask before stopping, and not that stopping suddenly is the danger."
        yield ("missing_abrupt_stop_warning", "critical", text, None, evidence)
