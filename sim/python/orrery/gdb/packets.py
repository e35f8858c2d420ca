# SPDX-License-Identifier: Apache-2.0
"""Packets of GDB's remote serial protocol. Payloads are bytes: those of `X` are binary."""

from __future__ import annotations

from .. import framing
from ..framing import Kind, Received, frame

__all__ = ["LONGEST", "Decoder", "Kind", "Received", "frame"]

#: Bytes of a payload, as sent, that a receiver takes: PacketSize of qSupported.
LONGEST = 1 << 14


class Decoder(framing.Decoder):
    """Takes bytes in as they come, and finds packets, signs and Ctrl-C in them."""

    def __init__(self) -> None:
        super().__init__(LONGEST, framing.SIGNS | {framing.INTERRUPT: Kind.INTERRUPT})
