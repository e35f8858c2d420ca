# SPDX-License-Identifier: Apache-2.0
"""One sentence for what went wrong in a scenario: where, what was asserted, with which values."""

from __future__ import annotations

import ast
import linecache
from pathlib import Path
from types import FrameType, TracebackType

from . import paths

# Evaluated again to show their values: only what reads names, parts and items.
_QUIET = (
    ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.UnaryOp, ast.BinOp, ast.Slice,
    ast.Load, ast.operator, ast.unaryop, ast.expr_context, ast.JoinedStr, ast.FormattedValue,
)
_LONGEST_VALUE = 120


def describe(error: BaseException, scenario_file: Path) -> str:
    """Says where in the scenario an exception came up, and what it was."""
    if isinstance(error, SyntaxError) and error.filename:
        where = f"{paths.display(Path(error.filename))}:{error.lineno}"
        return f"{where}: {type(error).__name__}: {error.msg}"
    frame, line = _innermost(error.__traceback__, scenario_file)
    where = f"{paths.display(scenario_file)}:{line}: " if line else ""
    text = " ".join(str(error).split())
    if type(error) is AssertionError:
        if frame is None:
            return f"{where}{text or 'assertion failed'}"
        statement, values = _assertion(frame, scenario_file, line)
        said = text or statement or "assertion failed"
        return f"{where}{said}" + (f" ({values})" if values else "")
    if isinstance(error, AssertionError):
        return f"{where}{text}"
    return f"{where}{type(error).__name__}" + (f": {text}" if text else "")


def place(error: BaseException, scenario_file: Path) -> str:
    """`file:line` of the scenario's line that led to an exception; empty if none did."""
    _, line = _innermost(error.__traceback__, scenario_file)
    return f"{paths.display(scenario_file)}:{line}" if line else ""


def _innermost(
    traceback: TracebackType | None, scenario_file: Path
) -> tuple[FrameType | None, int]:
    found: tuple[FrameType | None, int] = (None, 0)
    wanted = scenario_file.resolve()
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if not name.startswith("<") and Path(name).resolve() == wanted:
            found = (traceback.tb_frame, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def _assertion(frame: FrameType, path: Path, line: int) -> tuple[str, str]:
    """The failing assert statement as source, and the values of its operands."""
    source = "".join(linecache.getlines(frame.f_code.co_filename)) or path.read_text("utf-8")
    statements = [
        node for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assert) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    if not statements:
        return "", ""
    test = statements[-1].test
    operands = [test.left, *test.comparators] if isinstance(test, ast.Compare) else [test]
    values = []
    for operand in operands:
        if isinstance(operand, ast.Constant) or not _is_quiet(operand):
            continue
        code = compile(ast.Expression(operand), "<assertion>", "eval")
        try:
            value = repr(eval(code, frame.f_globals, frame.f_locals))  # names only, see _QUIET
        except Exception:
            continue
        if len(value) > _LONGEST_VALUE:
            value = value[:_LONGEST_VALUE] + "..."
        values.append(f"{ast.unparse(operand)} is {value}")
    return f"assert {ast.unparse(test)}", ", ".join(values)


def _is_quiet(expression: ast.expr) -> bool:
    return all(isinstance(node, _QUIET) for node in ast.walk(expression))
