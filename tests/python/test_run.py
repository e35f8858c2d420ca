# SPDX-License-Identifier: Apache-2.0
"""`orrery run`: verdicts, exit codes, sentences and run folders."""

import unittest
from xml.etree import ElementTree

from support import CommandCase

FILES = ["console.log", "junit.xml", "metrics.csv", "run.json"]


class Verdicts(CommandCase):
    def test_passed(self) -> None:
        self.scenario("good", """
            phone.boot()
            phone.console.wait_for("hello")
            phone.metrics.record("answer", 42, "x")
        """)
        done = self.run_fake("good.py")
        self.assertSentence(done, 0)
        self.assertIn("passed good on fake: 0.0050 s simulated", done.stdout)
        folder = self.folder / "runs" / "good-fake"
        self.assertEqual(sorted(path.name for path in folder.iterdir()), FILES)
        result = self.result("good")
        self.assertEqual((result["verdict"], result["exit_code"]), ("passed", 0))
        self.assertEqual((result["seed"], result["simulated_ns"]), (7, 5_000_000))
        self.assertEqual(result["metrics"]["answer"]["value"], 42)
        self.assertEqual(result["metrics"]["boot.to_init"]["value"], 0.003)
        self.assertEqual(result["faults"][0]["address"], "0x0")
        self.assertEqual(result["tasks"][0]["cpus"], [0, 2])
        self.assertEqual((folder / "console.log").read_text(), "hello\n")
        self.assertIn("answer,x,42,1", (folder / "metrics.csv").read_text())

    def test_repeats_but_for_the_host(self) -> None:
        self.scenario("good", "phone.boot()")
        results = []
        for _ in range(2):
            self.assertSentence(self.run_fake("good.py", "--seed", "5"), 0)
            results.append(self.result("good"))
            del results[-1]["host"]
        self.assertEqual(*results)

    def test_failed_assertion_shows_values(self) -> None:
        self.scenario("bad", "phone.boot()\nvalue = 3\nassert value + 1 == 5")
        done = self.run_fake("bad.py")
        self.assertSentence(done, 1, "bad.py:6: assert value + 1 == 5 (value + 1 is 4)")
        self.assertEqual(self.result("bad")["verdict"], "failed")
        self.assertEqual(self.result("bad")["simulated_ns"], 3_000_000)

    def test_timed_out(self) -> None:
        self.scenario("late", 'phone.boot()\nphone.console.wait_for("never", timeout=20 * ms)')
        done = self.run_fake("late.py")
        self.assertSentence(done, 1, "late.py:5: the console did not show", "within 20 ms")

    def test_exception(self) -> None:
        self.scenario("wrong", 'phone.boot()\n{}["key"]')
        self.assertSentence(self.run_fake("wrong.py"), 2, "wrong.py:5: KeyError: 'key'")
        self.assertEqual(self.result("wrong")["verdict"], "error")
        self.assertIn("Traceback", self.run_fake("wrong.py", "-v").stdout)

    def test_syntax_error(self) -> None:
        (self.folder / "broken.py").write_text("def x(:\n")
        done = self.run_fake("broken.py")
        self.assertSentence(done, 2, "broken.py:1: SyntaxError: ")
        self.assertEqual(self.result("broken")["verdict"], "error")

    def test_leaving_python(self) -> None:
        self.scenario("leaves", "import sys\nsys.exit(0)")
        self.assertSentence(self.run_fake("leaves.py"), 2, "sys.exit")
        self.scenario("really", "import os\nos._exit(0)")
        self.assertSentence(self.run_fake("really.py"), 3, "without a result")

    def test_unsupported(self) -> None:
        self.scenario("tap", "phone.boot()\nphone.touch.tap(1, 2)")
        self.assertSentence(self.run_fake("tap.py"), 2, "tap.py:5: phone.touch is Unsupported: ")

    def test_no_such_machine(self) -> None:
        self.scenario("other", "phone.boot()", '@scenario(machine="phone99")')
        self.assertSentence(self.run_fake("other.py"), 2, 'no machine "phone99"')

    def test_panic(self) -> None:
        self.scenario("panics", "phone.boot()\nphone.run_for(1 * s)", '@scenario(program="panic")')
        self.assertSentence(
            self.run_fake("panics.py"), 3, "the kernel panicked: it cannot be (kernel/x.cpp:42"
        )
        self.assertEqual(self.result("panics")["epitaph"]["line"], 42)

    def test_crash(self) -> None:
        self.scenario("crashes", "phone.boot()\nphone.run_for(1 * s)",
                      '@scenario(program="crash")')
        done = self.run_fake("crashes.py")
        self.assertSentence(done, 3, "crashed with SIGSEGV after saying: last words")
        self.assertEqual(self.result("crashes")["verdict"], "error")

    def test_error_inside_the_simulator(self) -> None:
        self.scenario("inside", "phone.boot()\nphone.run_for(1 * s)", '@scenario(program="odd")')
        self.assertSentence(self.run_fake("inside.py"), 3, "the simulator failed: ValueError: odd")


