# SPDX-License-Identifier: Apache-2.0
"""Echo shell: a script types commands at the phone's console and checks the answers."""

import hashlib

from orrery import Phone, s, scenario

PROMPT = r"^orrery> "


def ask(phone: Phone, typed: str) -> str:
    """Types a line at the prompt and returns what the shell answered to it."""
    begin = len(phone.console.text)
    phone.console.send_line(typed)
    prompt = phone.console.wait_for(PROMPT, timeout=10 * s)
    echo, _, answer = phone.console.text[begin : prompt.start()].partition("\n")
    if "\b" not in typed:
        assert echo == typed, f'typed "{typed}", the console shows "{echo}"'
    return answer


@scenario(program="bin/shell")
def echo_shell(phone: Phone) -> None:
    """A tiny shell on the console: types commands and checks the answers."""
    phone.boot()
    phone.console.wait_for(PROMPT, timeout=5 * s)
    # What init says of it may come behind the prompt.
    phone.run_until(lambda: "started bin/shell as task 2\n" in phone.console.text, timeout=1 * s)

    # Text, and the editing of it.
    assert ask(phone, "echo hello, phone") == "hello, phone\n"
    assert ask(phone, "echo helXX\b\blo") == "hello\n"
    assert ask(phone, "") == ""
    assert ask(phone, "frobnicate now").startswith("unknown command: frobnicate")
    assert ask(phone, "echo " + "x" * 250).startswith("line too long")
    assert "sha256 FILE" in ask(phone, "help")

    # Files: the same names, sizes and contents that Python sees in the archive.
    files = phone.archive
    listed = [line.split(None, 1) for line in ask(phone, "ls").splitlines()]
    assert {name: int(size) for size, name in listed} == {n: len(d) for n, d in files.items()}
    texts = [name for name in files if name.startswith("text/")]
    largest = max(texts, key=lambda name: len(files[name]))
    digest = hashlib.sha256(files[largest]).hexdigest()
    assert ask(phone, f"sha256 {largest}") == f"{digest} {largest}\n"
    assert ask(phone, "sha256 no/such/file") == "sha256: no/such/file: not found\n"

    # Work, time and other programs.
    assert ask(phone, "primes 10000") == "1229 primes below 10000\n"
    start = phone.now
    assert ask(phone, "sleep 250") == ""
    assert phone.now - start >= s // 4
    assert ask(phone, "run offender exit_42") == "bin/offender exited with code 42\n"
    assert "faulted" in ask(phone, "run offender read_null")
    assert [fault.address for fault in phone.faults] == [0]
    assert ask(phone, "cpu").startswith("cpu ")

    # Leaving it.
    phone.console.send_line("exit 3")
    phone.console.wait_for(r"^init: bin/shell exited with code 3$", timeout=1 * s)
