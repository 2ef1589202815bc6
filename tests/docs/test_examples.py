"""Every example in a docstring runs and gives what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import posology

MODULES = ["posology", *(m.name for m in pkgutil.walk_packages(posology.__path__, "posology."))]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


def test_there_are_examples_and_a_wrong_one_is_caught() -> None:
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(verbose=False)
    assert sum(len(t.examples) for m in MODULES for t in doctest.DocTestFinder().find(importlib.import_module(m))) > 60
    wrong = parser.get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, None)
    assert runner.run(wrong, out=lambda _: None).failed == 1