class Limits(CommandCase):
    def test_simulated_time(self) -> None:
        self.scenario("long", """
            phone.boot()
            while True:
                try:
                    phone.run_for(1 * s)
                except Exception:
                    pass
        """)
        done = self.run_fake("long.py", "--time-limit", "2s")
        self.assertSentence(done, 4, "long.py:7: the run reached its limit of 2 s of simulated")
        self.assertEqual(self.result("long")["simulated_ns"], 2_000_000_000)

    def test_endless_loop(self) -> None:
        self.scenario("loop", 'phone.boot()\nphone.run_for(6 * ms)\nwhile True: pass')
        done = self.run_fake("loop.py", "--host-limit", "1s", "--trace")
        self.assertSentence(done, 4, "limit of 1 s on this host")
        self.assertEqual(self.result("loop")["verdict"], "error")
        names = sorted(path.name for path in (self.folder / "runs" / "loop-fake").iterdir())
        self.assertEqual(names, sorted(FILES))
        console = self.folder / "runs" / "loop-fake" / "console.log"
        self.assertTrue(console.read_text().startswith("hello\n"))

    def test_endless_import_and_own_limit(self) -> None:
        (self.folder / "stuck.py").write_text(
            "from orrery import *\n@scenario\ndef stuck(phone): pass\nwhile True: pass\n"
        )
        self.assertSentence(self.run_fake("stuck.py", "--host-limit", "500ms"), 4, "500 ms")
        self.scenario("own", "while True: pass", "@scenario(host_limit=0.5)")
        self.assertSentence(self.run_fake("own.py"), 4, "500 ms")


class Parameters(CommandCase):
    def test_set(self) -> None:
        self.scenario("set", 'assert phone.parameter("n", 1) == 3\nphone.boot()')
        self.assertSentence(self.run_fake("set.py", "--set", "n=3"), 0)
        self.assertEqual(self.result("set")["parameters"], {"n": 3})

    def test_unknown_key(self) -> None:
        self.scenario("set", 'phone.parameter("number", 1)\nphone.boot()')
        done = self.run_fake("set.py", "--set", "nmuber=3")
        self.assertSentence(done, 2, 'no parameter "nmuber" (it has number)')

    def test_bad_value(self) -> None:
        self.scenario("set", 'phone.parameter("n", 1)')
        done = self.run_fake("set.py", "--set", "n=many")
        self.assertSentence(done, 2, 'the parameter "n" takes a whole number', '"many"')


class Files(CommandCase):
    def test_in_the_archive(self) -> None:
        self.scenario(
            "own", 'assert phone.archive["plan"] == b"7 9 %d" % phone.random("x").randrange(99)\n'
                   'phone.parameter("n", 1)\nphone.boot()',
            'def plan(p):\n    number = p.random("x").randrange(99)\n'
            '    return {"plan": b"%d %d %d" % (p.seed, p.parameter("n", 1), number)}\n'
            '@scenario(program="talk", files=plan)',
        )
        self.assertSentence(self.run_fake("own.py", "--set", "n=9"), 0)
        left = {path.name for path in (self.folder / "runs" / "own-fake").iterdir()}
        self.assertNotIn("archive.partial.cpio", left)

    def test_refused(self) -> None:
        self.scenario("bad", "phone.boot()", "@scenario(files=7)")
        self.assertSentence(self.run_fake("bad.py"), 2, "takes as files a function")


class Bootargs(CommandCase):
    def test_after_the_own(self) -> None:
        self.scenario("words", "phone.boot()", '@scenario(program="talk", bootargs="cpus=2")')
        self.assertSentence(self.run_fake("words.py", "--bootargs", "cpus=4  trace=off"), 0)
        self.assertEqual(self.result("words")["bootargs"], "cpus=2 cpus=4 trace=off")

    def test_refused(self) -> None:
        self.scenario("words", "phone.boot()")
        for words in ("", "a -- bin/other", "a\nb", "ä"):
            self.assertSentence(self.run_fake("words.py", "--bootargs", words), 2, "--bootargs")


