# SPDX-License-Identifier: Apache-2.0
"""Statistics of a comparison against values from textbooks, tables and brute force."""

import itertools
import unittest

from scipy import stats

from orrery.compare.statistics import difference, estimate, holm, seeds_needed, signed_rank


class Estimates(unittest.TestCase):
    def test_places_of_the_interval(self) -> None:
        # Table of the sign test's intervals for the median at 95 %, as in Conover 1999.
        for count, low, high in (
            (6, 1, 6), (8, 1, 8), (9, 2, 8), (10, 2, 9), (15, 4, 12), (20, 6, 15), (30, 10, 21),
        ):
            found = estimate(range(count, 0, -1))
            self.assertEqual((found.low, found.high), (low, high), count)
            self.assertEqual(found.median, (count + 1) / 2)

    def test_no_interval_from_few_values(self) -> None:
        found = estimate([3.0, 1.0, 2.0, 5.0, 4.0])
        self.assertEqual((found.count, found.median, found.low, found.high), (5, 3, None, None))

    def test_interval_holds_what_it_promises(self) -> None:
        for count in range(6, 40):
            place = int(estimate(range(1, count + 1)).low or 0)
            self.assertGreaterEqual(1 - 2 * stats.binom.cdf(place - 1, count, 0.5), 0.95)
            self.assertLess(1 - 2 * stats.binom.cdf(place, count, 0.5), 0.95)


class SignedRank(unittest.TestCase):
    def test_textbook(self) -> None:
        # Hollander and Wolfe 1973, page 29: depression scores; V = 40, one-sided p = 0.01953.
        first = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
        second = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
        p = signed_rank([a - b for a, b in zip(first, second)])
        self.assertAlmostEqual(p, 0.0390625, 7)

    def test_smallest_p(self) -> None:
        for count in range(6, 12):
            self.assertAlmostEqual(signed_rank(range(1, count + 1)), 2 / 2**count)
            self.assertAlmostEqual(signed_rank([1.0] * count), 2 / 2**count)

    def test_ties_and_zeros_by_brute_force(self) -> None:
        for values in ([0, 1, 1, 2, 2, -3, 4], [1, 1, -1, 2, 3, 3, 3, -5], [0, 0, 0, 1, 1, 1, 2]):
            ranks = stats.rankdata([abs(value) for value in values])
            seen = sum(rank for rank, value in zip(ranks, values) if value > 0)
            seen -= sum(rank for rank, value in zip(ranks, values) if value < 0)
            active = [rank for rank, value in zip(ranks, values) if value]
            sums = [
                sum(sign * rank for sign, rank in zip(signs, active))
                for signs in itertools.product((1, -1), repeat=len(active))
            ]
            exact = sum(abs(one) >= abs(seen) for one in sums) / len(sums)
            self.assertAlmostEqual(signed_rank(values), exact, 7, values)

    def test_many_ties(self) -> None:
        self.assertLess(signed_rank([1, 1, 2, 2, 3] * 5), 0.001)
        self.assertGreater(signed_rank([1, -1, 2, -2] * 5), 0.9)

    def test_all_equal(self) -> None:
        self.assertEqual(signed_rank([0.0] * 8), 1)


class Differences(unittest.TestCase):
    def test_pairs_matter(self) -> None:
        first = [10.0, 20, 30, 40, 50, 60, 70, 80]
        other = [value + 1 + 0.01 * value for value in first]
        found = difference(first, other)
        self.assertAlmostEqual(found.estimate.median, 1.45)
        self.assertAlmostEqual(found.relative or 0, 1.45 / 45)
        self.assertAlmostEqual(found.p or 0, 2 / 2**8)
        # Unpaired, the two could not be told apart.
        self.assertGreater(stats.mannwhitneyu(first, other).pvalue, 0.5)

    def test_too_few_pairs_say_nothing(self) -> None:
        self.assertIsNone(difference([1, 2, 3], [2, 3, 5]).p)
        first = [1.0, 2, 3, 4, 5, 6]
        self.assertIsNotNone(difference(first, [value * 2 for value in first]).p)
        self.assertIsNone(difference(first, [value * 2 for value in first], comparisons=2).p)

    def test_deterministic(self) -> None:
        found = difference([4.0] * 10, [5.0] * 10)
        self.assertEqual((found.constant, found.p, found.relative), (True, None, 0.25))
        self.assertFalse(found.significant)

    def test_no_share_of_nothing(self) -> None:
        self.assertIsNone(difference([0.0, 0.0], [1.0, 2.0]).relative)


class Correction(unittest.TestCase):
    def test_holm(self) -> None:
        for values, corrected in (
            ([0.01, 0.02, 0.03, 0.04], [0.04, 0.06, 0.06, 0.06]),
            ([0.04, 0.01, None, 0.03], [0.06, 0.03, None, 0.06]),
            ([0.9, 0.8], [1, 1]), ([None], [None]), ([], []),
        ):
            for found, wanted in zip(holm(values), corrected, strict=True):
                if wanted is None:
                    self.assertIsNone(found)
                else:
                    self.assertAlmostEqual(found or 0, wanted)

    def test_seeds_needed(self) -> None:
        for comparisons in range(1, 60):
            count = seeds_needed(comparisons)
            self.assertLess(comparisons * 2 / 2**count, 0.05)
            self.assertGreaterEqual(comparisons * 2 / 2 ** (count - 1), 0.05)


if __name__ == "__main__":
    unittest.main()
