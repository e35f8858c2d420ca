# SPDX-License-Identifier: Apache-2.0
"""First light: eight CPUs boot, and together hash every file there is."""

import hashlib
import re

from orrery import Phone, s, scenario


@scenario(program="bin/first_light")
def first_light(phone: Phone) -> None:
    """Eight CPUs boot and compute the SHA-256 of every file in the archive."""
    phone.boot()
    done = phone.console.wait_for(r"^first_light: (\d+) workers, (\d+) files, ok$", timeout=30 * s)
    workers, files = map(int, done.groups())

    # Python's own SHA-256 of the same files is what the phone has to agree with.
    hashed = {
        name: digest
        for digest, name in re.findall(
            r"^sha256 ([0-9a-f]{64}) (.+) cpu=\d+$", phone.console.text, re.MULTILINE
        )
    }
    expected = {name: hashlib.sha256(data).hexdigest() for name, data in phone.archive.items()}
    assert files == len(expected)
    wrong = sorted(name for name in expected if hashed.get(name) != expected[name])
    assert not wrong, f"wrong or missing SHA-256 of {', '.join(wrong)}"
    assert len(hashed) == len(expected)

    # One worker a CPU, and every CPU has done work.
    ran = re.findall(r"^worker (\d+): (\d+) files on cpu (\d+)$", phone.console.text, re.MULTILINE)
    cpus = sorted(int(cpu) for _, _, cpu in ran)
    assert workers == 8
    assert cpus == list(range(8))
    assert all(worker == cpu for worker, _, cpu in ran), "a worker left its CPU"
    assert all(cpu.online and cpu.busy_time > 0 for cpu in phone.cpus)
    assert not phone.faults

    phone.metrics.record("first_light.files", files)
    phone.metrics.record("first_light.bytes", sum(map(len, phone.archive.values())), "B")
    phone.metrics.record("first_light.time", phone.now / s, "s")
