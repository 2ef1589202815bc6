"""Turns rates and a time into the convolution of exponentials with those rates, right to the last digits at any spacing.

Knows no medicine, no dose and no compartment. Every linear compartment model is a sum of such convolutions with
non-negative weights, so a concentration built from them keeps its *relative* accuracy in far tails and where rates meet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rate = Any  # a float or an Array that broadcasts with the time

_SPREAD = 4.0  # below it the series with positive terms; above it the difference of neighbours loses under three bits


def convolved(rates: Sequence[Rate], h: Rate) -> Array:
    """The convolution exp(-r1 t) * exp(-r2 t) * ... * exp(-rn t) at t = ``h`` (the divided difference of exp(-r t)).

    ``rates``: n rates in 1/h, each a number or an array, zero allowed, equal ones allowed; ``h``: hours, not negative.
    Result: h to the power n - 1, in the broadcast shape. With two rates it is (exp(-a h) - exp(-b h)) / (b - a), and
    h exp(-a h) where they are equal. Relative error is a few units in the last place times n.

    Source: divided differences by the recurrence of Opitz where the ends are apart, and by the Taylor series about the
    largest rate (all terms positive) where they are close, after McCurdy, Ng and Parlett 1984 (Math. Comp. 43:501).

    >>> float(convolved([0.5, 0.5], 2.0)) == 2.0 * math.exp(-1.0)
    True
    """
    if len(rates) == 1:
        out: Array = np.exp(-(rates[0] * h))
        return out
    if len(rates) == 2:
        a, b = rates
        x = np.abs(b - a) * -h
        low = np.exp(np.minimum(a, b) * -h) * h
        if np.all(x):  # the everyday case: no two rates alike
            plain: Array = np.expm1(x) / x * low
            return plain
        with np.errstate(invalid="ignore", divide="ignore"):
            y: Array = np.where(x == 0.0, 1.0, np.expm1(x) / np.where(x == 0.0, 1.0, x)) * low
        return y
    n = len(rates)
    x = np.sort(np.stack(np.broadcast_arrays(*[np.asarray(r * h, np.float64) for r in rates])), axis=0)
    shape, x = x.shape[1:], x.reshape(n, -1)
    first = x[0].copy()
    x -= first
    # table[i] holds the divided difference over x[i..i+k], one longer each round
    table = [np.exp(-v) for v in x]
    for k in range(1, n):
        fresh = []
        for i in range(n - k):
            spread = x[i + k] - x[i]
            near = spread <= _SPREAD + k
            with np.errstate(invalid="ignore", divide="ignore"):
                value = (table[i] - table[i + 1]) / np.where(near, 1.0, spread)
            if near.any():
                value[near] = _series(x[i : i + k + 1, near])
            fresh.append(value)
        table = fresh
    scale = np.exp(-first) * np.broadcast_to(np.asarray(h, np.float64), shape).reshape(-1) ** (n - 1)
    result: Array = (table[0] * scale).reshape(shape)
    return result


def shaped(rates: Sequence[Rate], h: Rate) -> tuple[Array, Array, Array, Array]:
    """The convolution (see :func:`convolved`) and its first three derivatives in h: what is above, less what has decayed.

    With one rate fewer C, C' = C_fewer - r C. The derivatives are for finding zeros: they may lose digits, the value not.

    >>> [float(v) for v in shaped([2.0], 0.0)]
    [1.0, -2.0, 4.0, -8.0]
    """
    value, r = convolved(rates, h), rates[-1]
    above = shaped(rates[:-1], h) if len(rates) > 1 else (0.0, 0.0, 0.0, 0.0)
    first = above[0] - r * value
    second = above[1] - r * first
    return value, first, second, above[2] - r * second


def _series(x: Array) -> Array:
    """The divided difference of exp(-x) over close, sorted points: exp(-max) times a series of positive terms."""
    n = len(x)
    y = x[-1] - x[:-1]  # the last point's own distance is 0 and adds nothing
    partial = [np.ones_like(x[0]) for _ in range(n - 1)]  # complete homogeneous symmetric sums of the first m distances
    total = np.full_like(x[0], 1.0 / math.factorial(n - 1))
    factor = 1.0 / math.factorial(n - 1)
    for k in range(1, 400):
        running = np.zeros_like(x[0])
        for m in range(n - 1):
            running = running + y[m] * partial[m]
            partial[m] = running
        factor /= k + n - 1
        term = running * factor
        total += term
        if not np.any(term > 1e-18 * total):
            break
    out: Array = total * np.exp(-x[-1])
    return out
