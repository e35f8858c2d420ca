# SPDX-License-Identifier: Apache-2.0
"""The GDB stub on the fake phone: commands, and everything that a debugger may do wrong."""

import random
import socket
import struct
import unittest

from fake_inspection import VIRTUAL
from orrery.gdb.packets import LONGEST, frame
from session_case import RawClient, SessionCase

HERE = VIRTUAL + 0x100


class GdbCase(SessionCase):
    def setUp(self) -> None:
        super().setUp()
        self.serve(debugger=f"unix:{self.folder / 'gdb'}")

    def debugger_client(self) -> RawClient:
        """A new debugger, whose connection has been taken in."""
        assert self.debugger is not None
        client = RawClient(self.debugger.address)
        self.addCleanup(client.close)
        return client

    def ask(self, client: RawClient, payload: bytes) -> bytes:
        """The reply to a packet."""
        client.send(frame(payload))
        client.expect(b"+")
        return self.reply(client)

    def reply(self, client: RawClient) -> bytes:
        """The next packet, acknowledged."""
        data = b""
        while not data.endswith(b"#"):
            byte = client.receive(1)
            assert byte, f"the connection ended behind {data!r}"
            data += byte
        client.receive(2)
        client.send(b"+")
        return data[1:-1]

    def assertAnswers(self) -> None:
        """A new debugger is answered."""
        client = self.debugger_client()
        self.assertEqual(self.ask(client, b"?"), b"T05thread:1;")
        client.close()


