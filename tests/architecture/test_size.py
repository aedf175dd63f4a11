"""Small files and small functions: what fits on a screen can be reviewed."""

import ast
from collections.abc import Iterator, Mapping
from statistics import quantiles

import pytest

from tests.architecture.project import MIGRATIONS, PACKAGES, ROOT, Module, module, modules

FILE_LINES = 400
FUNCTION_LINES = 45
USUAL_FUNCTION_LINES = 30


def functions(code: Module) -> Iterator[tuple[str, int]]:
    """Yield each function with its place and its number of lines."""
    for node in ast.walk(code.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            end = node.end_lineno or node.lineno
            yield f"{code.path}:{node.lineno} {node.name}", end - node.lineno + 1


def long_files(texts: Mapping[str, str]) -> list[str]:
    """Name the files that are too long."""
    lengths = {path: len(text.splitlines()) for path, text in texts.items()}
    return [f"{path} ({lines} lines)" for path, lines in lengths.items() if lines > FILE_LINES]


def long_functions(codes: tuple[Module, ...]) -> list[str]:
    """Name the functions that are too long."""
    return [
        f"{place} ({lines} lines)"
        for code in codes
        for place, lines in functions(code)
        if lines > FUNCTION_LINES
    ]


def usual_length(codes: tuple[Module, ...]) -> float:
    """Return the length that nine in ten functions stay under."""
    lengths = [lines for code in codes for _, lines in functions(code)]
    return quantiles(lengths, n=10)[-1] if len(lengths) > 1 else 0


def measured() -> tuple[Module, ...]:
    return tuple(code for code in modules() if not code.path.startswith(MIGRATIONS))


def test_no_file_is_too_long() -> None:
    assert long_files({code.path: code.text for code in measured()}) == []


def test_no_file_of_tests_is_too_long() -> None:
    files = sorted((ROOT / "tests").rglob("*.py"))
    assert len(files) > 100
    assert long_files({str(file): file.read_text("utf-8") for file in files}) == []


def test_no_function_is_too_long() -> None:
    assert long_functions(measured()) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_nine_in_ten_functions_are_short(package: str) -> None:
    length = usual_length(tuple(code for code in measured() if code.package == package))
    assert length <= USUAL_FUNCTION_LINES


def test_what_is_too_long_would_be_found() -> None:
    long = module("def f():\n" + "    x = 1\n" * FILE_LINES)
    assert long_files({long.path: long.text})
    assert long_functions((long,))
    many = module("".join(f"def f{n}():\n" + "    x = 1\n" * 35 for n in range(10)))
    assert not long_functions((many,))
    assert usual_length((many,)) > USUAL_FUNCTION_LINES
