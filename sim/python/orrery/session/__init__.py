# SPDX-License-Identifier: Apache-2.0
"""The session protocol's server: control of a run and a look into it, over a socket."""

from .address import Address, Listener, connect, parse
from .controlled import Controlled
from .front import Front
from .plan import Plan

__all__ = ["Address", "Controlled", "Front", "Listener", "Plan", "connect", "parse"]
