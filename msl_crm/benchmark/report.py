"""The figures as a table, each beside its target."""

from __future__ import annotations

from collections.abc import Iterator

from msl_crm.benchmark.measure import Result

STEEPEST = 1.2
MOST_MEMORY = 400
HEAD = ("Page", "SQL", "Median", "At 8 clients", "CPU", "Hand-written", "Page/SQL", "Slope")
WIDTHS = (28, 8, 18, 13, 8, 12, 8, 6)


def table(results: list[Result]) -> Iterator[str]:
    """One line per page; `!` marks a missed target."""
    yield _line(HEAD)
    yield "─" * (sum(WIDTHS) + 2 * len(WIDTHS))
    for one in results:
        page = one.page
        yield _line(
            (
                page.name,
                _at_most(one.statements, page.statements, "d"),
                f"{_at_most(one.median, page.median, '.1f')} ms",
                f"{_at_least(one.rate, page.rate)} /s" if page.rate else "–",
                f"{one.cpu:.1f} ms" if one.cpu is not None else "–",
                f"{one.sql:.1f} ms",
                f"{one.ratio:.1f}",
                _at_most(one.slope, STEEPEST, ".2f", short=True) if one.slope else "–",
            )
        )


def memory(peak: int | None) -> str:
    if peak is None:
        return "Peak memory of the web server: not told by this system"
    return f"Peak memory of the web server: {_at_most(peak, MOST_MEMORY, 'd')} MiB"


def _line(cells: tuple[str, ...]) -> str:
    first, *rest = cells
    return first.ljust(WIDTHS[0]) + "".join(
        f"  {cell:>{width}}" for cell, width in zip(rest, WIDTHS[1:], strict=True)
    )


def _at_most(value: float, limit: float | None, form: str, *, short: bool = False) -> str:
    if limit is None:
        return f"{value:{form}}"
    mark = "!" if value > limit else ""
    return f"{mark}{value:{form}}" + ("" if short else f" (≤{limit:g})")


def _at_least(value: float, limit: float) -> str:
    return f"{'!' if value < limit else ''}{value:.0f} (≥{limit:g})"
