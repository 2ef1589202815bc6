"""Turns a sentence into whether it leaves the end of a treatment to the reader alone, in whatever words.

Knows no medicine. Two things make a leave: the sentence speaks of being without the medicine, and it says that this is free: the reader
decides, nobody need be asked, nothing slow is needed, no harm comes, or feeling well is enough. One thing undoes it: a guard that stands
(a prescriber, a slow way, a harm, a "not"). A guard that is itself denied ("no need to ask anyone") is a freedom.
"""

from __future__ import annotations

import re


def _rx(text: str) -> re.Pattern[str]:
    return re.compile(text, re.I)


_IT = r"(?:it|them|this|these|(?:the|your|these|this|any|its)\s+(?:(?:last|remaining|rest\s+of\s+the|whole|next|daily)\s+)*[\w-]+|treatment|therapy|tablets|capsules|pills)"
_ENDS = _rx(
    # the end itself
    r"\b(?:stop(?:s|ped|ping)?(?!\s+(?:(?!tak|us)\w+ing\b|smok|bleed|breath))(?:\s+(?:taking|using))?|(?:dis|not\s+)continu\w+|quit\w*|ceas(?:e[sd]?|ing)|cessation|halt(?:s|ed|ing)?|"
    rf"(?:com|go|get|be|been|being|wean|taper|eas|took|taken|tak)(?:e|es|ing|ting|t)?\s+(?:(?:{_IT}|yourself)\s+)?off(?!\s+(?:work|balance|colou?r|food|school|duty|sick|by\s+itself))|(?:fad|fizzl|peter|dwindl|dribbl)(?:e|es|ed|ing)?\s+(?:out|away)\b|(?:giv|gave)(?:e|es|en|ing)?\s+(?:{_IT}\s+)?up(?!\s+to\b)|drop(?:s|ped|ping)?(?=\s+(?:{_IT}|to\s+(?:nothing|zero|none)|out|altogether))|"
    rf"(?:ends?|ended|ending)\b(?!\s+(?:of|up|the\s+day)\b)|finish(?:es|ed|ing)?(?!\s+(?:your|the|a|his|her|each|every)\s+(?:meal|drink|glass|work|dinner|lunch|breakfast|food|exercises?|sentence|task))|retir(?:e|es|ed|ing)\s+{_IT}|(?:giv|gave|hav|tak)(?:e|es|en|ing)?\s+(?:{_IT}\s+|yourself\s+)a\s+(?:\w+\s+)?(?:rest|break)\b|(?:bin|shelv|ditch|abandon|cancel|dump|chuck|scrap)(?:e|es|ed|ing|s|ned|ning|led|ling)?\s+{_IT}|"
    rf"(?:put|throw|pack|toss|lay|set|stow|hang|clear|kick|phas)(?:e|s|es|ed|ing|ting)?\s+{_IT}\s+(?:aside|away|off|behind|out|down|back|alone)\b|(?:leav|left)(?:e|es|ing)?\s+{_IT}\s+(?:aside|off|behind|out|be|alone|untouched|unused|(?:at|in|on)\s+(?:the|your|their|a|home)\b)|in\s+(?:the|a|your)\s+(?:bin|drawer|cupboard|cabinet)|"
    rf"(?:put|lay|leav|left|phas)(?:e|es|ed|ing|ting)?\s+(?:aside|away|off)\s+{_IT}|(?:left|laid|put)\s+(?:off|out|aside|away|behind|alone)|let(?:s|ting)?\s+{_IT}\s+(?:slide|go|lie|drop)\b|(?:not|n['’]t)\s+(?:bother\s+to\s+)?(?:renew|re-?fill|re-?order)\b|call(?:s|ing)?\s+(?:it|that)\s+(?:the\s+end|finished|done)|com(?:e|ing)\s+down(?=[^.;]*\b(?:yourself|your\s+own|alone)\b)|giv(?:e|es|ing)\s+(?:it|them)\s+a\s+miss|call(?:s|ing)?\s+it\s+(?:a\s+day|quits)|clean\s+break|part(?:ing)?\s+(?:company|ways)|walk(?:s|ing)?\s+away|say(?:ing)?\s+goodbye|cold\s+turkey|to\s+(?:none|nothing|zero)\b|"
    # being without it
    r"(?:do|does|go|goes|doing|going)\s+without\b(?!\s+(?:food|sleep|meals?|alcohol|pain|symptoms?|an?\b))|(?:be|live|manage|get\s+by|day|days|week|while|cope)\s+without\s+(?:it|them|this|(?:the|your)\s+(?:medicine|drug|tablets?|capsules?|pills?|treatment|doses?)|treatment)\b|no\s+longer\s+(?:need\w*|necessary|required|wanted|take|use)|(?:not|n['’]t)\s+(?:need|want)\s+(?:it|them|this)\s+any\s*more|"
    r"(?:done|did)\s+(?:its|their)\s+(?:job|work)|not\s+go\s+back|(?:prescription|supply|repeat)\s+lapse|let\s+(?:\w+\s+){1,3}lapse|"
    # a pause
    rf"not\s+tak(?:e|ing)\s+{_IT}\s+(?:any\s*more|any\s+longer|again)|(?:bring|brought|draw)\w*\s+{_IT}\s+to\s+(?:a\s+close|an\s+end)|leav(?:e|es|ing)\s+{_IT}\s+(?=whenever|for\s+(?:a|\w+\s+days?)|there\b)|hang\w*\s+{_IT}\s+up|off\s+(?:this|the|your|its)\s+(?:medicine|drug|tablets|treatment|capsules)|dropp?(?:ed|ing)?\s+(?:[\w-]+\s+){{0,5}}doses?|(?:you\s+are|you['’]re|yourself|be)\s+(?:done|finished|through)|(?:days?|weeks?|while|time|breaks?|rests?|holidays?|pauses?)\s+(?:away\s+)?from\s+(?:it|them|this|the\s+(?:drug|medicine|tablets|treatment)|treatment)|lapse\w*|"
    r"(?:skip|miss|omit|paus|interrupt|suspend)(?:s|e|es|ed|ing|ped|ping|ted)?|leav(?:e|es|ing)\s+(?:[\w-]+\s+){1,3}out|(?:days?|weekends?|weeks?|nights?|time)\s+off|(?:a|an|take|taking|have|having)\s+(?:\w+\s+){0,3}(?:break|breather|rest|holiday|pause)s?\s+from|drug\s+holidays?|(?:tablet|pill|capsule|medicine|medication|drug|dose)-free\s+(?:day|week|weekend|month|spell|time)s?|"
    r"(?:a|any|short|the)\s+(?:\w+\s+)?gap|r[ua]n(?:s|ning)?\s+(?:out|dry|short)|(?:without|no|not\s+bother\s+with\s+(?:a|the)|hurry\s+to)\s+refill\w*|only\s+(?:(?:on|in|during)\s+(?:the\s+)?(?:\w+\s+)?(?:days|weeks|months|spells)|when(?:ever)?\s+you\s+(?:feel|need|want|think|have))|(?:on|off)\s+and\s+(?:on|off))\b"
)
"""Words of the end of a treatment, of being without it, or of a pause."""
_GOES_ON = _rx(
    r"\b(?:whether|how\s+long|point\s+in|reason\s+to|need\s+to|no\s+use|want\s+to|obliged?\w*\s+(?:you\s+)?to)\b[^.;]{0,30}\b(?:carr(?:y|ying)\s+on|keep(?:ing)?\s+(?:on|going|taking|it\s+up)|stay(?:ing)?\s+on|continu\w+|go(?:ing)?\s+on|persist\w*|tak(?:e|ing)\s+(?:it|them)\s+(?:any\s+longer|further))\b"
)
"""Going on put in question: "whether to carry on", "little point in going on"."""

