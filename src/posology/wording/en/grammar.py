"""Turns runs of lexeme classes into named chunks: the English chunk grammar, one row a chunk, first match wins.

Knows no words: the letters are those of `lexicon.CLASSES`. A chunk never looks behind, and no row nests a repeat in a
repeat over the same letters, so that the time is linear in the text.
"""

from __future__ import annotations

import re

_R = "n(?:gn)?"  # a number or a range of numbers
_WHY = "a?(?:1(?=[wsjNo]))?[wsjNor^]+(?:[&gip]a?[wsjNor^]+)*"  # words that say why
_PER = "[ip]?[apq]{0,2}"  # a, per, every, in a, in each
_SIDE = "[jqp]"

ROWS: tuple[tuple[str, str], ...] = (
    ("slots", "z[mc]?"),
    ("instruction", f"v[U~]?(?:{_R}|a)S(?:D|[pa]t|F)?|[iBf]?[U~]?(?:{_R}|a)S"),
    # The most that may be taken.
    ("max_times", f"f?U?Z{_R}[Tx]{_PER}n?(?:t|D)"),
    ("max_times", "f?U?Z(?:O(?:[ip]?[ap]{0,2}t|D)|F)"),
    ("max_day", r"f?U?Z[g:]?V[t]?(?![mc])"),
    ("max", rf"f?U?Z[g:]?U?{_R}(?:mc?|[c9])?(?:i?N)?(?:[ipaq]{{1,3}}n?t(?!B)|nt|D|[ip]?\$)"),
    ("max_length", "f?U?Z(?:nt|V)"),
    ("max", rf"f?U?Z[g:]?\$?[g:i]?U?{_R}(?:mc?|[c9])?(?!t)"),
    ("max", r"U n(?:m|[c9])?(?:i[aq]?nt)".replace(" ", "")),
    ("max", r"Un[ap]q?t"),
    ("max", r"[ip]?\$Z[g:i]?n(?:m|[c9])?"),
    ("cycle_days", "[ifl]?tngt?n,?[ip]?[aq]{0,2}nt(?=w|[.,)]|$)"),
    ("cycle_days", "[fx]?nti?qnt"),
    ("bad_days", "[ifl]?q?tn(?:[,&]{1,2}n)+(?![mctT9])"),
    # Days as headings: "day 1", "days 2 to 5", "week 1".
    ("heading", "[ifl]?q?tn(?:[g&]t?n)?+(?![mctTx])=?|[ifl]?1t"),
    ("repeat", f"3(?:[,(]?(?:[>&]?O|xnT?|U?nT|[iqB]{{0,2}}(?:{_R}|a)t(?:[w7](?=$|[.,)]))?|[A4]|I[wsjoN]+))*[)]?"),
    ("gap", "B?~?nta?b[wq]?9?|ZO?qnt"),
    ("cycle", "f?ntg?i?[,&>]{0,2}v?a?nt?%"),
    ("pause", "fnt,?Efnt(?:[&,.>]{0,2}[L3])?|Ef?nt"),
    ("heading", "[ifl]?2"),
    ("row_of_amounts", "nm(?:pnm){2,}"),
    # Steps that change the amount.
    ("change", r"[+_]w?(?:[oc]|\$)?kn(?:[mc])?(?:a?\$|[pa]t|D)?"),
    ("change", r"[+_]w?(?:q?n?t|F|D|qnD),?kn(?:[mc])?(?:a?\$)?"),
    ("change", r"[+_]n[mc](?:a?\$)?(?=q|F|D|[ap]t)(?:D|[pa]t)?"),
    ("change_to", r"[+_]B(?:n|[aq])?t,?U?g"),
    ("change_to", r"[+_](?:[oc]|\$)?U?(?:g|~)?(?=U?n|$)"),
    ("change_from", r"[+_][oc]?l(?=n)"),
    ("change", r"kn(?:m|c)(?:a?\$|[pa]t|D)?"),
    ("verb", r"[+_](?=:)"),
    ("change_bare", r"[+_]"),
    ("each_dose", r"[ip]?\$"),
    # How often.
    ("days_a_week", "[fi]?nt(?:[ap]q?|q)t"),
    ("dilution", f"[iB][U~a]?{_R}(?:m|[cw])i?w(?![wc])"),
    ("times", f"U?{_R}[Tx](?:{_PER}(?:{_R})?(?:t|D)|F)"),
    ("once", f"U?O(?:gO|g{_R}T?)?(?:{_PER}(?:{_R})?(?:t|D)|F)"),
    ("interval", f"Oqn(?:gn)?[tD]|q{_R}[tD]|qntgnt|[ip]V|qV|U?q{_R}t|q[tD]"),
    ("times", f"x{_R}T?(?:[ap]q?t|D|qt)"),
    ("times", "x?nT?[ap]q?t"),
    ("before_after", f"b[aq]?j?M(?:&[aq]?j?M)?|{_R}tB[aq]?j?Mg(?:{_R}t)?B[aq]?j?M|Bgn?t?B[aq]?M|B[aq]?MgB[aq]?M"),
    ("meals", f"(?:{_R}tg?)?B[aqi]?j?M(?:[,&pg]*[Bi]?[aq]?(?:(?<=[,&pgB])j)?M)*"),
    ("event", f"(?:{_R}t)?B[aqi]?{_WHY}"),
    ("relation", "R(?:[,&p]?[aq]?M)*"),
    ("meals", "[iq]{0,2}M(?:[,&p]*[iq]?M)*"),
    ("when", "[iqpafl]{0,3}W(?:[,&p]*[iqa]{0,2}W(?!v?n|:))*"),
    ("clock", "[iqD]{0,2}K(?:[,&p]*i?K(?![,&]?v?n))*"),
    ("days", "[iql]{0,2}v?j?[yY](?:g[yY]|[,&p]+[iq]{0,2}[yY](?!,?v?n)|[iq]?[yY])*(?:iF|[ip]qt)?"),
    ("instead", f"[,(]?[56][v:]*(?={_R}(?:mc?|c)?v*,?[iq]{{0,2}}[yY])|,?Iv?(?={_R}(?:mc?|c)?v?(?:[.)]|$))"),
    ("days_off", "[,(]?(?:5|6G?|G)[iq]{0,2}[yY](?:[,&pg]+[iq]{0,2}[yY](?!,?v?n))*[)]?"),
    ("code", "U?F(?:[gp]F)?"),
    ("interval", "a?D"),
    ("once_alone", "O"),
    ("later", "[iB]?[na]t7|ntB[aq]?(?:1?9|v)|int(?=$|[.,)>])"),
    ("after_time", f"B{_R}t(?!B)|B[aq]t"),
    # How long, how many.
    ("count", f"[fx]U?{_R}T(?![apqtD])|C"),
    ("course", f"[fx]nW|[fx][~U>v1]{{0,2}}{_R}t|[fx]?U?V|[fx][>v]?[aq]t|U{_R}t|[fx]UZ?{_R}t"),
    ("doses", f"[fxU]U?{_R}9v?|[fx]{_R}c|U{_R}T(?![apqtD])"),
    ("over", f"P[aw]?(?:{_R}t|t)|P{_R}"),
    ("xn", "xn(?!c|m)"),
    # How much.
    ("divided", f"[ivw]{{0,2}}{_R}J|J[ip]?(?:{_R}[9T])?"),
    ("bare", f"{_R}x(?=n[Tx])"),
    ("dose_times", f"{_R}xn(?![mctTgxjo^w])"),
    ("packs", f"U?{_R}x{_R}(?:mc?|c)c?"),
    ("counted_patch", rf"{_R}nmpt\^?c"),
    ("patch_rate", r"nmpt\^?[co]|c\^?nmpt"),
    ("strength", r"nm(?:p|i(?!n?[mc9]p))n?(?:m|c|9)\^?[oc]?|n?nmp[no]?m"),
    ("counted_strength", rf"U?{_R}(?:i|[N^]*)nmo?\^?c"),
    ("strength_form", r"nm\^?o?c(?=[.:,(g]|$|[vnN])"),
    ("rate", f"@?{_R}mpn?t|@{_R}m?"),
    ("form_strength", r"c\^?nm"),
    ("strength_then", r"nm[\^oc]{0,2}(?=n(?:gn)?[cFOWevr])"),
    (
        "dose",
        rf"U?~?{_R}(?:m|[c9])[c9]?(?:gU?n(?:m|c))?(?:[(=]n(?:gn)?[mc](?!p)c?[)]?|in[mc](?![tp])|nm(?!c|[a]?t))?(?:[pa]t)?",
    ),
    ("dose", r"U?n(?:gn)?[\^owjN]{1,2}c"),
    ("dose", "bn&n[mc]?|ac"),
    ("daily_number", f"{_R}g?D"),
    ("bare_time", f"a?{_R}t(?!B)"),
    (
        "pack",
        r"H[:.]?i?(?:x?n[ctmT]{0,2}(?:p?n[mc])?)?(?:[,:]?H(?:[:.]?n(?![mcFDOTxa]))?)*|n(?:[ct])?H(?:[:.]?n(?![mcFDOTxWaA]))?",
    ),
    ("bare", f"U?{_R}"),
    # Whether needed, what for.
    ("for_needed", f"f{_WHY}A"),
    ("needed", f"A(?:[(,]?f{_WHY}(?:[(]ngn[)])?|[(]?I?i?{_WHY})?"),
    ("verb", rf"8[sjrwiBN]{{0,4}}(?={_R}(?:mc?|c)(?:[^.>]*?[FDTOW]))"),
    ("advice_if", r"I[wsjiaNMWvor]*,?[GLE58](?:(?!v[na])[^.>])*"),
    ("needed_if", f"I[iv]?{_WHY}[vA]?"),
    ("advice_not", r"[G5](?:(?!v[na]|,[vn])[^.>])*"),
    ("advice", r"[L4](?:(?!,?v[na]|[.>]|,)[^Z3])*(?:>(?=[.)]|$))?"),
    ("advice", r"8(?:(?!,?v[na]|[.>,FDOAqf]|n(?:gn)?[Tx])[^Z3])*(?:>(?=[.)]|$))?"),
    ("purpose", f"f:?{_WHY}"),
    # Where and by which way.
    ("window", "li?Kgi?K|bK&K"),
    (
        "date",
        "[il]?l?(?:d|Xn(?:gn)?(?:,?n)?|nX,?n?)(?:[g&]?l?(?:d|Xn(?:,?n)?|nX,?n?))?(?:i?K(?![,&p]*i?K))?|l(?=d|X)|li?K(?!g?[,&p]*i?K)",
    ),
    ("route", "(?:i|iq|k)?r"),
    ("site", f"(?:[gipk]a?)?(?:{_SIDE}&?)*(?:i)?[su](?:(?:[&,gp]|[ip]|&[gi])?{_SIDE}*[su])*"),
    ("eye_or_daily", "[gi]?e"),
    ("event_days", "i[wN]{1,3}t"),
    ("instruction", "Q(?:k[wsN]{1,4})?"),
    ("release", r"\^"),
    ("name", r"N+m?\^?[oc]*"),
    ("verb", "v"),
    ("then", "[,.&]*>[,&]?"),
    ("stop", "E"),
    ("continue", "=(?:k[wN]{1,3})?"),
    ("off", "%"),
    ("warning", "!"),
    ("sep", "[,.&():]+"),
    ("form", "o"),
)
"""Name of the chunk and the pattern over class letters."""


