# SPDX-License-Identifier: Apache-2.0
"""What a comparison consists of: variations, their product, paired seeds, jobs."""

import unittest
from pathlib import Path

from orrery import UsageError
from orrery.compare.plan import Comparison, Variation, parse_variation
from orrery.runner import Job


def comparison(*variations: str, seeds: int = 2, **template: object) -> Comparison:
    job = Job(file="/x/trial.py", scenario="trial", on="soc", folder="", **template)  # type: ignore
    return Comparison(job, tuple(parse_variation(text) for text in variations), seeds)


class Variations(unittest.TestCase):
    def test_parse(self) -> None:
        self.assertEqual(
            parse_variation("page_allocator=buddy, tree"),
            Variation("page_allocator", ("buddy", "tree")),
        )
        self.assertEqual(parse_variation("set.Limit=1,2").key, "set.Limit")

    def test_refuses(self) -> None:
        for text, words in (
            ("cpus", "KEY=V1,V2"), ("cpus=1,,2", "KEY=V1,V2"), ("=1,2", "or set.NAME"),
            ("Cpus=1,2", "or set.NAME"), ("seen.x=1,2", "or set.NAME"),
            ("cpus=1,2,1", 'cpus the value "1" twice'), ("cpu=native,fast", "native or iss"),
            ("machine=a,b", "no machine"), ("x=a b,c", "no word of a kernel"),
        ):
            with self.subTest(text), self.assertRaisesRegex(UsageError, words):
                parse_variation(text)

    def test_numbers(self) -> None:
        self.assertEqual(parse_variation("cpus=1,2,8").scale(), ([1, 2, 8], ""))
        self.assertEqual(parse_variation("set.share=12.5%,50%").scale(), ([12.5, 50], "%"))
        for text in ("a=1,x", "a=1ms,1s", "a=b,c"):
            self.assertIsNone(parse_variation(text).scale())


class Product(unittest.TestCase):
    def test_full_product_with_paired_seeds(self) -> None:
        plan = comparison("a=1,2", "b=x,y,z", seeds=3)
        labels = [variant.label for variant in plan.variants]
        self.assertEqual(labels, ["a=1 b=x", "a=1 b=y", "a=1 b=z", "a=2 b=x", "a=2 b=y", "a=2 b=z"])
        runs = [(variant.number, seed) for variant, seed in plan.runs]
        self.assertEqual(runs, [(v, seed) for seed in (1, 2, 3) for v in range(1, 7)])

    def test_jobs(self) -> None:
        plan = comparison(
            "page_cache=on,off", "cpu=native,iss", "set.n=1,2", "fidelity=cycle,memory",
            bootargs="cpus=4", settings={"m": "5"},
        )
        job = plan.job(plan.variants[-1], 9)
        self.assertEqual(
            (job.bootargs, job.cpu, job.settings, job.fidelity, job.seed, job.on),
            ("cpus=4 page_cache=off", "iss", {"m": "5", "n": "2"}, "memory", 9, "soc"),
        )
        self.assertEqual(plan.template.settings, {"m": "5"})

    def test_folders_are_names_and_differ(self) -> None:
        plan = comparison("set.path=/a/../b,/a:b")
        folders = [variant.folder for variant in plan.variants]
        self.assertEqual(folders, ["1-set.path=,a,..,b", "2-set.path=,a,b"])

    def test_refuses(self) -> None:
        for arguments, template, words in (
            (["a=1"], {}, "one variant only"),
            (["a=1,2", "a=3,4"], {}, "a twice"),
            (["on=soc,qemu", "cpu=native,iss"], {}, "--cpu goes with --on soc"),
            (["on=soc,qemu"], {"fidelity": "memory"}, "--fidelity goes with --on soc"),
            (["on=soc,mars"], {}, 'not "mars"'),
            (["set.n=1,2"], {"settings": {"n": "3"}}, "n is both in --set"),
            (["cpus=1,2"], {"bootargs": "cpus=4"}, "cpus is both in --bootargs"),
        ):
            with self.subTest(arguments), self.assertRaisesRegex(UsageError, words):
                comparison(*arguments, **template)

    def test_command_makes_the_same_comparison(self) -> None:
        plan = comparison("a=1,2", settings={"text": "two words"}, time_limit=5_000_000)
        self.assertEqual(
            plan.command(Path("here")),
            "./orrery compare /x/trial.py::trial --vary a=1,2 --seeds 2 --set 'text=two words' "
            "--time-limit 5000000ns --out here",
        )


if __name__ == "__main__":
    unittest.main()
