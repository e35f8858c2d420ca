# SPDX-License-Identifier: Apache-2.0
"""What seeds can say about a variant, and about the paired differences of two.

All of it is free of assumptions about distributions: the median with an interval from order
statistics (Conover 1999, section 3.2), Wilcoxon's signed-rank test (Wilcoxon 1945) with zeros
ranked and then left out (Pratt 1959), and Holm's correction (Holm 1979).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy
from scipy import stats

CONFIDENCE = 0.95
SIGNIFICANCE = 0.05
#: Up to so many pairs with ties the test is exact: it goes through all 2^n signs.
EXACT_WITH_TIES = 12
#: Up to so many pairs without ties and zeros scipy's table is exact.
EXACT = 50


@dataclass(frozen=True)
class Estimate:
    """A median with its confidence interval; without one if there are too few values."""

    count: int
    median: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Difference:
    """What the pairs of one variant and the first one say."""

    #: Median of the differences in each seed, with its interval.
    estimate: Estimate
    #: The same as a share of the first variant's median; None where that is zero.
    relative: float | None
    #: Probability of differences like these if there were none: of this test alone, and corrected
    #: for the comparisons of its family. None where nothing can be said.
    p: float | None
    corrected: float | None = None
    #: Every seed has the same difference, so that there is nothing to test.
    constant: bool = False

    @property
    def significant(self) -> bool:
        """Whether the corrected test speaks against chance."""
        return self.corrected is not None and self.corrected < SIGNIFICANCE


def estimate(values: Sequence[float]) -> Estimate:
    """The median of independent values, with its interval of at least 95 % confidence."""
    ordered = sorted(float(value) for value in values)
    median = float(numpy.median(ordered))
    # Between the place-th values from either end: how many lie below the median is binomial.
    place = int(stats.binom.ppf((1 - CONFIDENCE) / 2, len(ordered), 0.5))
    if place < 1:
        return Estimate(len(ordered), median, None, None)
    return Estimate(len(ordered), median, ordered[place - 1], ordered[-place])


def signed_rank(differences: Sequence[float]) -> float:
    """Two-sided p of Wilcoxon's signed-rank test; exact unless there are many pairs with ties."""
    array = numpy.asarray(differences, dtype=float)
    sizes = numpy.abs(array)
    if not sizes.any():
        return 1.0
    plain = sizes.all() and len(numpy.unique(sizes)) == len(sizes)
    if plain and len(array) <= EXACT:
        return float(stats.wilcoxon(array, mode="exact").pvalue)
    if len(array) > EXACT_WITH_TIES:
        return float(stats.wilcoxon(
            array, zero_method="pratt", correction=True, mode="approx"
        ).pvalue)
    ranks = stats.rankdata(sizes)

    def sum_of_ranks(signed: numpy.ndarray, axis: int = -1) -> numpy.ndarray:
        return (numpy.sign(signed) * ranks).sum(axis=axis)

    test = stats.permutation_test(
        (array,), sum_of_ranks, permutation_type="samples", n_resamples=numpy.inf,
        vectorized=True,
    )
    return float(test.pvalue)


def difference(
    first: Sequence[float], other: Sequence[float], comparisons: int = 1
) -> Difference:
    """The differences `other` minus `first`, pair by pair, as one of so many comparisons."""
    pairs = numpy.asarray(other, dtype=float) - numpy.asarray(first, dtype=float)
    base = float(numpy.median(first))
    around = estimate(pairs)
    relative = around.median / abs(base) if base else None
    if len(set(first)) == 1 and len(set(other)) == 1:
        return Difference(around, relative, None, constant=True)
    # With fewer pairs no outcome whatever could be significant.
    p = signed_rank(pairs) if len(pairs) >= seeds_needed(comparisons) else None
    return Difference(around, relative, p)


def holm(values: Sequence[float | None]) -> list[float | None]:
    """Holm's correction of a family of p values; what was not tested does not count."""
    tested = sorted((p, place) for place, p in enumerate(values) if p is not None)
    corrected: list[float | None] = [None] * len(values)
    largest = 0.0
    for step, (p, place) in enumerate(tested):
        largest = max(largest, min(1.0, (len(tested) - step) * p))
        corrected[place] = largest
    return corrected


def seeds_needed(comparisons: int) -> int:
    """The fewest pairs with which one of so many corrected comparisons can be significant."""
    return math.floor(math.log2(2 * comparisons / SIGNIFICANCE)) + 1