def _first(pattern: str) -> frozenset[str] | None:
    """The letters a match of a row can begin with; None for any letter.

    Reads what the rows are written in: letters, sets, groups, choices, repeats and looks ahead.
    """
    letters: set[str] = set()
    anything = False

    def choice(at: int, open_: bool) -> tuple[int, bool]:
        """One or more rows of parts; whether one of them can be empty. Letters count only while nothing stands before."""
        empty = False
        while True:
            at, nothing = parts(at, open_)
            empty = empty or nothing
            if pattern[at : at + 1] != "|":
                return at, empty
            at += 1

    def parts(at: int, open_: bool) -> tuple[int, bool]:
        nonlocal anything
        empty = True
        while at < len(pattern) and pattern[at] not in "|)":
            here, sign = open_ and empty, pattern[at]
            looks = pattern.startswith(("(?=", "(?!", "(?<"), at)
            none = looks or sign == "$"
            if sign == "(":
                at, none_inside = choice(
                    pattern.index(":" if not looks else pattern[at + 2], at) + 1, here and not looks
                )
                none = none or none_inside
                at += 1
            elif sign == "[":
                end = pattern.index("]", at + 2)
                anything = anything or (here and pattern[at + 1] == "^")
                if here:
                    letters.update(pattern[at + 1 : end].replace("\\", ""))
                at = end + 1
            else:
                at += sign == "\\"
                anything = anything or (here and sign == ".")
                if here and not none:
                    letters.add(pattern[at])
                at += 1
            while at < len(pattern) and pattern[at] in "?*+{":
                end = pattern.index("}", at) if pattern[at] == "{" else at
                none = none or pattern[at] in "?*" or pattern.startswith("{0", at)
                at = end + 1
            empty = empty and none
        return at, empty

    choice(0, True)
    return None if anything else frozenset(letters)


_FIRST = [_first(pattern) for _, pattern in ROWS]


class _Tables(dict[str, re.Pattern[str]]):
    """Letter -> the rows that can begin with it, in their order, as one expression; made when the letter is first met."""

    def __missing__(self, letter: str) -> re.Pattern[str]:
        rows = [f"(?P<_{k}>{ROWS[k][1]})" for k, first in enumerate(_FIRST) if first is None or letter in first]
        table = self[letter] = re.compile("|".join([*rows, "(?P<rest>.)"]))
        return table


_NAMES = {f"_{k}": name for k, (name, _) in enumerate(ROWS)} | {"rest": "rest"}
_TABLES = _Tables()


def chunks(classes: str) -> list[tuple[str, int, int]]:
    """The chunks of a run of class letters: name, first and last; every letter is part of one.

    >>> chunks("vncnTat")
    [('verb', 0, 1), ('dose', 1, 3), ('times', 3, 7)]
    """
    out: list[tuple[str, int, int]] = []
    at, end = 0, len(classes)
    while at < end:
        m = _TABLES[classes[at]].match(classes, at)
        assert m is not None
        out.append((_NAMES[m.lastgroup or "rest"], at, m.end()))
        at = m.end()
    return out