_NO = r"(?:no|not|\w*n['’]t|never|nobody|no\s*one|(?<!to\s)(?:none|nothing)|without(?!\s+(?:has|have|had|is|are|was|can|may|could)\b)|neither|nor|hardly|barely|scarcely|rarely|seldom|(?<!a\s)(?:little|few)|cannot|need\s+not|un(?:necessary|needed|likely)|free\s+(?:of|from)|rather\s+than|instead\s+of|lacks?|far\s+from|zero|spare\s+yourself|forget)"
_WHO = r"(?:doctors?|physicians?|prescribers?|nurses?|pharmacists?|GPs?|clinics?|hospital|specialists?|practice|surgery|team|professionals?|provider|practitioner|we|us|our|(?:medical|professional|expert)\s+(?:advice|help|supervision)|appointments?|visit|permission|approval|consent|sign-?off|supervision|anyone|anybody|someone|somebody|a\s+soul|help|sign(?:s|ed|ing)?\s+\w+\s+off)"
_ASKING = r"(?:ask|ask(?:s|ed|ing)|talk\w*|speak\w*|spoken|tell|told|telling|check\w*|consult\w*|see(?:ing)?|phon\w+|ring|ringing|call|calling|inform\w*|discuss\w*|notif\w+|agree\w*|contact\w*|wait\w*|let\s+\w+\s+know|together|involve\w*)"
_SLOWLY = r"(?:slow\w*|gradual\w*|taper\w*|wean\w*|(?:step|bit|little)[\s-]by[\s-](?:step|bit|little)|(?:in|by)\s+(?:\w+\s+)?(?:steps|stages|cuts)|stages|stepwise|gent(?:ly|le)|wind(?:s|ing)?\s+(?:it\s+)?down|tail\w*\s+off|phas\w+\s+(?:it\s+)?out|eas(?:e|ed|ing)\s+(?:it\s+)?off|plan|planned|planning|schedule|a\s+little\s+(?:at\s+a\s+time|each|every|less)|smaller|lower\w*|reduc\w+|over\s+(?:\w+\s+){0,4}(?:weeks|months)|cut(?:ting)?\s+down|preparation|fuss|ceremony|formalit\w+)"
_HARM = r"(?:harm(?!less)\w*|hurt\w*|danger\w*|risk\w*|problems?|trouble\w*|seizures?|fits?|withdrawal|rebound|effects?|consequences?|symptoms?|worr(?:y|ies|ying)|fear\w*|alarm|concern\w*|wors(?:e|en\w*)|unwell|ill|unsafe|wrong|serious\w*|severe\w*|reactions?|penalty|downsides?|drawbacks?|matter\w*|emergency|relapse\w*|bites?\s+back|come\s+back|return\w*|flare\w*|surge\w*|soar\w*|shoot\w*\s+up|attack|angina|chest\s+pain|dizz\w*|shak\w*|sweat\w*|cramps?|anxi\w*|confus\w*|sick\w*|nause\w*|fever|hallucinat\w*|death|die[sd]?|kill\w*|shock|crisis|caus(?:e|es|ed|ing)|lead(?:s|ing)?\s+to|led\s+to|bring(?:s|ing)?\s+(?:on|back)|result\w*|nervous(?!\s+system)\w*|headaches?|strokes?|tremor|(?:rapid|sharp|sudden)\s+rise|urgen\w+|importan\w+|significan\w+|hurry|rush|difference|upset\w*|(?:can|may|could|might)\s+(?:now\s+and\s+(?:then|again)|sometimes|at\s+times|rarely|even|still|also|occasionally)\s+(?:bring|cause|make|lead|trigger|leave)|set(?:s|ting)?\s+\w+\s+back|felt|notice\w*|cost\w*|(?:can|may|could|might|will|would)\s+(?:(?<!you can )(?<!you may )leave|make|bring|set|put|give|cause|lead|trigger|send|hit)\s+(?:you|your|them|on|off|back|to|the)\b)"
_GUARDS = rf"(?:{_WHO}|{_ASKING}|{_SLOWLY}|{_HARM})"
_DENIED = _rx(
    rf"\b{_NO}\b(?:(?:(?!\b(?:can|may|might|could|would|will|but|if|unless|until|before)\b)[^.;:?!,]){{0,42}}?\b(?:{_GUARDS})\b)+(?:\s*(?:,|or|and|nor|to)\s*(?:\w+\s+){{0,2}}?(?:{_GUARDS})\b)*|"
    rf"\b(?:{_GUARDS})\b(?:(?!\b(?:that|which|who)\b)[^.;:?!]){{0,25}}?\b(?:(?:is|are|was|be|does|do|will|would|has|have|need|needs|can|as)\s*(?:not|n['’]t|never)\b(?:\s+\w+){{0,4}}|(?:is|are|was)\s+(?:unnecessary|optional|needless|pointless|a\s+(?:myth|waste)|unheard\s+of|nothing|rare|unlikely|up\s+to\s+you|(?:\w+\s+)?for\s+(?:others?|people|those|the)\b|(?:only\s+|merely\s+|just\s+)?(?:an?|the)\s+(?:\w+\s+){{0,2}}?(?:nicety|option|extra|habit|luxury|choice|custom|formality|matter\s+of\s+taste))\b|(?:(?:you|one)\s+)?can\s+(?:safely\s+)?(?:be\s+)?(?:left\s+out|leave\s+out|skip\w*|ignore\w*|forg[eo]t\w*|omit\w*)|needs?\s+no\b)"
)
"""A guard that the sentence itself denies: "no need to ask", "tapering is optional", "nothing bad happens"."""
_STANDS = _rx(rf"\b(?:{_WHO}|{_ASKING}|{_SLOWLY}|{_HARM})\b")

