"""SVG by hand: boxes, arrows and words in two themes, with no font, program or library to depend on.

A picture stands on a card of its own, so that it reads on any page; the card is light, or dark where the
reader's system is. The text is text: it can be selected, searched and read aloud.
"""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

WIDTHS: Final = {"normal": 0.56, "bold": 0.6, "code": 0.61}
"""How wide a character is at the most in the mean, in font sizes, in the fonts that readers have."""

STYLE: Final = """\
text { font: 14px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; fill: #1d2b26; }
.code { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
.bold { font-weight: 600; }
.soft { fill: #54655e; }
.card { fill: #fbfdfc; stroke: #d5e0db; }
.box { fill: #ffffff; stroke: #9db5aa; }
.ours { fill: #e3f4ec; stroke: #0b6e4f; }
.theirs { fill: #eaf0fb; stroke: #3f62a8; }
.paid { fill: #fff5dc; stroke: #b3831b; }
.line { stroke: #54655e; stroke-width: 1.5; fill: none; }
.head { fill: #54655e; }
@media (prefers-color-scheme: dark) {
  text { fill: #e4ece8; }
  .soft, .head { fill: #a3b5ac; }
  .card { fill: #15191a; stroke: #2f3a36; }
  .box { fill: #1d2422; stroke: #56685f; }
  .ours { fill: #12382b; stroke: #5fd3a5; }
  .theirs { fill: #1b2a4a; stroke: #8fb0f0; }
  .paid { fill: #3d2f0e; stroke: #e0b354; }
  .line { stroke: #a3b5ac; }
}"""

HEAD: Final = """\
<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0 0L10 5L0 10z" class="head"/>
</marker></defs>"""
LINE: Final = 20  # pixels from one line of text to the next
PADDING: Final = 16


class Picture:
    """A drawing of a fixed size, in pixels; what is drawn later lies above."""

    def __init__(self, width: int, height: int, title: str, description: str) -> None:
        self.width = width
        self.height = height
        self._title = title
        self._description = description
        self._parts: list[str] = []

    def text(
        self, x: float, y: float, words: str, *, style: str = "", anchor: str = "start", room: float = 0
    ) -> None:
        """Words on one line, whose baseline is at `y`.

        Args:
            x: Where they begin, or with `anchor="middle"` their middle.
            y: The baseline.
            words: What is written.
            style: `bold`, `code` and `soft`, of which several may stand together.
            anchor: `start`, `middle` or `end`.
            room: How wide they may be at the most; the picture's width when 0.

        Raises:
            ValueError: They do not fit.
        """
        size = 13 if "code" in style else 14
        kind = next((each for each in ("code", "bold") if each in style), "normal")
        width = len(words) * size * WIDTHS[kind]
        if width > (room or self.width):
            raise ValueError(f"{words!r} takes some {width:.0f} pixels and has {room or self.width:.0f}")
        named = f' class="{style}"' if style else ""
        placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._parts.append(f'<text x="{x:g}" y="{y:g}"{named}{placed}>{escape(words)}</text>')

    def box(
        self, x: float, y: float, width: float, height: float, lines: list[tuple[str, str]], *, kind: str = "box"
    ) -> None:
        """A box with lines of words in its middle, each with its style.

        Args:
            x: Its left side.
            y: Its top.
            width: Its width.
            height: Its height.
            lines: The words and their style, see `text`.
            kind: `box`, `ours`, `theirs` or `paid`.
        """
        self._parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="8" class="{kind}"/>'
        )
        top = y + height / 2 - len(lines) * LINE / 2 + LINE - 5
        for number, (words, style) in enumerate(lines):
            place = x + width / 2, top + number * LINE
            self.text(*place, words, style=style, anchor="middle", room=width - PADDING)

    def arrow(self, *points: tuple[float, float]) -> None:
        """A line through the points, with its head at the last one."""
        path = " ".join(f"{'M' if number == 0 else 'L'}{x:g} {y:g}" for number, (x, y) in enumerate(points))
        self._parts.append(f'<path d="{path}" class="line" marker-end="url(#head)"/>')

    def svg(self) -> str:
        """The picture as a file."""
        size = f'viewBox="0 0 {self.width} {self.height}" width="{self.width}" height="{self.height}"'
        lines = (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title description">',
            f'<title id="title">{escape(self._title)}</title>',
            f'<desc id="description">{escape(self._description)}</desc>',
            f"<style>\n{STYLE}\n</style>",
            HEAD,
            f'<rect x="0.5" y="0.5" width="{self.width - 1}" height="{self.height - 1}" rx="12" class="card"/>',
            *self._parts,
            "</svg>\n",
        )
        return "\n".join(lines)
