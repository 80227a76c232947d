"""Draws curves as SVG, in plain text: a logarithmic axis upwards, one step a level to the right."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.scaling import Curve, Panel

WIDTH: Final = 420
HEIGHT: Final = 360
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 48, 96
"""Room around the curves of a panel, in pixels; the legend is below."""

COLOURS: Final = ("#0072b2", "#009e73", "#d55e00", "#cc79a7")  # told apart by the colour-blind too


def svg(panels: Sequence[Panel], title: str) -> str:
    """A picture of all panels, side by side on one scale.

    Args:
        panels: At least one, with at least one curve; microseconds by level.
        title: What it shows, for those who can't see it as well.
    """
    values = [value for panel in panels for curve in panel.curves for value in curve.points.values()]
    scale = _Scale(min(values), max(values))
    names = dict.fromkeys(curve.name for panel in panels for curve in panel.curves)
    colours = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(names)}
    size = f'width="{WIDTH * len(panels)}" height="{HEIGHT}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for number, panel in enumerate(panels):
        lines += [f'<g transform="translate({number * WIDTH} 0)">', *_panel(panel, scale, colours), "</g>"]
    return "\n".join([*lines, "</svg>", ""])


class _Scale:
    """From microseconds to pixels, over whole powers of ten."""

    def __init__(self, least: float, most: float) -> None:
        self.low = math.floor(math.log10(least))
        self.high = max(math.ceil(math.log10(most)), self.low + 1)

    def y(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 1)

    def ticks(self) -> Iterator[float]:
        for power in range(self.low, self.high):
            yield from (10.0**power * step for step in (1, 2, 5))
        yield 10.0**self.high


def _panel(panel: Panel, scale: _Scale, colours: dict[str, str]) -> Iterator[str]:
    levels = sorted({level for curve in panel.curves for level in curve.points})
    places = {level: _x(number, len(levels)) for number, level in enumerate(levels)}
    yield f'<text x="{LEFT}" y="24" font-size="14" font-weight="bold">{escape(panel.title)}</text>'
    yield f'<text x="{LEFT}" y="40" fill="#555">µs of CPU time a call, by calls at once</text>'
    for tick in scale.ticks():
        y = scale.y(tick)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end" fill="#555">{tick:g}</text>'
    for level, x in places.items():
        yield f'<text x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#555">{level}</text>'
    for number, curve in enumerate(panel.curves):
        yield from _curve(curve, places, scale, colours[curve.name], number)


def _x(number: int, count: int) -> float:
    return round(LEFT + 12 + number * (WIDTH - LEFT - RIGHT - 24) / max(count - 1, 1), 1)


def _curve(curve: Curve, places: dict[int, float], scale: _Scale, colour: str, number: int) -> Iterator[str]:
    points = [(places[level], scale.y(value), level, value) for level, value in sorted(curve.points.items())]
    path = " ".join(f"{x},{y}" for x, y, _, _ in points)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, y, level, value in points:
        tip = f"{curve.name}, {level} at once: {value:.0f} µs"
        yield f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"><title>{escape(tip)}</title></circle>'
    x, y = LEFT + number % 2 * 160, HEIGHT - BOTTOM + 44 + number // 2 * 20
    yield f'<rect x="{x}" y="{y - 9}" width="18" height="4" fill="{colour}"/>'
    yield f'<text x="{x + 24}" y="{y - 2}">{escape(curve.name)}</text>'