_DECIDES = _rx(
    r"\b(?:(?:rests?|lies?)\s+with\s+you|welcome\s+to|as\s+long\s+as\s+you\s+(?:feel|like|want|wish|need)|(?:need\s+not|needn['’]t|does\s+not\s+(?:need|have)\s+to)\s+be\s+finished|how\s+most\s+people\s+do|personal\s+(?:matter|choice|decision)|(?:nobody|no\s+one)\s+(?:will\s+|would\s+)?minds?|(?:no\s+one|nobody)\s+(?:(?:but|except)\s+you|minds?)|yours\s+(?:alone|to)|in\s+your\s+own\s+hands|(?:choose|chose|prefer|opt|elect)s?\s+to|(?:as|however)\s+you\s+feel|(?:up|down)\s+to\s+(?:you|the\s+(?:patient|reader|user))|(?:your|one['’]s|the\s+(?:patient|reader)['’]s)\s+(?:own\s+)?(?:\w+\s+)?(?:call|choice|decision|judge?ment|say|discretion|pace|terms|business|preference|convenience)|you\s+(?:alone\s+|yourself\s+)?(?:decide|choose|judge)|"
    r"go\s+ahead|you\s+(?:are|['’]re)\s+(?:the\s+(?:best\s+|only\s+)?judge|in\s+charge|free|at\s+liberty|your\s+own)|(?:as|when(?:ever)?|if|how(?:ever)?|where(?:ver)?|as\s+soon\s+as)\s+(?:you|they|patients|people)\s+(?:see\s+fit|like|wish|please|want|prefer|choose|fancy|feel\s+(?:like|ready|it)|are\s+ready|have\s+had\s+enough|think|decide|no\s+longer)|"
    r"(?:it|that)\s+suits\s+you|at\s+(?:will|leisure)|only\s+(?:(?:on|in|during)\s+(?:the\s+)?(?:\w+\s+)?(?:days|weeks|months|spells)|when(?:ever)?\s+you\s+(?:feel|need|want|think))|(?:trust|listen\s+to|follow|go\s+by|rely\s+on)\s+(?:yourself|your)|(?:let\s+)?your\s+(?:own\s+)?(?:body|instincts?|feelings?)\s+(?:\w+\s+)?(?:tell|know|decide|guide|be)\w*|feel\s+free|(?:nothing|nobody|no\s+(?:one|rule|law))\s+(?:obliges|forces|keeps|binds|stops|requires|makes|ties|says)|on\s+your\s+own|by\s+yourself|"
    r"(?:at|on)\s+any\s+(?:time|point|moment|stage|day|date)|any\s?time|any\s+day|when(?:ever)?\s+(?:\w+\s+)?suits|whenever)\b"
)
"""Who decides is the reader alone, or when is any time."""
_EASY = _rx(
    r"\b(?:(?:fine|ok(?:ay)?|all\s+right|alright|harmless|safe|easy|simple|simplest|easiest|best|straightforward|acceptable|worth\s+(?:a\s+(?:try|go|shot)|trying)|painless|plenty|enough|sensible|reasonable|good|nice)(?!\s+(?:to|for\s+you\s+to)\s+(?:feel|be|ask|worry|talk|want|wonder))(?=\b)|well\s+tolerated|(?:simply|just|safely|easily|freely|happily)\b|as\s+(?:easy|simple|abruptly|quickly|soon)\s+as|with\s+ease|"
    r"clean\s+break|(?:gives?|allows?)\s+(?:your\s+)?(?:body|system|stomach|kidneys|liver)\s+a\s+rest|now\s+and\s+(?:then|again)|here\s+and\s+there)\b"
)
"""Being without it is easy, harmless or a custom."""
_DAYS = r"(?:in|over|within|inside)\s+(?:just\s+|only\s+)?(?:a\s+(?:single\s+)?(?:day|weekend)|the\s+weekend|(?:one|two|1|2|a\s+couple\s+of|a\s+few)\s+(?:(?:or|to)\s+(?:two|three|2|3)\s+)?days)"
_HASTY = _rx(rf"\b{_DAYS}\b")
_QUICK = _rx(
    r"\b(?:in\s+one\s+(?:go|step)|from\s+one\s+day\s+to\s+the\s+next|overnight|(?:the\s+)?same\s+(?:day|evening|night)|straight\s+away|right\s+away|at\s+once|there\s+and\s+then|tomorrow|today|in\s+an\s+(?:afternoon|hour|evening)|by\s+(?:\w+day|the\s+weekend|tomorrow)|cold\s+turkey|abruptly|suddenly|immediately|all\s+at\s+once|"
    rf"{_DAYS})\b"
)
"""It may come at one stroke: where that is allowed or told, not where it is told of."""
_STATE = r"(?:better|improve[sd]?|gone|go(?:es)?\s+away|well\b|fine|good|great|ease[sd]?|pass(?:es|ed)?|settle[sd]?|fade[sd]?|lift(?:s|ed)?|calm\w*|quiet\w*|normal|control|recover\w*|cured|ok(?:ay)?|yourself|free\s+(?:of|from)(?:\s+\w+){0,2}|relie\w+|(?:is|are)\s+back|feel\w*|self|served|purpose|lighter|easier|bother\w*|disagree\w*|dislike|(?:not|n['’]t)\s+(?:like|want|feel|suit|agree)|drowsy|sleepy|tired|sluggish|bored|woozy|groggy|busy|holiday\w*|away|abroad|travel\w*|trip|party|parties|weekends?|good\s+days?|r[ua]ns?\s+out|empty|finished|used\s+up|no\s+longer|have\s+had\s+enough|got\s+what)"
_WELL = _rx(
    rf"\b(?:once|when(?:ever)?|as\s+soon\s+as|after|if|should|the\s+(?:day|moment|minute)|on|while|as\s+long\s+as)\b[^.;]{{0,45}}?\b{_STATE}|\b(?:on|at|over)\s+(?:good\s+days|the\s+weekends?|holidays?)\b"
)
"""A state that the reader judges alone: feeling well, being bothered, running out, being away."""
_POSITIVE = _rx(
    r"\b(?:(?:you|they|it|that|this|he|she|people|patients|adults|treatment|tablets|many|most|some|the\s+\w+)\s+(?:\w+\s+)?(?:can|may|might|could|should|will)(?!\s*(?:not|n['’]t|never)\b)|(?:can|may|might|could)\s+(?:be|go|simply|just|safely)|(?:are|is)\s+(?:allowed|able|free|permitted|no\s+longer)|(?:many|most|some)\s+(?:people|patients|users)|you\s+are\s+(?:done|finished|through)|try|(?:little|no)\s+(?:point|reason|need|use))\b"
)
_IMPERATIVE = _rx(
    r"(?:^|[,;:–—]\s+|\b(?:then|and|so|just|simply|please)\s+)(?:then\s+|just\s+|simply\s+|please\s+|feel\s+free\s+to\s+)*(?:stop|quit|drop|leave|lay|put|pop|tuck|stick|call\s+(?:it|that)|skip|give|throw|bin|pack|cancel|bring|come\s+off|take\s+(?:a\s+(?:few\s+|\w+\s+)?(?:break|holiday|rest|pause|day|week)s?|it\s+only)|pause|discontinue|halt|let|go\s+without|halve|ditch|end|call\s+it|set)\b"
)
_YOU_CAN = _rx(
    rf"\b(?:(?:you|people|patients)\s+(?:can|may|could|might)|(?:can|may|could)\s+(?:\w+ly\s+|simply\s+|just\s+)?be)\s+(?:also\s+|always\s+|simply\s+|just\s+|even\s+|safely\s+|then\s+)*(?=(?:{_ENDS.pattern.removeprefix(chr(92) + 'b')}))(?!(?:miss|run|have|be\s+(?:able|too)|end\s+up)\b)"
)
_FORBIDDEN = _rx(
    r"^\W*(?:(?:A|Answer)[.:]\s*)?not?\b|\b(?:do\s+not|don['’]?t|never|must\s*(?:not|n['’]t)|should\s*(?:not|n['’]t)|cannot|can\s*not|can['’]t|may\s+not|could\s+not|not\s+(?:on|by)\b|ought\s+not|avoid\w*|no\s+(?:one|reason|excuse|time|good\s+time|grounds)\b(?=[^.;]{0,20}\b(?:to|for|should)\b)|nobody\s+should|not\s+(?:a\s+|an\s+|the\s+|be\s+|to\s+|safe|wise|for\s+you|your|up\s+to|something|only|advis|recommend|suitable|possible|right|good|just|because|even|simply|enough)|isn['’]t|aren['’]t|wasn['’]t|bad|worst|unwise|wrong|unsafe|tempt(?:ed|ing|ation)\b|myth|instead\s+of\s+stopping|(?:keep|carry|carries|continue)s?\s+(?:on\s+)?(?:taking|using|with\s+it)|even\s+(?:if|when|though)|only\s+(?:after|if|by|with|under|once|as|when\s+(?!you\s+(?:feel|need|want|think|like)))|however\s+well)\b"
)
_NEED_NOT = _rx(
    r"\b(?:(?:do|does|did)\s*(?:not|n['’]t)\s+(?:need|have|require|matter|hurt|harm|mind|call)|need\s*(?:not|n['’]t)|(?:not|n['’]t|never)\s+(?:\w+\s+)?(?:needed|necessary|required)|not\s+(?:a\s+problem|an?\s+issue|a\s+concern|habit|addictive|dangerous|harmful)|never\s+needs?\s+to|no\s+reason\s+(?:not\s+to|to\s+(?:worry|fear|wait|carry|go|keep|stay|continue))|do\s+not\s+worry|don['’]t\s+worry)\b"
)
_OTHERWISE = _rx(
    r"^\W*(?:contents|on\s+this\s+page|see\s+also|(?:no\s+)?(?:alcohol|beer|wine|spirits|grapefruit|coffee|caffeine|cigarettes))\b|\b(?:rash|hives|swell\w*|swollen|allerg\w*|breathing|jaundice|yellow|bleed\w*|overdos\w*|too\s+much|911|999|ambulance|emergency|started?\s+again|restart\w*|(?:stopped|without\s+it|interrupted)\s+for\s+(?:more|longer)|operation|surgery|anaesthetic|pregnan\w*|breast-?\s?feed\w*|smok\w+|driv\w+|machines|other\s+medicines?(?!\s+of)|"
    r"cars?\b(?=\s+(?:keys\s+)?(?:at|in|on|behind|parked|alone)\b)|(?:bike|bicycle|motorbike|motorcycle|moped|scooter|van|truck|keys|wheel)|unused|left-?\s?over|expir\w+|out\s+of\s+date|reach|lock\w*|stor(?:e|ed|age)|fridge|refrigerat\w*|blister|original|until\s+you\s+(?:need|take)|patch\w*|lens\w*|cap|hours|in(?:to)?\s+(?:a\s+)?(?:little\s+)?(?:water|glass|spoon))\b"
)
"""Another matter than ending the treatment at will: a reaction, an operation, a restart, keeping or throwing away tablets."""
_MISSED = _rx(
    r"\b(?:missed|forg[eo]t\w*|remember\w*|(?<!day\sto\sthe\s)next\b(?!\s+(?:day|visit|week|month))|nearly\s+time|almost\s+time|due|overdue|late|double|if\s+(?:you\s+|I\s+|a\s+|one\s+)?(?:dose\s+is\s+)?miss|miss(?:ing)?\s+(?:a|one|your)\s+(?:dose|tablet|capsule|pill))\b"
)
"""A dose that was missed may be left out: that ends nothing."""
_STOP_DENIED = _rx(
    rf"\b(?:do\s+not|don['’]?t|never|must\s*(?:not|n['’]t)|should\s*(?:not|n['’]t)|cannot|can\s*not|can['’]t|may\s+not|avoid|no\s+one\s+should|nobody\s+should)(?:\s+(?!and\b|but\b|so\b|because\b|worry\b|need\b|have\b|has\b|matter\b|mind\b|let\b)[\w'’]+){{0,6}}?\s+(?={_ENDS.pattern})"
)
_REFUTES = _rx(
    r"\W*(?:(?:this|that|it|they|these)\s*(?:['’]s|is|are|was|were)\s+(?:\w+\s+)?(?:not|wrong|untrue|false|a\s+myth|bad|dangerous|risky|unsafe|mistaken)|no[.,!]|not\s+(?:so|true)|wrong\b|please\s+do\s+not|do\s+not\b|don['’]t\b|never\b|but\b|however\b)"
)
_UNTRUE = _rx(
    r"\W*(?:(?:this|that|it|they|these)\s*(?:['’]s|is|are|was|were)\s+(?:\w+\s+)?(?:not\s+(?:true|so|right)|wrong|untrue|false|a\s+myth|a\s+mistake|mistaken|bad\s+advice)|not\s+(?:so|true)\b|wrong\b)"
)
_GUARDED = _rx(
    rf"\b(?:{_WHO})\b[^.;]*\b(?:{_ASKING}|{_SLOWLY}|help|decide|will|should|must|may)\b|\b(?:{_ASKING})\b[^.;]*\b(?:{_WHO})\b|\b{_SLOWLY}\b"
)