class Commands(GdbCase):
    def setUp(self) -> None:
        super().setUp()
        self.gdb = self.debugger_client()

    def test_features(self) -> None:
        features = self.ask(self.gdb, b"qSupported:multiprocess+;swbreak+").split(b";")
        self.assertIn(b"PacketSize=4000", features)
        self.assertIn(b"qXfer:features:read+", features)
        whole, at = b"", 0
        while (part := self.ask(self.gdb, b"qXfer:features:read:target.xml:%x,100" % at))[:1] \
                == b"m":
            whole, at = whole + part[1:], at + len(part) - 1
        self.assertIn(b'<reg name="v31"', whole + part[1:])
        self.assertEqual(self.ask(self.gdb, b"qXfer:features:read:other.xml:0,100"), b"E00")
        self.assertEqual(self.ask(self.gdb, b"vMustReplyEmpty"), b"")
        self.assertEqual(self.ask(self.gdb, b"qAttached"), b"1")

    def test_threads(self) -> None:
        self.assertEqual(self.ask(self.gdb, b"qfThreadInfo"), b"m1")
        self.assertEqual(self.ask(self.gdb, b"qsThreadInfo"), b"l")
        self.assertEqual(self.ask(self.gdb, b"qC"), b"QC1")
        self.assertEqual(self.ask(self.gdb, b"T1"), b"OK")
        for wrong in (b"T2", b"Hg2", b"Hgx", b"T-2", b"H", b"T"):
            self.assertEqual(self.ask(self.gdb, wrong), b"E16", wrong)
        for right in (b"Hg1", b"Hg0", b"Hc-1"):
            self.assertEqual(self.ask(self.gdb, right), b"OK", right)
        text = bytes.fromhex(self.ask(self.gdb, b"qThreadExtraInfo,1").decode()).decode()
        self.assertEqual(text, "cpu0: no thread, EL0")

    def test_registers(self) -> None:
        whole = bytes.fromhex(self.ask(self.gdb, b"g").decode())
        self.assertEqual(len(whole), 33 * 8 + 4 + 32 * 16 + 8)
        self.assertEqual(whole[:8], (0x1122_3344_5566_7788).to_bytes(8, "little"))
        self.assertEqual(self.ask(self.gdb, b"p20"), HERE.to_bytes(8, "little").hex().encode())
        self.assertEqual(self.ask(self.gdb, b"p23"), bytes(range(16, 32)).hex().encode())
        self.assertEqual(self.ask(self.gdb, b"P0=0102000000000000"), b"OK")
        self.assertEqual(self.ask(self.gdb, b"p0"), b"0102000000000000")
        self.assertEqual(self.ask(self.gdb, b"G" + self.ask(self.gdb, b"g")), b"OK")
        self.assertEqual(self.ask(self.gdb, b"P22=" + b"00" * 16), b"E5f")
        for wrong in (b"p44", b"p", b"px", b"P0=01", b"P0", b"G00", b"P44=00"):
            self.assertEqual(self.ask(self.gdb, wrong), b"E16", wrong)

    def test_memory(self) -> None:
        self.assertEqual(self.ask(self.gdb, b"M%x,4:01020304" % VIRTUAL), b"OK")
        self.assertEqual(self.ask(self.gdb, b"X%x,2:}\xff" % VIRTUAL), b"OK")
        self.assertEqual(self.ask(self.gdb, b"X%x,0:" % VIRTUAL), b"OK")
        self.assertEqual(self.ask(self.gdb, b"m%x,4" % VIRTUAL), b"7dff0304")
        # As much as there is, and nothing where there is nothing.
        end = VIRTUAL + 16 * 4096
        self.assertEqual(self.ask(self.gdb, b"m%x,10" % (end - 2)), b"0000")
        self.assertEqual(self.ask(self.gdb, b"m%x,1" % end), b"E0e")
        self.assertEqual(self.ask(self.gdb, b"M%x,1:00" % end), b"E0e")
        for wrong in (b"m", b"m1", b"mx,1", b"m-1,1", b"mffffffffffffffff,2", b"M0,2:00",
                      b"M0,1:0", b"X0,5:a"):
            self.assertEqual(self.ask(self.gdb, wrong), b"E16", wrong)

    def test_breakpoints(self) -> None:
        self.assertEqual(self.ask(self.gdb, b"Z0,%x,4" % HERE), b"OK")
        self.assertEqual(self.ask(self.gdb, b"Z0,%x,4" % HERE), b"OK")
        self.assertEqual(self.ask(self.gdb, b"vCont;c"), b"T05thread:1;swbreak:;")
        self.assertEqual(self.ask(self.gdb, b"z0,%x,4" % HERE), b"OK")
        self.assertEqual(self.backend.inspection().breakpoints, set())
        self.assertEqual(self.ask(self.gdb, b"z0,%x,4" % HERE), b"OK")
        for kind in (b"2", b"3", b"4"):
            self.assertEqual(self.ask(self.gdb, b"Z%b,%x,4" % (kind, HERE)), b"")
        for wrong in (b"Z0,", b"Z0,2,4", b"Z0,x,4", b"Z0,10000000000000000,4"):
            self.assertEqual(self.ask(self.gdb, wrong), b"E16", wrong)

    def test_step(self) -> None:
        for how in (b"vCont;s:1;c", b"s", b"vCont;S05:1", b"vCont;r%x,%x:1" % (HERE, HERE + 4)):
            self.assertEqual(self.ask(self.gdb, how), b"T05thread:1;", how)
            self.assertEqual(self.backend.inspection().breakpoints, set())
        for wrong in (b"vCont;s:7", b"vCont;x", b"vCont;r1:1", b"sx"):
            self.assertEqual(self.ask(self.gdb, wrong), b"E16", wrong)

    def test_interrupt(self) -> None:
        self.gdb.send(frame(b"c"))
        self.gdb.expect(b"+")
        self.gdb.send(b"\x03")
        self.assertEqual(self.reply(self.gdb), b"T02thread:1;")
        self.gdb.send(b"\x03")  # nothing runs
        self.assertEqual(self.ask(self.gdb, b"qC"), b"QC1")

    def test_monitor(self) -> None:
        def monitor(text: str) -> str:
            reply = self.ask(self.gdb, b"qRcmd," + text.encode().hex().encode())
            return bytes.fromhex(reply.decode()).decode()

        for name in ("time", "status", "tasks", "for", "only"):
            self.assertIn(f"\n{name}", monitor("help"))
        self.assertEqual(monitor("time"), "0 ns\n")
        self.assertIn("cpu0: no thread, EL0", monitor("status"))
        self.assertIn("init: running, load bias 0x1000", monitor("tasks"))
        self.assertIn("the next continue stops at 2000000 ns", monitor("for 2ms"))
        self.assertEqual(self.ask(self.gdb, b"c"), b"T05thread:1;")
        self.assertEqual(monitor("time"), "2000000 ns\n")
        self.assertIn("only init stops", monitor("only init"))
        self.assertIn("0x8000", monitor("only"))
        self.assertEqual(monitor("only off"), "all programs stop\n")
        for wrong in ("", "what", "for", "for ever", "only a b"):
            self.assertTrue(monitor(wrong).strip(), wrong)
        self.assertEqual(self.ask(self.gdb, b"qRcmd,xy"), b"E16")

    def test_only_what_is_wanted_stops(self) -> None:
        self.ask(self.gdb, b"qRcmd," + b"only somebody else".hex().encode())
        self.ask(self.gdb, b"qRcmd," + b"only somebody".hex().encode())
        self.ask(self.gdb, b"Z0,%x,4" % HERE)
        self.ask(self.gdb, b"qRcmd," + b"for 3us".hex().encode())
        self.assertEqual(self.ask(self.gdb, b"c"), b"T05thread:1;")

    def test_detach_lets_go(self) -> None:
        self.assertEqual(self.ask(self.gdb, b"Z0,%x,4" % HERE), b"OK")
        self.gdb.send(frame(b"D"))
        self.gdb.expect(b"+" + frame(b"OK"))
        self.assertTrue(self.gdb.ended())
        with self.client() as client:
            client.stop()
            self.assertEqual(self.backend.inspection().breakpoints, set())

    def test_kill_ends_the_run(self) -> None:
        self.gdb.send(frame(b"k"))
        self.gdb.expect(b"+" + frame(b"OK"))
        self.thread.join(10)
        self.assertFalse(self.thread.is_alive())

    def test_without_acknowledgement(self) -> None:
        self.gdb.send(frame(b"QStartNoAckMode"))
        self.gdb.expect(b"+" + frame(b"OK"))
        self.gdb.send(b"+" + frame(b"qC") + frame(b"qAttached"))
        self.gdb.expect(frame(b"QC1") + frame(b"1"))


