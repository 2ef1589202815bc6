"""Turns a FHIR Quantity's unit (code, system, words) into a code of the closed unit table and back.

Knows no values: only which unit is meant, and whether the code and the words mean the same one.
"""

from __future__ import annotations

import re
from functools import lru_cache

from posology.amount import UNITS

UCUM = "http://unitsofmeasure.org"
SNOMED = "http://snomed.info/sct"
ORDERABLE = "http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm"

_UCUM_ALIASES = {
    "mcg": "ug", "µg": "ug", "μg": "ug", "l": "L", "ml": "mL", "ul": "uL", "dl": "dL", "U": "{unit}", "IU": "[iU]",
    "[IU]": "[iU]", "iU": "[iU]", "[drp]": "{drop}", "mEq": "meq", "hr": "h", "hour": "h", "day": "d", "days": "d",
    "{tbl}": "{tablet}", "{tab}": "{tablet}", "{cap}": "{capsule}", "{caps}": "{capsule}", "{drops}": "{drop}",
    "[tsp_us]": "{teaspoon}", "[tbs_us]": "{tablespoon}", "{units}": "{unit}", "mg/m²": "mg/m2", "U/kg": "{unit}/kg", "mcg/kg": "ug/kg", "ml/kg": "mL/kg", "IU/kg": "[iU]/kg", "mcg/m2": "ug/m2",
}  # fmt: skip
_FORMS = {"TAB": "{tablet}", "CAP": "{capsule}", "DROP": "{drop}", "PATCH": "{patch}", "PUFF": "{puff}",
          "SUPP": "{suppository}", "APPFUL": "{applicatorful}", "ERTAB": "{tablet}", "ECTAB": "{tablet}",
          "SWAB": "{swab}", "ORTAB": "{tablet}", "ERCAP": "{capsule}"}  # fmt: skip
_SNOMED = {"258684004": "mg", "258682000": "g", "258685003": "ug", "258773002": "mL", "428673006": "{tablet}",
           "428641000": "{capsule}", "258703001": "d", "258702006": "h", "258701004": "min", "258705008": "wk",
           "258706009": "mo", "258707000": "a"}  # fmt: skip

_WORDS = {
    "milligram": "mg", "milligramme": "mg", "mgs": "mg", "gram": "g", "gramme": "g", "gm": "g", "kilogram": "kg",
    "microgram": "ug", "mcg": "ug", "ug": "ug", "µg": "ug", "μg": "ug", "mcgs": "ug", "nanogram": "ng",
    "millilitre": "mL", "milliliter": "mL", "ml": "mL", "mls": "mL", "cc": "mL", "litre": "L", "liter": "L", "l": "L",
    "microlitre": "uL", "microliter": "uL", "decilitre": "dL", "deciliter": "dL", "dl": "dL",
    "millimole": "mmol", "mole": "mol", "milliequivalent": "meq", "meq": "meq",
    "international unit": "[iU]", "iu": "[iU]", "i.u.": "[iU]", "u": "{unit}", "tab": "{tablet}", "tabs": "{tablet}",
    "tbl": "{tablet}", "tabl": "{tablet}", "cap": "{capsule}", "caps": "{capsule}", "gtt": "{drop}", "gtts": "{drop}",
    "drp": "{drop}", "supp": "{suppository}", "amp": "{ampule}", "ampoule": "{ampule}", "ampul": "{ampule}",
    "tsp": "{teaspoon}", "tbsp": "{tablespoon}", "applicator": "{applicatorful}", "pump actuation": "{pump}",
    "ea": "{each}", "troche": "{lozenge}", "softgel": "{capsule}", "gelcap": "{capsule}", "pre-filled pen": "{pen}",
    "prefilled pen": "{pen}", "prefilled syringe": "{syringe}", "pre-filled syringe": "{syringe}", "metric drop": "{drop}",
    "ie": "[iU]", "ui": "[iU]", "µg/h": "ug/h", "mcg/h": "ug/h", "mcg/hr": "ug/h", "microgram per hour": "ug/h",
    "mg/hr": "mg/h", "ml/hr": "mL/h", "nasal spray": "{spray}", "metered dose inhalation": "{inhalation}",
    "milligramm": "mg", "gramm": "g", "milliliters": "mL", "mikrogramm": "ug", "piece": "{piece}", "transdermal patch": "{patch}", "metered dose": "{dose}", "unit dose": "{dose}",
    "hour": "h", "hr": "h", "hrs": "h", "h": "h", "minute": "min", "min": "min", "mins": "min", "second": "s",
    "sec": "s", "day": "d", "week": "wk", "month": "mo", "year": "a", "yr": "a", "percent": "%", "percentage": "%",
    "centimetre": "cm", "centimeter": "cm", "millimetre": "mm", "millimeter": "mm", "inch": "[in_i]", "in": "[in_i]",
    "mg/m²": "mg/m2", "mcg/kg": "ug/kg", "milligram/kilogram": "mg/kg", "ml/kg": "mL/kg", "iu/kg": "[iU]/kg",
    "units/kg": "{unit}/kg", "unit/kg": "{unit}/kg", "µg/kg": "ug/kg", "mcg/m2": "ug/m2", "iu/m2": "[iU]/m2",
    "milligram per kilogram": "mg/kg", "microgram per kilogram": "ug/kg", "milligram per square metre": "mg/m2",
}  # fmt: skip


@lru_cache(maxsize=1)
def _english() -> dict[str, str]:
    table = {unit.name.lower(): code for code, unit in UNITS.items() if unit.name}
    table |= {unit.plural.lower(): code for code, unit in UNITS.items() if unit.plural}
    table |= {code.lower(): code for code in UNITS if code not in ("1", "a", "s", "d")}
    return table | _WORDS


def by_words(words: str) -> str | None:
    """The unit some words name, in any language said here; None where they name none.

    >>> by_words("Tablets"), by_words("milligram(s)"), by_words("Stück"), by_words("smidgen")
    ('{tablet}', 'mg', '{piece}', None)
    """
    key = " ".join(words.lower().split())
    table = _english()
    bare = re.sub(r"\s*(?:\([a-z /,-]*\)| - unit of product usage)$", "", key)
    for form in (key, key.removesuffix("."), key.removesuffix("s"), bare, bare.removesuffix("s")):
        if form in table:
            return table[form]
    from posology.wording.catalogue import unit_words

    held = unit_words()
    return held.get(key) or held.get(bare)


def by_code(code: str, system: str) -> str | None:
    """The unit a code names in its system; a code without a system is read as UCUM.

    >>> by_code("mcg", ""), by_code("TAB", ORDERABLE), by_code("TAB", UCUM)
    ('ug', '{tablet}', None)
    """
    if system == ORDERABLE:
        return _FORMS.get(code.upper())
    if system == SNOMED:
        return _SNOMED.get(code)
    if system and "unitsofmeasure" not in system and "duration-units" not in system and "units-of-time" not in system:
        return None
    if code in UNITS:
        return code
    return _UCUM_ALIASES.get(code)


def quantity_unit(code: str) -> dict[str, str]:
    """The FHIR unit fields of a unit; none for a bare number.

    >>> quantity_unit("{tablet}")
    {'unit': 'tablet', 'system': 'http://unitsofmeasure.org', 'code': '{tablet}'}
    """
    if code == "1":
        return {}
    return {"unit": UNITS[code].name, "system": UCUM, "code": code}