_OURS = _rx(
    r"(?:it|them|this|these|those|all|medicine|medication|drugs?|tablets?|capsules?|pills?|treatments?|therapy|courses?|doses?|prescriptions?|box|boxes|packs?|packets?|bottles?|supply|last|rest|refills?|use|one|days?|weeks?|weekends?|months?|\w+days?|mornings?|evenings?|nights?|few|couple|while|spell|time|break|rest|pause|habit|need|moment|point|same)"
)
"""What may be ended or left out of a treatment: the medicine, its packs, a stretch of time."""
_OBJECT = _rx(
    r"\s+(?:(?:from|of|out\s+of|between)\s+(?!time\s+to)|(?=(?:the|your|an?|his|her|their|my|every|each)\s))(?:(?:the|your|an?|his|her|their|my|every|each)\s+)?((?:[\w-]+\s*){1,3})"
)


def _of_ours(text: str, m: re.Match[str]) -> bool:
    """Whether what is ended is the medicine: not "the meal", "your visit", "a rest from exercise"."""
    named = re.search(r"\b(?:the|your|an?|his|her|their|my|every|each)\s+([\w-]+)$", m[0])
    if named is not None and not m[0].startswith("in ") and not _OURS.fullmatch(named[1]):
        return False
    if m[0].endswith("from"):
        return bool(re.match(rf"\s+(?:the\s+|your\s+)?{_OURS.pattern}\b", text[m.end() :], re.I))
    after = _OBJECT.match(text, m.end())
    if after is None:
        return True
    words = after[1].split()
    of_time = after[0].split()[0].lower() == "of" and words[0].lower() == "time"
    return not of_time and any(_OURS.fullmatch(w) for w in words)


