# SPDX-License-Identifier: Apache-2.0
"""The GDB stub: a debugger at a run, over GDB's remote serial protocol. See `server`."""
