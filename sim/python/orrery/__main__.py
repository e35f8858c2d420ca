# SPDX-License-Identifier: Apache-2.0
"""`python3 -m orrery`: the same command line that `./orrery` ends in."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