def gives_leave(text: str, about: bool = False, after: str = "", around: str = "") -> bool:
    """Whether a sentence leaves ending or pausing the medicine to its reader.

    ``about``: it stands under words of stopping; ``after``: the next sentence; ``around``: what it stands under and the one before.

    >>> gives_leave("Let your body tell you when it is time to quit."), gives_leave("Your doctor tells you when it is time to quit.")
    (True, False)
    >>> gives_leave("It needs no winding down before you stop."), gives_leave("Do not stop without winding it down.")
    (True, False)
    >>> gives_leave("On good days you may leave it out."), gives_leave("If you forget it, you may leave it out.")
    (True, False)
    """
    t = _CONDITION.sub(" ", text.strip())
    if t.endswith("?") or _OTHERWISE.search(_WELL.sub(" ", t)) or _MISSED.search(t) or _MISSED.search(around):
        return False
    ends = any(_of_ours(t, m) for m in _ENDS.finditer(t)) or bool(_GOES_ON.search(t))
    if not (ends or about):
        return False
    freed = _DENIED.sub(" ", t)
    bare = _DECIDES.sub(" ", _NEED_NOT.sub(" ", freed))
    bare = _IDIOM.sub(" ", bare)
    bare = _WELL.sub(lambda m: m[0] if _KEEPS.search(m[0]) else " ", bare)  # "once the headaches have settled"
    if _ALONE.search(t) or _HASTY.search(t):
        bare = _SLOW.sub(" ", bare)  # slowly, and by oneself; or slowly, over a weekend
    if _STANDS.search(bare) or _FORBIDDEN.search(bare) or _STOP_DENIED.search(t):
        return False
    if re.match(
        r"\W*(?:if|when|once|should|for\s+(?:\w+\s+){1,4}(?:after|later)|after(?:wards?)?|later)\b", after, re.I
    ):
        after = ""  # another case
    if after and (
        _REFUTES.match(after)
        or (freed == t and not _ALONE.search(t) and _GUARDED.search(after) and not _DENIED.search(after))
    ):
        return False
    denied = [m[0] for m in _DENIED.finditer(t)]
    if _UNNEEDED.search(t):
        return any(_SLOW.search(x) for x in denied)
    if not ends:
        return (
            len(t.split()) <= 14
            and not _TAKING.search(t)
            and (bool(_DECIDES.search(t)) or any(_SLOW.search(x) for x in denied))
        )
    told = bool(_POSITIVE.search(t) or _IMPERATIVE.search(t))
    if _QUICK.search(t) and told and not re.match(r"\W*if\b", t, re.I):
        return True
    then = _IF_FIRST.sub("", t)  # "if it tires you, leaving it out is reasonable"
    easy = _EASY.search(then) and (then == t or _ENDS.search(then)) and not re.match(r"\W*if\b", then, re.I)
    if denied or _DECIDES.search(t) or _YOU_CAN.search(t) or easy:
        return True
    return told and bool(_WELL.search(text))