class Distributions(CommandCase):
    def test_stored_in_the_run_folder(self) -> None:
        self.scenario("trial", """
            phone.boot()
            phone.metrics.samples("latency", [2, 1, 3], "us")
            course = phone.metrics.series("free", "frames")
            course.record(5)
            phone.run_for(1 * ms)
            course.record(4)
        """)
        self.assertSentence(self.run_fake("trial.py"), 0)
        folder = self.folder / "runs" / "trial-fake"
        self.assertEqual(
            (folder / "samples.csv").read_text(),
            "metric,unit,value,count\nlatency,us,2,1\nlatency,us,1,1\nlatency,us,3,1\n",
        )
        self.assertEqual(
            (folder / "series.csv").read_text(),
            "metric,unit,time_ns,value\nfree,frames,3000000,5\nfree,frames,4000000,4\n",
        )
        self.assertIn(
            "latency,us,3,3,2.0,1,3,2,3,3,3,samples\n", (folder / "metrics.csv").read_text()
        )


class Several(CommandCase):
    def test_all_of_a_file_in_order_and_one_by_name(self) -> None:
        text = "from orrery import *\n"
        for name in ("one", "two"):
            text += f'@scenario(program="talk")\ndef {name}(phone):\n    phone.boot()\n'
        (self.folder / "both.py").write_text(text)
        done = self.run_fake("both.py", "--jobs", "1")
        self.assertSentence(done, 0)
        self.assertLess(done.stdout.index("passed one"), done.stdout.index("passed two"))
        self.assertIn("2 scenarios: 2 passed", done.stdout)
        self.assertSentence(self.run_fake("both.py::two", "--out", "here"), 0)
        self.assertTrue((self.folder / "here" / "run.json").is_file())
        self.assertSentence(self.run_fake("both.py::three"), 2, '"three" (it has one, two)')

    def test_worst_code_and_junit(self) -> None:
        self.scenario("a", "phone.boot()")
        self.scenario("b", "assert False, 'x < \\x01'")
        self.scenario("c", "while True: phone.boot()")
        done = self.run_fake("*.py", "--junit", "all.xml", "--out", "out", "--jobs", "3")
        self.assertEqual(done.returncode, 2, done.stderr)
        suites = ElementTree.parse(self.folder / "all.xml").getroot()
        self.assertEqual(
            (suites.get("tests"), suites.get("failures"), suites.get("errors")), ("3", "1", "1")
        )
        self.assertEqual([case.get("name") for case in suites.iter("testcase")], ["a", "b", "c"])
        self.assertTrue((self.folder / "out" / "a-fake" / "run.json").is_file())

    def test_same_name_in_two_files(self) -> None:
        source = self.scenario("same", "phone.boot()").read_text()
        (self.folder / "other.py").write_text(source)
        self.assertSentence(self.run_fake("same.py", "other.py"), 0)
        folders = sorted(path.name for path in (self.folder / "runs").iterdir())
        self.assertEqual(folders, ["other.same-fake", "same.same-fake"])


class RunFolders(CommandCase):
    def test_replaced_whole(self) -> None:
        self.scenario("good", "phone.boot()")
        self.run_fake("good.py", "--trace")
        trace = self.folder / "runs" / "good-fake" / "trace.pftrace"
        self.assertEqual(trace.read_bytes(), b"a whole trace")
        self.assertSentence(self.run_fake("good.py"), 0)
        self.assertFalse(trace.exists())
        self.assertEqual([path.name for path in (self.folder / "runs").iterdir()], ["good-fake"])

    def test_read_only(self) -> None:
        self.scenario("good", "phone.boot()")
        (self.folder / "file").write_text("")
        for out in ("file/run", "/proc/run"):
            done = self.run_fake("good.py", "--out", out)
            self.assertSentence(done, 2, f"the run folder {out} cannot be written")
            self.assertNotIn("running", done.stdout)
        self.assertSentence(self.run_fake("good.py", "--out", "file"), 2, "is not a folder")
        self.assertSentence(self.run_fake("good.py", "--junit", "no/x.xml"), 2, "no/x.xml")

    def test_spares_what_is_no_run_folder(self) -> None:
        self.scenario("good", "phone.boot()")
        done = self.run_fake("good.py", "--out", ".")
        self.assertSentence(done, 2, "is not a run folder")
        self.assertTrue((self.folder / "good.py").is_file())

    def test_empty_folder_is_taken(self) -> None:
        self.scenario("good", "phone.boot()")
        (self.folder / "empty").mkdir()
        self.assertSentence(self.run_fake("good.py", "--out", "empty"), 0)
        self.assertTrue((self.folder / "empty" / "run.json").is_file())


if __name__ == "__main__":
    unittest.main()