class Company(GdbCase):
    """A debugger and the clients of a session at one run."""

    def test_both_hold_it(self) -> None:
        gdb = self.debugger_client()
        self.assertEqual(self.ask(gdb, b"?"), b"T05thread:1;")
        with self.client() as client:
            client.resume()
            self.assertEqual(client.status().now, 0)  # the debugger holds it
            gdb.send(frame(b"c"))
            gdb.expect(b"+")
            self.assertTrue(client.status().running)
            while client.status().now == 0:
                pass
            client.stop()
            held = client.status().now
            gdb.send(b"\x03")
            self.assertEqual(self.reply(gdb), b"T02thread:1;")
            client.resume()
            self.assertEqual(client.status().now, held)

    def test_one_debugger_at_a_time(self) -> None:
        gdb = self.debugger_client()
        self.ask(gdb, b"?")
        self.assertTrue(self.debugger_client().ended())
        self.assertEqual(self.ask(gdb, b"qC"), b"QC1")
        gdb.close()
        self.assertAnswers()


class Trouble(GdbCase):
    def test_vanishing(self) -> None:
        for part in (b"", b"$", b"$g", b"$g#", frame(b"g"), frame(b"c"), frame(b"s"),
                     frame(b"Z0,%x,4" % HERE), b"\x03"):
            client = self.debugger_client()
            client.send(part)
            # With a reset, as of a process that was killed with unread data.
            linger = struct.pack("ii", 1, 0)
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            client.close()
            self.assertAnswers()

    def test_too_long(self) -> None:
        gdb = self.debugger_client()
        gdb.send(b"$" + b"x" * (LONGEST + 1))
        gdb.send(b"y" * 1_000_000 + b"#00")
        gdb.expect(b"+")
        self.assertEqual(self.reply(gdb), b"E16")
        self.assertEqual(self.ask(gdb, b"qC"), b"QC1")

    def test_damaged(self) -> None:
        gdb = self.debugger_client()
        gdb.send(b"$g#00")
        gdb.expect(b"-")
        gdb.send(frame(b"qC"))
        gdb.expect(b"+" + frame(b"QC1"))
        for _ in range(3):
            gdb.send(b"-")
            gdb.expect(frame(b"QC1"))
        gdb.send(b"-" * 20)
        self.assertTrue(gdb.ended())
        self.assertAnswers()

    def test_speaks_out_of_turn(self) -> None:
        gdb = self.debugger_client()
        gdb.send(frame(b"c") + frame(b"g") + frame(b"?"))
        gdb.expect(b"+++")
        gdb.send(b"\x03")
        self.assertEqual(self.reply(gdb), b"T02thread:1;")

    def test_fetches_nothing(self) -> None:
        gdb = self.debugger_client()
        try:
            for _ in range(20_000):
                gdb.send(frame(b"g"))
        except OSError:
            pass  # sent away
        gdb.close()
        self.assertAnswers()

    def test_random_bytes(self) -> None:
        source = random.Random(6)
        words = [b"g", b"G", b"p", b"m", b"M", b"X", b"Z0,", b"z1,", b"vCont;", b"s", b"c:1",
                 b"H", b"T", b"qRcmd,", b"qSupported", b"10000000", b",", b":", b"4", b"=", b"-1",
                 b"\x03", b"}", b"$", b"#", b"+", b"-", b"\xff", b"qXfer:features:read:", b"?"]
        for _ in range(60):
            client = self.debugger_client()
            for _ in range(source.randrange(1, 20)):
                body = b"".join(source.choices(words, k=source.randrange(6)))
                noise = source.randbytes(source.randrange(30))
                try:
                    client.send(source.choice([body, frame(body), noise]))
                except OSError:
                    break  # it has been sent away
            client.close()
        self.assertAnswers()


if __name__ == "__main__":
    unittest.main()
