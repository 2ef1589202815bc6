"""Turns English words and phrases of prescriptions into lexemes: one class letter and one value each.

Knows no grammar and no medicine. The class letters are explained in `CLASSES`; phrases are longest first.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

CLASSES: dict[str, str] = {
    "n": "number", "h": "half or quarter", "a": "a, an", "m": "unit of measure", "c": "unit that is counted",
    "o": "product form that is no dose", "t": "unit of time", "D": "daily, weekly, hourly", "F": "whole frequency",
    "O": "once, twice", "T": "times", "x": "times sign", "q": "every, each", "p": "per, stroke",
    "g": "to, or, dash", "b": "between", "U": "up to", "Z": "maximum", "W": "part of the day", "M": "meal",
    "B": "before, after, with", "R": "ac, pc, cc", "i": "in, at, on, of", "K": "clock time", "y": "weekday",
    "Y": "several weekdays", "A": "as needed", "f": "for", "I": "if, when", "r": "route", "s": "site",
    "j": "side or state of a site", "v": "taking", "L": "advice", "l": "from, until a date", "G": "negation",
    "d": "date", "X": "month name", "H": "packs and refills", "+": "increase", "_": "reduce", "k": "by",
    "E": "stop", "w": "other word", "N": "medicine", "e": "OD: right eye or once daily", "u": "AD, AS, AU: an ear",
    "z": "amounts joined by dashes", "V": "days, weeks or months as a stroke (5/7)", "C": "count said whole",
    "Q": "instruction said whole", "9": "dose, as a thing that is counted", "1": "first", "0": "million", "2": "a numbered day, week or month", "P": "over (a time)", "!": "ambiguous",
    ",": "comma", ".": "end of a sentence", "&": "and", ">": "then", "(": "(", ")": ")", ":": ":", "?": "sign",
    "=": "continue", "$": "each dose", "~": "about, at least", "%": "off, of a cycle", "J": "divided doses",
    "^": "extended or modified release", "@": "at a rate of",
    "3": "repeat", "4": "if no relief", "5": "except", "6": "but", "7": "later", "S": "a fluid to take it with", "8": "making ready",
}  # fmt: skip
"""What each class letter means."""

Lexeme = tuple[str, Any]
_PIECE = re.compile(r"m[2²]|\d+(?:st|nd|rd|th)|\d+|[a-zµμ']+|->|=>|\S")
WORDS: dict[str, Lexeme] = {}
PHRASES: dict[str, list[tuple[tuple[str, ...], Lexeme]]] = {}
"""First word -> the rest of the phrase and its lexeme, longest first."""


def _put(kind: str, value: Any, *spellings: str) -> None:
    if kind in "nh":
        value = Fraction(value)
    elif kind == "D":
        value = (Fraction(value[0]), value[1])
    elif kind == "F":
        value = (*value[:2], Fraction(value[2]), *value[3:])
    for spelling in spellings:
        for one in spelling.split("|"):
            words = [w for w in _PIECE.findall(one.replace(".", "")) if w != "-"]
            if len(words) == 1:  # the last spelling wins
                WORDS[words[0]] = (kind, value)
            else:
                PHRASES.setdefault(words[0], []).append((tuple(words[1:]), (kind, value)))


# Words that carry nothing: articles, people, politeness.
NOISE = frozenset(
    [
        "the",
        "patient",
        "patients",
        "should",
        "please",
        "pls",
        "your",
        "you",
        "his",
        "her",
        "their",
        "my",
        "pt",
        "must",
        "be",
        "is",
        "are",
        "it",
        "its",
        "this",
        "these",
        "that",
        "will",
        "may",
        "can",
        "also",
        "only",
        "sig",
        "rx",
        "directions",
        "dose:",
        "instructions",
        "total",
        "approx",
        "about",
        "usually",
        "strictly",
        "just",
        "kindly",
        "any",
        "period",
        "course",
        "further",
        "more",
        "dosage",
        "med",
        "medication",
        "medicine",
        "medicine's",
        "duration",
    ]
)
NOISE -= {"dosage", "total", "about", "duration"}
NOISE |= {"new", "fresh", "route", "pre-filled", "prefilled"}

# Numbers
for i, word in enumerate(
    [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
    ]
):
    _put("n", str(i), word)
for i, word in enumerate(["thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 3):
    _put("n", str(i * 10), word)
_put("n", "1", "i")
_put("n", "2", "ii|couple of|a couple of|a couple")
_put("n", "3", "iii")
_put("h", "1/2", "half|halves|half of|half-a")
_put("h", "1/4", "quarter|quarter of|one quarter|a quarter")
_put("h", "3/4", "three quarters|three-quarters|three quarters of")
_put("h", "1/3", "third of|one third of")
_put("a", 1, "a|an")

# Units that are measured
for code, spellings in {
    "mg": "mg|mgs|milligram|milligrams|milligramme|milligrammes|mgm|milli gram|milli grams",
    "ug": "mcg|mcgs|ug|µg|μg|microgram|micrograms|microgramme|microgrammes|micro grams|mcgm",
    "ng": "ng|nanogram|nanograms",
    "g": "g|gm|gms|gram|grams|gramme|grammes|grm",
    "kg": "kg|kilogram|kilograms|kilo",
    "mL": "ml|mls|millilitre|millilitres|milliliter|milliliters|cc's|mil|mils",
    "L": "l|litre|litres|liter|liters",
    "unit": "unit|units|u|unts",
    "[iU]": "iu|ius|international unit|international units|i.u.",
    "mmol": "mmol|mmols|millimole|millimoles",
    "meq": "meq|meqs|milliequivalent|milliequivalents",
    "%": "%|percent",
    "m2": "m2|m²|sqm|square metre|square meter",
    "cm": "cm|centimetre|centimetres|centimeter|centimeters",
    "[in_i]": "inch|inches",
}.items():
    _put("m", "{unit}" if code == "unit" else code, spellings)

# Units that are counted
for code, spellings in {
    "tablet": "tablet|tablets|tab|tabs|tb|tbs|tbl|tabl|tabls|tabletts|tblt|tblts|tablette",
    "capsule": "capsule|capsules|cap|caps|capsul|cp|cps",
    "caplet": "caplet|caplets",
    "pill": "pill|pills",
    "packet": "packet|packets|pkt|pkts|pckt",
    "sachet": "sachet|sachets|sach",
    "drop": "drop|drops|gtt|gtts|gutt|gutta|guttae|drp|drps",
    "puff": "puff|puffs|pf|pfs|pufs|puf",
    "inhalation": "inhalation|inhalations|inh",
    "spray": "sprays|squirt|squirts",
    "patch": "patch|patches|ptch",
    "application": "application|applications",
    "applicatorful": "applicatorful|applicatorfuls|applicatorsful|applicator|applicators|applicator full",
    "suppository": "suppository|suppositories|supp|supps|sup|sups|suppos|suppositry",
    "pessary": "pessary|pessaries|pess",
    "lozenge": "lozenge|lozenges|loz|troche|troches",
    "ampule": "ampule|ampules|ampoule|ampoules|amp|amps|ampul|ampuls",
    "vial": "vial|vials",
    "nebule": "nebule|nebules|neb|nebs",
    "piece": "piece|pieces",
    "gum": "gum|gums|pieces of gum|piece of gum",
    "film": "film|films",
    "strip": "strip|strips",
    "enema": "enema|enemas",
    "injection": "injection|injections",
    "teaspoon": "teaspoon|teaspoons|teaspoonful|teaspoonfuls|teaspoonsful|tsp|tsps|tspn|tea spoon|tea spoons|tspful",
    "tablespoon": "tablespoon|tablespoons|tablespoonful|tablespoonfuls|tbsp|tbsps|tblsp|table spoon|table spoons",
    "spoonful": "spoonful|spoonfuls|spoonsful|spoon|spoons|spnful|medicine spoon|medicine spoonful",
    "scoop": "scoop|scoops",
    "capful": "capful|capfuls",
    "syringe": "syringe|syringes|prefilled syringe|syringeful",
    "pen": "pen|pens|pre filled pen",
    "ring": "ring|rings",
    "actuation": "actuation|actuations|actuat",
    "blister": "blister|blisters",
    "pastille": "pastille|pastilles",
    "pump": "pump|pumps",
    "cartridge": "cartridge|cartridges",
    "bottle": "bottle|bottles",
    "tube": "tube|tubes",
    "finger": "fingertip unit|fingertip units|ftu|finger tip unit|finger tip units",
}.items():
    _put("c", "{" + ("fingertip" if code == "finger" else code) + "}", spellings)
_put("9", "{dose}", "dose|doses")
_put("o", "", "cream|creams|ointment|oint|ung|gel|lotion|solution|soln|sol|suspension|susp|syrup|liquid|elixir"
     "|inhaler|inhalers|mouthwash|shampoo|powder|foam|paste|emollient|oral solution|oral suspension|eye drops"
     "|ear drops|nasal spray|nose drops|eye drop|eye ointment|granules|insulin|sunscreen|liquids|pump pack|mdi"
     "|linctus|mixture|accuhaler|turbohaler|evohaler|respimat|dispersible|soluble|effervescent|chewable|orodispersible")  # fmt: skip
_put("^", "modified", "ir|immediate release|mr|sr|xr|xl|er|cr|la|ec|modified release|extended release|sustained release"
     "|slow release|prolonged release|controlled release|delayed release|gastro resistant|enteric coated|gr|dr"
     "|gastroresistant|retard|long acting|e/c|m/r|s/r|film coated|f/c")  # fmt: skip

# Time
for code, spellings in {
    "s": "second|seconds|sec|secs",
    "min": "minute|minutes|min|mins|mn|minuts",
    "h": "hour|hours|hr|hrs|h|°|hourr|hours'|hour's",
    "d": "day|days|d|dy|dys|daay|dayz|days'|day's",
    "wk": "week|weeks|wk|wks|w|weeks'|week's",
    "mo": "month|months|mo|mos|mth|mths|mnth|mnths",
    "a": "year|years|yr|yrs",
}.items():
    _put("t", code, spellings)
_put("D", ("1", "d"), "daily|diem|per diem|dly|dailly")
_put("D", ("1", "h"), "hourly|hrly|hly|hourley|hlry|o'h")
_put("D", ("1", "wk"), "weekly|wkly|weekley")
_put("D", ("1", "mo"), "monthly|mthly|monthley")
_put("D", ("1", "a"), "yearly|annually|annual")
_put("F", (1, None, "2", None, "wk"), "fortnightly|every fortnight|each fortnight|a fortnight")
_put("F", (1, None, "1", None, "d"), "qd|every day|each day|qday|qdaily|q day|quaque die|omni die|o.d|once daily|once a day|everyday"
     "|per day once")  # fmt: skip
_put("F", (2, None, "1", None, "d"), "bid|bd|bds|b i d|bis in die|bis die")
_put("F", (3, None, "1", None, "d"), "tid|tds|ter die|ter in die|t i d|tid.")
_put("F", (4, None, "1", None, "d"), "qid|qds|q i d|quater die|quater in die")
_put("F", (5, None, "1", None, "d"), "5 x d")
_put("F", (1, None, "4", None, "h"), "qqh|quarta quaque hora")
_put("F", (1, None, "2", None, "d"), "qod|every other day|every second day|every alternate day|each alternate day|alternate days"
     "|on alternate days|alternate day|alt days|alt die|alt day|on alt days|eod|q other day|alternating days"
     "|every 2nd day|every other days|each other day|every-other-day|once every other day|once on alternate days")  # fmt: skip
_put("F", (1, None, "3", None, "d"), "every third day|every 3rd day")
_put("F", (1, None, "2", None, "wk"), "every other week|alternate weeks|every second week|on alternate weeks|every alternate week"
     "|qow|every 2nd week|once every other week")  # fmt: skip
_put("F", (1, None, "2", None, "mo"), "every other month|alternate months|every second month")
_put("F", (1, None, "2", None, "h"), "every other hour")
_put(
    "F",
    (1, None, "1", None, "wk"),
    "qwk|qweek|every week|each week|qw|once weekly|once a week|same day each week|on same day each week|on same day every week|same day every week|on same day of each week|on same day of week each week",
)
_put("F", (2, None, "1", None, "wk"), "biw|semi weekly|semiweekly")
_put("F", (3, None, "1", None, "wk"), "tiw")
_put("F", (1, None, "1", None, "mo"), "qmonth|qmo|every month|each month")
_put("O", 1, "once|onces|one time")
_put("O", 2, "twice|twise|twce")
_put("O", 3, "thrice")
_put("T", 1, "times|time|timed|tmes|tims|x's|occasions|tiems|cycles|treatments")
_put("x", 1, "x|×|*")
_put("q", 1, "every|each|q|evry|evrey|evey|once every|once each|ever")
_put("p", 1, "per|/|a per")
_put("g", "or", "or|and/or|and or")
_put("g", "to", "to|through|thru|til|till")
_put("b", 1, "between|apart")
_put("U", 1, "up to|upto|up-to|as many as")
_put("Z", None, "max duration of treatment|maximum duration of treatment|max duration|maximum duration|max course|maximum course"
     "|at most|no more often than|not more often than|no more frequently than|not more frequently than|max|maximum|no more than|not more than|do not exceed|do not exceed more than|not to exceed"
     "|nte|don't exceed|dont exceed|must not exceed|do not take more than|don't take more than|dont take more than"
     "|never take more than|max of|maximum of|to a maximum of|to a max of|up to a maximum of|up to a max of"
     "|up to maximum of|up to max|to max|to max of|up to maximum|max dose|maximum dose|max dose of|maximum dose of"
     "|not exceed|not exceeding|limit of|limit to|a maximum of|a max of|do not use more than|do not give more than"
     "|never more than|take no more than|use no more than|not to exceed more than|maximum dosage|max. dose"
     "|to a maximum|to a max|up to a maximum|up to a max|no more|do not take any more than|total of no more than")  # fmt: skip
_put("Z", "d", "mdd|max daily dose|maximum daily dose|max daily dose of|maximum daily dose of|daily max|daily maximum|daily max of"
     "|maximum daily|max daily|max total daily dose|maximum total daily dose|daily maximum of|daily limit"
     "|max daily amount|maximum daily amount|max amount per day|maximum amount per day|max total daily|maximum total daily")  # fmt: skip
_put("~", "least", "at least|minimum|minimum of|min of|a minimum of|no less than|not less than")
_put("P", 1, "over|infused over|given over|run over|over a period of|over the course of")
_put("@", 1, "at a rate of|rate of|at rate of|rate")

# Parts of the day
for codes, spellings in {
    "MORN": "morning|mornings|mane|qam|am|morn|mornin|moring|mornng|qmorning|om|a.m|mrng|every am|mornings'|forenoon|manes"
    "|q am|mornign|morniing",
    "MORN.early": "early morning|early in morning|early mornings",
    "MORN.late": "late morning|mid morning|midmorning",
    "NOON": "12 noon|12 midday|noon|midday|mid day|lunchtime|lunch time|lunchtimes|noontime|qnoon|at noon|lunch-time",
    "AFT": "afternoon|afternoons|qafternoon",
    "AFT.early": "early afternoon",
    "AFT.late": "late afternoon",
    "EVE": "evening|evenings|pm|qpm|eve|qevening|teatime|tea time|evenin|p.m|q pm|evng|tea-time|vesper",
    "EVE.early": "early evening",
    "EVE.late": "late evening",
    "NIGHT": "night|nights|nocte|nightly|qnight|noct|nite|overnight|on nocte|nightime|night time|nighttime|every nights|nght",
    "HS": "bedtime|bed time|hs|qhs|h.s|before bed|before bedtime|before going to bed|before sleep|bedtimes|bed-time|going to bed"
    "|before sleeping|q hs|before retiring|when going to bed|retiring|hour of sleep|on going to bed|night at bedtime"
    "|night before bed|evening at bedtime|night before bedtime|nightly at bedtime|before you go to bed|bed"
    "|night before going to bed|at bedtime every night|bedtime nightly|nightly before bed|prior to bedtime"
    "|just before bed|just before bedtime|night hs|before bed at night|at bedtime",
    "WAKE": "waking|upon waking|on waking|wakening|rising|on rising|upon rising|awakening|upon awakening|on wakening|waking up"
    "|on waking up|when waking up|when you wake up|first thing|first thing in morning|first thing in the morning|getting up|when you get up|on getting up|when getting up|when you get out of bed",
    "@2d NIGHT": "alternate nights|every other night|every second night|every alternate night|each alternate night|on alternate nights"
    "|alternate night|every 2nd night",
    "@2d MORN": "alternate mornings|every other morning|every second morning|every alternate morning|on alternate mornings",
    "@2d EVE": "alternate evenings|every other evening|every second evening|every alternate evening|on alternate evenings",
    "MORN NIGHT": "mane et nocte|mane and nocte|morning and night|morning and at night|night and morning|am and nocte"
    "|om & on|om on|morning night",
    "MORN EVE": "am and pm|morning and evening|am & pm|am/pm|qam and qpm|am pm|morning and in evening",
}.items():
    _put("W", tuple(codes.split()), spellings)
for code, spellings in {
    "M": "breakfast|brekfast|breakfasts|morning meal|bfast|b/fast|brkfst|bkfst|breakfst",
    "D": "lunch|midday meal|lunches|noon meal|lunch meal|mid day meal",
    "V": "dinner|supper|evening meal|tea|dinners|night meal|dinner meal|evening meals|main evening meal|largest meal of day"
    "|largest meal|supper time|dinnertime|dinner time|suppertime",
    "": "meal|meals|mealtime|mealtimes|main meal|main meals|meal time|meal times",
    "food": "food|foods|eating|feed|feeds|a meal|snack|snacks|a snack|meal or snack|food or milk|milk or food|food or a snack",
}.items():
    _put("M", code, spellings)
_put("B", "A", "before|prior to|ahead of|preceding|pre")
_put("B", "P", "after|following|post|straight after|immediately after|just after|right after")
_put("B", "A", "immediately before|just before|right before|shortly before|straight before")
_put("B", "C", "with|w/|during|w|together with|at same time as")
_put("R", "A", "ac|a.c|ante cibum")
_put("R", "P", "pc|p.c|post cibum")
_put("R", "C", "cc|c|cum cibo|wm")
_put("W", ("AC", "HS"), "achs|ac and hs|ac & hs|ac hs|qac and qhs|qachs")
_put("R", "A", "qac")
_put("R", "P", "qpc")

# Prepositions and joints
_put("i", "at", "at|@|around|around about")
_put("i", "in", "in|into|within|inside|onto|upon")
_put("i", "on", "on")
_put("i", "of", "of|via|as|using|from a|by means of|at this site|by this route|by this method")
_put("f", 1, "for another|for|fo|fro|for treatment of|for the treatment of|to treat|to help with|to relieve|to control|to prevent|for relief of"
     "|for management of|to help|for prevention of|for control of|indication|indicated for|due to|because of|to reduce"
     "|to lower|dx|diagnosis|used for|helps with|against|indications|indication for|in cycles of|cycles of|in a cycle of")  # fmt: skip
_put("I", 1, "if|when|whenever|where|if you have|if there is|when you have|at onset of|at first sign of|at the first sign of|once|unless"
     "|at start of|at the onset of|if symptoms of|until|while|in case of|if you|if you feel|when you feel|on onset of")  # fmt: skip
WORDS["once"] = ("O", 1)
_put("A", 1, "prn|p.r.n|as needed|when needed|if needed|as required|when required|if required|when necessary|if necessary"
     "|as necessary|as-needed|where necessary|sos|as and when needed|as and when required|as and when|whenever needed"
     "|whenever required|on demand|pro re nata|only if needed|only when needed|only if required|only when required"
     "|as when required|as & when required|if and when required|if and when needed|as reqd|if reqd|when reqd|asneeded"
     "|where required|when you need it|if you need it|if you need to|when in need|w/n|as needed only|prn basis|as required only"
     "|when needed only|if needed only|as need|as neeeded|if/when needed|if/when required|needed|required|on an as needed basis"
     "|a/r|prn only")  # fmt: skip
_put("&", 1, "and|&|+|plus|an d|as well as|along with")
_put(">", 1, "then|followed by|thereafter|after that|afterwards|followed with|and then|then to|& then|and thereafter|subsequently"
     "|followed|->|=>|→|and after that|then take|then reduce to take|then go to|then go down to|next|there after|after which")  # fmt: skip
_put("=", 1, "then continue|continue|then continue with|continue with|continuing|maintain|maintenance|continue on|then continue on"
     "|then maintain|continue taking|then carry on|carry on|ongoing|long term|indefinitely|continuously|lifelong|for life|then remain on|onwards|onward|and onwards"
     "|until review|until reviewed|until told to stop|to end of treatment|until end of treatment|till end of treatment|to end of course|until end of course|and beyond|until advised to stop|until advised otherwise|unless told otherwise|unless advised otherwise|until further notice|maintenance dose|maintenance dose of|stay on|remain on|remain at|and stay there"
     "|till reviewed|and continue|and then continue|until told otherwise|stay at|continue at")  # fmt: skip
_put("E", 1, "stop|then stop|and stop|discontinue|then discontinue|and discontinue|and then stop|cease|then cease|then off|stopping"
     "|then stop taking|and off|then nil|then stop it|before stopping|then finish|to stop|until stopped|to zero|until off|to nil"
     "|down to zero|& stop|until stop|until zero|then d/c|d/c|then stop completely|completely stop|stop completely|to off"
     "|then dc|dc|then discont|then come off|come off|then nothing")  # fmt: skip
_put("+", 1, "increase|increasing|then increase|titrate|titrating|titrate up|increased|up titrate|increase dose|increase the dose|raise"
     "|then titrate|uptitrate|go up|inc|↑|increase slowly|increase gradually|increases|step up|build up|then go up|and increase"
     "|and then increase|adding|may increase|can increase|then increasing|increase again|gradually increase|slowly increase|can be increased"
     "|may be increased|to be increased|titrate dose|and titrate|add")  # fmt: skip
_put("_", 1, "reduce|reducing|then reduce|decrease|decreasing|taper|tapering|wean|weaning|reduced|then decrease|lower|lowering|cut|↓"
     "|step down|reduce dose|reduce the dose|taper down|then taper|titrate down|down titrate|drop|go down|come down|and reduce"
     "|and then reduce|decrease dose|then drop|wean down|reduces|cut down|then wean|gradually reduce|slowly reduce|gradually reducing"
     "|reduce slowly|reduce gradually|and decrease|then reducing|cutting down|then cut|to be reduced|and taper|withdraw"
     "|reduce again|reduce further|dec|taper off|wean off|wean by|tapered|tapering down")  # fmt: skip
WORDS["drop"] = ("c", "{drop}")
_put(
    "k",
    1,
    "by|in steps of|in increments of|in decrements of|in stages of|by a further|by an extra|in step of|in jumps of",
)
_put("$", "dose", "each dose|per dose|every dose|at each dose|with each dose|for each dose|in each dose|all doses|each of doses|a dose"
     "|per administration|any one dose|at one time|at any one time|in one dose|each time|at a time|each single dose")  # fmt: skip
_put(
    "$",
    "day",
    "total daily dose|daily dose|daily total|total daily|total dose|dose per day|whole day's dose|total dose per day",
)
_put("$", "life", "lifetime|per lifetime|in a lifetime|for lifetime|in lifetime")
_put(
    "J",
    1,
    "divided doses|in divided doses|divided|divided dose|div doses|split doses|in split doses|divided equally|in div doses|equally divided doses|in equally divided doses|in equal divided doses"
    "|divided into|split into|doses divided|given in divided doses|equal doses|in equal doses",
)

# Places and ways
for text, spellings in {
    "oral": "by mouth|po|p.o|orally|oral|per mouth|per os|mouth|po.|via mouth|through mouth|b mouth|by mouths|oral route"
    "|by oral route|orallly|orally.|per oral|in mouth|into mouth|by moth|via oral route|through the mouth|bymouth|in the mouth",
    "sublingual": "sublingually|sublingual|sl|under tongue|under your tongue|under the tongue|s/l|s.l|beneath tongue|underneath tongue",
    "oral or via feeding tube": "po/ng|po or ng|po/ngt|po/peg|oral/ng|ng/po|po or via ng",
    "buccal": "buccally|buccal|in cheek|between cheek and gum|inside cheek|between gum and cheek|between lip and gum"
    "|inside of cheek|buccal route",
    "intravenous": "iv|i.v|intravenously|intravenous|intravenous route|into a vein|into vein|ivi|by intravenous infusion|iv infusion"
    "|ivpb|iv push|ivp|iv bolus|via intravenous route|by iv|intravenous infusion|by slow iv injection|into veins|iv drip|by iv infusion",
    "intramuscular": "im|i.m|intramuscularly|intramuscular|into muscle|into a muscle|intramuscular route|im injection"
    "|by intramuscular injection|by im injection|intra muscular|deep im",
    "subcutaneous": "sc|s.c|subcut|subcutaneously|subcutaneous|sq|subq|sub q|sub cut|under skin|under the skin|s/c|subcutaneous route"
    "|subcutaneous injection|by subcutaneous injection|sub cutaneously|sub-q|s/q|subcutaneusly|subcutanously",
    "intradermal": "intradermal|intradermally",
    "intrathecal": "intrathecal|intrathecally",
    "intravitreal": "ivt|intravitreal|intravitreally|intravitreal injection",
    "intranasal": "intranasally|intranasal|nasal route",
    "nasal": "nasally|nasal|in nose|into nose|via nose|through nose|up nose|by nose",
    "inhalation": "inhaled|by inhalation|via nebulizer|via nebuliser|via inhaler|via inhalation|inhaler route|nebulised|nebulized"
    "|by nebuliser|by nebulizer|inhalation route|via spacer|through spacer|via a spacer|orally inhaled|by oral inhalation"
    "|in nebuliser|in nebulizer|oral inhalation|from inhaler|via neb|by neb|into lungs|for inhalation|via aerochamber|into the lungs"
    "|by inhaler|through a spacer|via a nebuliser|via a nebulizer|with spacer|through nebuliser|through nebulizer|with a spacer",
    "rectal": "rectally|rectal|pr|p.r|per rectum|into rectum|into back passage|in rectum|in back passage|into bottom|rectum"
    "|rectal route|into the rectum|into the back passage|up the back passage|via rectum|back passage|into anus|via rectal route",
    "vaginal": "vaginally|vaginal|pv|p.v|per vagina|into vagina|in vagina|intravaginally|intravaginal|vaginal route|into the vagina"
    "|high into vagina|inside vagina|inside the vagina|in the vagina|vagina|to vagina",
    "topical": "topically|topical|top|externally|for external use|to skin topically|topical route|cutaneously|cutaneous|for external use only",
    "transdermal": "td|transdermal|transdermally|via transdermal route|transdermal route|transderm",
    "ophthalmic": "ophthalmic|ophthalmically|into eye route|ocular",
    "otic": "otic|otically|aural|aurally",
    "via feeding tube": "via peg|via peg tube|via ng tube|via ng|via ngt|per peg|via gastrostomy|via nasogastric tube|via feeding tube"
    "|per ngt|via pej|peg|through peg tube|through feeding tube|via g tube|per g tube|via gtube|ng tube|via tube|per tube",
}.items():
    _put("r", text, spellings)
_put("s", None, "eye|eyes|ear|ears|nostril|nostrils|nose|arm|arms|leg|legs|face|scalp|forehead|skin|area|areas|hand|hands|foot|feet"
     "|abdomen|stomach|tummy|back|chest|shoulder|shoulders|thigh|thighs|body|lesion|lesions|rash|wound|wounds|knee|knees|groin|lips|lip"
     "|cheek|cheeks|neck|toe|toes|finger|fingers|nail|nails|spot|spots|gums|tongue|buttock|buttocks|deltoid|patches of skin|elbow|elbows"
     "|ankle|ankles|hip|wrist|wrists|hairline|eyelid|eyelids|eyelashes|ulcer|hair|armpits|armpit|site|sites|conjunctival sac|anus"
     "|perineum|folds|skin folds|flexures|trunk|torso|side|sides|mole|wart|warts|belly|calf|forearm|upper arm|genital area"
     "|genitals|penis|breast|nipple|nipples|sore|sores|cold sore|burn|burns|toenail|toenails|fingernails|parts|heel|heels|sinuses"
     "|tooth|teeth|throat|lid margin|canal|ear canal|rectal area|vaginal area|vulva|perianal area|plaques|plaque|limbs|limb|acne")  # fmt: skip
_put("s", "right eye", "re|r eye|rt eye|oculus dexter")
_put("s", "left eye", "os|o.s|le|l eye|lt eye|oculus sinister")
_put("s", "both eyes", "ou|o.u|o u|be|both eyes|oculi uterque")
_put("e", 1, "od|o.d.")
_put("u", "right ear", "ad")
_put("u", "both ears", "au")
WORDS["be"] = ("s", "both eyes")
_put("j", None, "left|right|both|affected|upper|lower|inner|outer|infected|itchy|dry|sore|l|lt|rt|clean|hairless|non hairy|inflamed|painful"
     "|alternate|alternating|either|worst|effected|entire|whole|external|internal|bilateral|appropriate|opposite|same|front|other|red|swollen"
     "|involved|required|vaginal|rectal|clean dry|hair free|non-hairy|anal|bad|operated|damaged|bare|clear|unaffected")  # fmt: skip
WORDS["l"] = ("j", None)
WORDS["required"] = ("w", None)
WORDS["needed"] = ("w", None)
WORDS["rectal"] = ("r", "rectal")
WORDS["vaginal"] = ("r", "vaginal")
_put("v", None, "take|takes|taking|taken|apply|applied|use|used|inject|injected|insert|inserted|instil|instill|instilled|inhale|inhales|give"
     "|given|administer|administered|place|placed|put|swallow|swallowed|drink|suck|sucked|rub|infuse|infused|wear|to be taken|to be used"
     "|to be applied|to be given|to be inserted|to be inhaled|to be instilled|to be injected|to be put|have|had|reapply|to be swallowed"
     "|to be chewed|to be sucked|to be dissolved|to be placed|to be administered|start with|start|started|starting|starting with|begin with"
     "|commence|commence with|begin|initiate|initially|start on|start at|starting dose|starting dose of|initial dose|initial dose of|tk|ta"
     "|tke|tak|to take|to use|to apply|to inject|take by|to be given as|spray|sprayed|dab|massage|spread|smear|rinse with|gargle with|rinse mouth with|rinse mouth out with|swill with|swish with|swirl with|rinse and gargle with"
     "|gargle|massage into|add to|loading dose|loading dose of|at first|one dose of|1 dose of|a dose of|to be sprayed|instill.|instilll|tale|tkae|taek"
     "|dissolve|dissolved|chew|chewed|disolve|mix|mixed|self administer|wash with|use to wash|sniff|to start|to be rubbed in")  # fmt: skip
_put("v", "spray", "spray")

# Said whole: counts, instructions
_put("C", 1, "stat|at once|single dose|as a single dose|a single dose of|single dose of|one single dose of|one dose only|one off|one off dose|as one dose|once only|immediately|now|straight away"
     "|as single dose|one time dose|one time only|a single dose|in a single dose|for 1 dose|for one dose|just once|one-off"
     "|as one single dose|single dose only|one only|right away|one time|straightaway|a one off dose|stat dose|as a one off dose"
     "|as a stat dose|once off|as a once only dose|once off dose|1 time|1 time only|1 dose only|today|1 time dose|once for 1 dose|as one dose only"
     "|once for one dose")  # fmt: skip
WORDS["one time"] = ("C", 1)
_put("Q", None, "as directed|as instructed|mdu|ud|ut dict|u.d|as advised|as per instructions|as prescribed|as indicated|use as directed"
     "|as before|as per label|as on label|as per leaflet|as per protocol|as per plan|asd|utd|mdu.|ut dictum"
     "|as per clinic|as per hospital|as per yellow book|as per chart|as directed by your doctor|as directed by doctor|as directed by physician"
     "|as directed by your physician|as directed by md|as directed on package|as directed by hospital|according to instructions"
     "|as per consultant|as per doctor's instructions|as directed by prescriber|as per directions|as per md"
     "|as directed by the doctor|as directed on pack|as per package instructions|as directed by your prescriber|as discussed|as per specialist"
     "|as directed by clinic|as stated|according to blood results|as per inr|according to inr|as per anticoagulant clinic"
     "|according to your inr|as directed by the clinic|as directed by anticoagulant clinic")  # fmt: skip
_put("Q", None, "of cycle|of each cycle|of a cycle|of every cycle|atc|on an empty stomach|on empty stomach|empty stomach|an empty stomach|around the clock|round the clock|a thin layer|thin layer"
     "|sparingly|thinly|liberally|thin film|a thin film|generously|a small amount|small amount|a pea sized amount|pea sized amount|pea size amount"
     "|until gone|until finished|until complete|until completed|till finished|until all taken|until all gone|until the course is finished"
     "|until course complete|until finish|to completion|as tolerated|whole|swallowed whole|swallow whole|completely before swallowing"
     "|slowly|well|regularly|as a thin layer|with plenty of water|with a full glass of water|with water|with a glass of water|dissolved in water"
     "|in water|in a glass of water|dissolve in water|with or without food|with or after food|with or just after food|with or after meals"
     "|with or after a meal|with or immediately after food|with or just after a meal|with or just after meals|with or after meal"
     "|while awake|when awake|whilst awake|while sitting|sitting upright|upright|before swallowing|on same day|same day|at same time|same time|with juice|with milk|with fruit juice"
     "|with applesauce|with yoghurt|with orange juice|half an hour|dissolved|with liquid|with fluids|with fluid|if tolerated|gently|evenly"
     "|in a thin layer|as a soap substitute|soap substitute|with a large glass of water|with lots of water|with plenty of fluids|with plenty of fluid"
     "|sparingly and rub in gently|same time each day|at same time each day|at same time every day|same time every day|at the same time every day"
     "|at the same time each day|until symptoms resolve|until symptoms improve|until resolved|until better|until clear|until symptoms resolved"
     "|until healed|until pain free|until course is complete|until course is finished|until course completed|one at a time|one after the other"
     "|alternating nostrils|alternate nostrils|rotating sites|rotate sites|rotate site|alternating sites|rotate injection site|rotate injection sites"
     "|until seen|for pain relief only|until all tablets finished|finish course|finish the course|complete course|complete the course|until supply finished"
     "|until symptoms subside|until cleared|as a rescue|with cold water|in half a glass of water|mixed with water|with evening snack|with bedtime snack"
     "|until all finished|until follow up|until stable|hold for sbp|on a full stomach|with spacer device|full course|to be taken whole|in liquid"
     "|with a little water|mixed in water|as a mouthwash|swish and spit|swish and swallow|and swallow|and spit|rinse mouth after use"
     "|in small amounts|for inflammation only|with full glass of water|with 8 oz of water|with 8 ounces of water|with 240 ml of water"
     "|in 100 ml of water|in 150 ml of water|dissolved in 100 ml of water|after shaking|after shaking well|before use|after use|post op|post operatively|post operative|postop|post surgery|pre op|preop")  # fmt: skip
PHRASES["half"] = [p for p in PHRASES["half"] if p[0] != ("an", "hour")]
_put("L", None, "warning|caution|avoid|contains|contain|shake|store|keep|discard|do drink|ensure|make sure|remember|see|contact|consult|take off|take it off|take them off|peel off"
     "|call|monitor|review|adjust|adjusted|report|read|seek|leave|remove|note|refrigerate|check|ask|complete|finish|cause|causes|might cause|cautions"
     "|warnings|urgent|advise|advised|refer|retest|bring|book|arrange|space|wait|replace|change|alternate between|hold|skip|omit|allow|stand|sit|lie|stay"
     "|discontinue if|stop if|stop taking if|stop and|stop use|return|prescribed|carry|stop using if|protect"
     "|take care|further|come|go|come back|notify|tell|inform|follow|follow leaflet|follow instructions|follow up|supplied|issued|authorised|ordered"
     "|request|requested|nb|n.b|pls note|please note|important|attention|hypo|bloods|blood test|repeat prescription|repeat template|ring clinic|ring surgery|ring doctor"
     "|ring gp|ring hospital|ring 999|ring 111|ring for|ring if|ring us|withhold|emergency supply")  # fmt: skip
_put("8", None, "rinse|rinse mouth|rinse out mouth|wash|stir|sprinkle|crush|swirl|empty|open|prepare|reconstitute|reconstituted|dilute|diluted|swish|swill"
     "|pour|squeeze|press")  # fmt: skip
_put("S", None, "litres of water|litre of water|liters of water|liter of water|l of water|ml of water|mls of water|glasses of water|glass of water"
     "|cup of water|cups of water|oz of water|oz water|ounces of water|ounce of water|fl oz of water|litres of fluid|litres of fluids|glasses of fluid"
     "|litres water|ml water|mls water|ml juice|ml of juice|ml of fluid|ml milk|ml of milk|oz of juice|ounces of juice|ounces water|oz juice|glasses water"
     "|oz of liquid|ounces of liquid|oz of fluid|ounces of fluid|oz liquid|litres a day of water|pints of water")  # fmt: skip
_put("7", None, "later|later on|afterward")
_put("3", "may", "may repeat|can repeat|can be repeated|may be repeated|may rpt|may repeat dose|can repeat dose|dose may be repeated"
     "|dose can be repeated|may be repeated once|could be repeated|may take another dose|may give another dose|a second dose may be taken|second dose may be taken"
     "|a second tablet may be taken|second tablet may be taken|another tablet may be taken|another dose may be taken|a further dose may be taken"
     "|a second dose can be taken|a second tablet can be taken|another dose can be taken|may take a second dose|may take a second tablet|may take second dose"
     "|can take a second dose|may take another tablet|take a second dose|may use a second dose|may give a second dose")  # fmt: skip
_put(
    "3",
    "must",
    "restart|then restart|and restart|start again|then start again|and start again|and then start again|and then restart|and then repeat|repeat cycle|then repeat cycle|and repeat cycle|repeat cycles"
    "|and so on|repeat|and repeat|then repeat|to be repeated|rpt|repeat dose|and repeat dose|then repeat dose|repeated|repeating",
)
PHRASES["may"] = [p for p in PHRASES["may"] if p[0] != ("be", "repeated", "once")]
_put("4", 1, "if no relief|if no response|if not relieved|if no improvement|if not better|if pain persists|if symptoms persist"
     "|if vomiting persists|if headache returns|if headache recurs|if migraine recurs|if migraine returns|if symptoms return"
     "|if symptoms recur|if pain returns|if no effect|if ineffective|if not effective|if chest pain persists|if pain not relieved"
     "|if symptoms not relieved|if still in pain|if unrelieved|if it recurs|if seizure continues|if seizures continue")  # fmt: skip
_put("6", 1, "but")
_put(
    "G",
    None,
    "not|no|never|don't|dont|without|nor|doesn't|cannot|can't|stop taking|none|nil|do not|nothing|avoid taking"
    "|unless|instead|instead of|rather than|missing|minus|less",
)
_put("5", None, "except|excluding|other than|omitting|omit|skip|skipping|apart from|but not|except for|except on|excluding on|exc|excl"
     "|with exception of|but omit|but skip|and omit|not on|but not on|not including")  # fmt: skip
ADVICE_VERBS = frozenset(
    [
        "drive",
        "drink",
        "crush",
        "chew",
        "exceed",
        "stop",
        "suck",
        "operate",
        "lie",
        "swallow",
        "break",
        "split",
        "share",
        "refrigerate",
        "freeze",
        "drink",
        "alcohol",
        "eat",
        "smoke",
        "get",
        "apply",
        "touch",
        "allow",
        "store",
        "dissolve",
        "keep",
        "inhale",
        "expose",
        "mix",
        "lay",
        "consume",
        "bend",
        "cut",
        "discontinue",
        "miss",
        "skip",
        "cover",
        "alcohol",
        "dairy",
        "wash",
        "sunbathe",
        "remove",
        "use",
        "double",
        "inject",
        "breastfeed",
        "abruptly",
        "suddenly",
        "rinse",
        "swim",
        "open",
        "wear",
        "dispense",
        "substitute",
        "generic",
    ]
)
"""After "do not": verbs that make it advice and change no dose, time or amount."""

# Dates, days, packs
_put("l", "start", "from|starting|beginning|commencing|starting from|starting on|beginning on|start date|start on|commencing on|as of|to start on"
     "|start from|starts|begin on|beginning from|to start|commence on|start from|effective|dated|date|issued on")  # fmt: skip
WORDS["starting"] = ("l", "start")
_put(
    "l",
    "end",
    "until you reach|until reaching|until dose of|until a dose of|until you get to|until you are taking|until taking|until reach|to reach|until total of|until a total of|until|til|till|ending|ending on|up until|end date|ends|through to|stop on|up till|expires|exp",
)
_put("d", "tomorrow", "tomorrow|next day|on next day|following day|on following day")
for part, code in (("morning", "MORN"), ("evening", "EVE"), ("night", "NIGHT")):
    _put("d", f"tomorrow {code}", f"tomorrow {part}|next {part}|following {part}")
_put("d", "today NIGHT", "tonight")
_put("d", "later", "next week|next month")
for i, months in enumerate(
    [
        "january jan",
        "february feb",
        "march mar",
        "april apr",
        "june jun",
        "july jul",
        "august aug",
        "september sept sep",
        "october oct",
        "november nov",
        "december dec",
    ]
):
    for m in months.split():
        WORDS[m] = ("X", i + 1 if i < 4 else i + 2)
for code, spellings in {
    "mon": "monday|mondays|mon|mons|monday's",
    "tue": "tuesday|tuesdays|tue|tues",
    "wed": "wednesday|wednesdays|wed|weds|wednesays|wednesdy",
    "thu": "thursday|thursdays|thu|thurs|thur",
    "fri": "friday|fridays|fri|fris",
    "sat": "saturday|saturdays|sat|sats",
    "sun": "sunday|sundays|sun|suns",
}.items():
    _put("y", code, spellings)
_put("Y", ("sat", "sun"), "weekend|weekends|week ends")
_put("Y", ("mon", "tue", "wed", "thu", "fri"), "weekday|weekdays|week days|working days|working day|week day")
_put(
    "Y",
    ("other",),
    "other days|all other days|remaining days|rest of week|other days of week|all other days of week"
    "|remaining days of week|remainder of week|rest of days|remaining 2 days|remaining 3 days|remaining 4 days|remaining 5 days|other 2 days|other 3 days|other 4 days|other 5 days",
)
_put("Y", ("mon", "wed", "fri"), "qmwf|mwf|m w f|m/w/f|m/w/f.")
_put(
    "Y",
    ("tue", "thu", "sat", "sun"),
    "tthss|t th s s|t/th/s/s|t/th/sa/su|t th sa su|tu/th/sa/su|t/t/s/s|tu th sa su|tthsasu|tuthsasu",
)
_put("Y", ("mon", "tue", "wed", "thu", "fri"), "m-f|m - f|m to f")
_put("Y", ("tue", "thu", "sat"), "tts|tths|t/th/s")
_put("H", 1, "dispense|disp|dispensed|qty|quantity|mitte|refill|refills|rf|refil|supply|supplied|pack of|packs|pack|pack size|send|op|box|boxes"
     "|boxes of|box of|repeats|bottles of|ops|bottle of|#|rfl|packet of|supply of|sent|mitt|nr|packs of|rpts|no refills"
     "|zero refills|no refill|total quantity|amount to dispense|pot of|tube of|tubes of|issue|issues|boxed|original pack")  # fmt: skip
_put(
    "%",
    1,
    "gap|pause|tablet free days|tablet free week|tablet free break|pill free|pill free break|pill free interval|pill free week|pill free days|treatment free break|treatment free interval|free break|free interval"
    "|drug free interval|off|off treatment|rest|break|free|without treatment|drug free|treatment free|tablet free|off therapy",
)

_put("!", "It is a word of another language, and those are not read.", "nicht|nacht|nachts|abends|morgens|morgen|mittags|taglich|stunden"
     "|wochen|tagen|tabletten|keine|kein|ohne|fois|jour|jours|matin|soir|nuit|semaine|semaines|heures|jamais|sans|veces|noche|noches|semana"
     "|semanas|horas|dias|cada|nunca|giorno|giorni|volta|volte|notte|mattina|ogni|senza|dagelijks|avond|ochtend|comprimido|comprimidos")  # fmt: skip
_put(
    "!",
    "How often is not said.",
    "now and then|from time to time|occasionally|sometimes|every now and then|now and again|once in a while",
)
_put("!", "How much is not said.", "some of|some more")
_put("!", "It can mean twice a week or every two weeks.", "biweekly|bi weekly|bi-weekly|twice-fortnightly")
_put("!", "It can mean twice a month or every two months.", "bimonthly|bi monthly|bi-monthly")
_put("!", "It can mean a half, or a sliding scale.", "ss|s.s")
_put("!", "The amount depends on a scale that is not here.", "sliding scale|per sliding scale|as per sliding scale|per scale|insulin scale"
     "|correction scale|correction dose|correction doses|correction factor|correction insulin|correctional|ssi|according to blood glucose|according to blood sugar"
     "|according to blood sugars|according to sugars|depending on blood glucose|depending on blood sugar|based on blood glucose|based on blood sugar"
     "|according to scale|dependent on blood glucose|according to glucose|according to readings|according to weight|depending on weight|bg|bgl|cbg|fsbs|bsl")  # fmt: skip
_put("!", "The amount depends on what is eaten.", "g carbohydrate|g carbohydrates|g of carbohydrate|g of carbohydrates|g carbs|g of carbs|g cho|g of cho"
     "|gram carbohydrate|grams carbohydrate|grams of carbohydrate|grams of carbohydrates|grams of carbs|grams carbs|gram of carbohydrate|gram of carbs"
     "|carb ratio|carbohydrate ratio|unit per portion|exchange of carbohydrate")  # fmt: skip
_put("!", "It can mean two tablets, or something else.", "tt|ttt")
_put("!", "Which amount, is not said.", "usual dose|same dose|half dose|double dose|extra dose|half the dose|double the dose|higher dose|lower dose"
     "|variable dose|dose varies|various|weight based|previous dose|double|triple|doubled|doubling|half of dose|twice the dose|halve|halve dose"
     "|halve the dose|double up|extra tablet|extra|additional|additional tablet|missed dose|another|another one|another tablet|another dose|one more|a second|second dose")  # fmt: skip

_put("1", 1, "first")
for i, ordinals in enumerate(
    ["first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "sixth 6th", "seventh 7th", "eighth 8th"], 1
):
    for ordinal in ordinals.split():
        for unit, spelled in (("d", "day"), ("wk", "week"), ("mo", "month")):
            _put("2", (unit, i), f"{ordinal} {spelled}")
_put("0", 10**6, "million|mill|mega")

PLAIN = frozenset(
    [
        "fever",
        "pain",
        "pains",
        "spasm",
        "spasms",
        "cough",
        "itching",
        "infection",
        "infections",
        "injured",
        "cold",
        "sleep",
        "anxiety",
        "nausea",
        "vomiting",
        "headache",
        "headaches",
        "migraine",
        "sickness",
        "dizziness",
        "vertigo",
        "wheeze",
        "wheezing",
        "breath",
        "breathless",
        "breathlessness",
        "asthma",
        "eczema",
        "thrush",
        "acid",
        "reflux",
        "indigestion",
        "heartburn",
        "diarrhoea",
        "constipation",
        "constipated",
        "cramps",
        "cramp",
        "colic",
        "muscle",
        "muscles",
        "stiffness",
        "spasticity",
        "bladder",
        "bowel",
        "blood",
        "pressure",
        "heart",
        "thyroid",
        "diabetes",
        "sugar",
        "cholesterol",
        "stroke",
        "angina",
        "gout",
        "arthritis",
        "joint",
        "joints",
        "allergy",
        "allergies",
        "hayfever",
        "rhinitis",
        "depression",
        "mood",
        "fits",
        "seizure",
        "seizures",
        "epilepsy",
        "tremor",
        "restless",
        "insomnia",
        "agitation",
        "swelling",
        "water",
        "fluid",
        "retention",
        "prostate",
        "urine",
        "urinary",
        "kidney",
        "liver",
        "nerve",
        "nerves",
        "shortness",
        "symptoms",
        "relief",
        "attack",
        "attacks",
        "moderate",
        "severe",
        "mild",
        "acute",
        "chronic",
        "breakthrough",
        "doctor",
        "nurse",
        "pharmacist",
        "hospital",
        "clinic",
        "breathing",
        "throat",
        "sinus",
        "sinusitis",
        "dental",
        "surgery",
        "procedure",
        "exercise",
        "glaucoma",
        "dryness",
        "itchy",
        "irritation",
        "redness",
        "burning",
        "bleeding",
        "period",
        "periods",
        "menopause",
        "hormone",
        "deficiency",
        "vitamin",
        "iron",
        "supplement",
        "protection",
        "prevention",
        "control",
        "treatment",
        "prophylaxis",
        "maintenance",
        "remission",
        "white",
        "yellow",
        "green",
        "brown",
        "purple",
        "small",
        "large",
        "other",
        "others",
        "every",
        "there",
        "where",
        "which",
        "while",
        "these",
        "those",
        "could",
        "would",
        "sick",
        "tired",
        "hives",
        "croup",
        "gases",
        "cells",
        "sites",
        "tests",
        "tense",
        "mouth",
        "taste",
        "waste",
        "paste",
        "loose",
        "stool",
        "stools",
        "motion",
        "motions",
        "travel",
        "flight",
        "meals",
        "nerve",
        "acne",
        "scabies",
        "lice",
        "worms",
        "fungal",
        "bacterial",
        "viral",
        "wound",
        "wounds",
        "ulcers",
        "angry",
        "panic",
        "worry",
        "stress",
        "trouble",
        "unable",
        "feel",
        "feeling",
        "chills",
        "sweats",
        "hot",
        "flushes",
        "flush",
        "bloating",
        "wind",
        "gas",
        "cause",
        "drowsiness",
        "drowsy",
        "driving",
        "machinery",
        "alcohol",
        "machine",
        "operate",
        "affected",
        "speak",
        "folic",
        "result",
        "results",
        "speaking",
        "midway",
    ]
)
"""Ordinary words of reasons and advice: never repaired into a word of dosing."""

_Rows = tuple[tuple[tuple[str, ...], Lexeme], ...]
PHRASES_SORTED: dict[str, _Rows] = {
    first: tuple(sorted(rest, key=lambda r: -len(r[0]))) for first, rest in PHRASES.items()
}
PHRASE_HEADS: dict[str, dict[str, _Rows]] = {
    first: {head: tuple(r for r in rows if r[0][0] == head) for head in {r[0][0] for r in rows}}
    for first, rows in PHRASES_SORTED.items()
}
"""First word -> second word -> the phrases that begin so, longest first."""

ALIASES = {
    "maximim": "maximum", "maxiumum": "maximum", "maxmum": "maximum", "reqd": "required", "reqd.": "required", "requred": "required",
    "reqiured": "required", "requried": "required", "neccessary": "necessary", "nessecary": "necessary", "neccesary": "necessary",
    "evry": "every", "evey": "every", "evrey": "every", "wen": "when", "whn": "when", "thre": "three", "dayly": "daily", "mornig": "morning",
    "daly": "daily", "tims": "times", "tyme": "time", "nite": "night", "nght": "night", "nigth": "night", "brakfast": "breakfast",
    "eveing": "evening", "evning": "evening", "wek": "week", "weeek": "week", "hrs'": "hours", "instil.": "instil", "tabelts": "tablets",
    "direced": "directed", "dir": "directed", "dirctd": "directed", "directd": "directed", "afected": "affected", "nead": "need", "nedded": "needed",
    "bed-time": "bedtime", "tiwce": "twice", "twic": "twice", "thee": "three", "aftr": "after", "bfore": "before", "b4": "before",
    "mls.": "ml", "tablet's": "tablets", "capsule's": "capsules", "foood": "food", "wth": "with", "wih": "with", "mouht": "mouth",
    "approximately": "about", "consistantly": "consistently", "hous": "hours", "hurs": "hours", "needd": "needed", "neded": "needed", "hlf": "half", "tabls": "tablets",
}  # fmt: skip
"""Slips that repair by one letter would miss, or that stand inside phrases. None changes a unit or a number into another."""
del ALIASES["thee"]

VOCABULARY = (
    frozenset(WORDS)
    | frozenset(w for first, rest in PHRASES.items() for r in rest for w in (first, *r[0]))
    | NOISE
    | PLAIN
)

STEMS = (
    "pril prilat sartan statin olol azole mycin micin cillin oxacin dipine azepam zepam zolam tidine prazole setron triptan gliptin"
    " gliflozin glitazone formin profen codeine cetamol morphine oxetine traline apine idone zosin semide thiazide lukast gabalin"
    " pentin baclofen? dronate conazole cycline vir parin caine olone asone sone terol tropium barbital oxicam steride fibrate"
    " mab tinib xaban platin rubicin taxel relin tide glutide amine pramine triptyline oxone quine afil dopa gline zide mide pam"
    " phylline fenac coxib profene aminophen ophylline gestrel estradiol sterone thyroxine olamine cortisone nisolone nisone"
    " zepine azine pidem clone done".replace("baclofen? ", "").split()
)
"""Word ends that official names of medicines share; a word that ends so is taken for a name, not for a unit."""
