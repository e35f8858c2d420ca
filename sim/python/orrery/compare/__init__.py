# SPDX-License-Identifier: Apache-2.0
"""`./orrery compare`: the same scenario and seeds in several variants, and what differs.

`plan.py` says what is run, `execution.py` runs it, `store.py` keeps what came of it, `report.py`
tells it. Only `statistics.py`, `plots.py` and `report.py` need packages beside Python's own.
"""
