# SPDX-License-Identifier: Apache-2.0
"""Loads the engine as Python loads an extension module, and runs its self-test there."""
import ctypes
import os
import sys

module = ctypes.CDLL(sys.argv[1], mode=os.RTLD_NOW | os.RTLD_LOCAL)
sys.exit(0 if module.orrery_engine_self_test() == 1 else "the engine does not work in a module")