_KEEPS = _rx(rf"\b(?:{_WHO}|{_ASKING}|{_SLOWLY})\b")
_ALONE = _rx(r"\b(?:on\s+your\s+own|by\s+yourself|yourself|alone)\b(?!\s+accord)")
_CONDITION = _rx(
    r"\b(?:if|when|should|where)\s+(?:you\s+(?:do\s+not|don['’]t)\s+(?:like|want|feel)|(?:the\s+|any\s+)?side\s+effects)\b[^,;]*"
)
_IF_FIRST = _rx(r"^\W*(?:if|when)\b[^,;]*,\s*(?=\w+ing\b)")
_IDIOM = _rx(
    r"\b(?:do\s+not|don['’]t)\s+(?:bother\s+to\s+)?(?:renew|re-?fill|re-?order)\b|\bcall(?:s|ing)?\s+it\s+(?:a\s+day|quits)|\bcalled\s+for|\bsee\s+(?:how|fit|if|whether)\b[^.;]*"
)
_UNNEEDED = _rx(
    rf"\b(?:no\s+(?:need|reason|cause|call|point)\s+(?:to|in)|(?:do|does|did)\s*(?:not|n['’]t)\s+(?:need|have)\s+to|need\s*(?:not|n['’]t)|not\s+(?:necessary|needed)\s+to)\s+(?:be\s+)?(?!finish)(?=(?:{_ENDS.pattern}))"
)
_SLOW = _rx(rf"\b(?:{_SLOWLY}|withdrawal)\b")
_TAKING = _rx(r"\b(?:take|taken|swallow\w*|food|water|meals?|eat)\b")


def asks_slowly(text: str) -> bool:
    """Whether a text asks for a slow way and does not deny that it is needed.

    >>> asks_slowly("It is safe when done slowly."), asks_slowly("There is no need to lower it slowly.")
    (True, False)
    """
    return bool(_SLOW.search(_DENIED.sub(" ", text)))


def refuted(after: str) -> bool:
    """Whether the next sentence takes back what was said: "That is wrong."

    >>> refuted("That is not true."), refuted("It is white.")
    (True, False)
    """
    return bool(_UNTRUE.match(after))
