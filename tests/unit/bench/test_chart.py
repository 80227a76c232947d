"""The picture of the scaling."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from bench.chart import HEIGHT, WIDTH, svg
from bench.scaling import Curve, Panel
from hypothesis import given
from hypothesis import strategies as st

SVG = "{http://www.w3.org/2000/svg}"
LEVELS = (1, 4, 16, 64, 256)

names = st.text(st.characters(blacklist_categories=["Cc", "Cs"], blacklist_characters="\ufffe\uffff"), max_size=20)
points = st.dictionaries(st.sampled_from(LEVELS), st.floats(min_value=0.5, max_value=1e6), min_size=1)
curves = st.lists(st.builds(Curve, names, points), min_size=1, max_size=5).map(tuple)
panels = st.lists(st.builds(Panel, names, curves), min_size=1, max_size=3)


@given(panels, names)
def test_the_picture_is_well_formed_and_shows_every_point_inside(shown: list[Panel], title: str) -> None:
    """Whatever the curves and their names are: XML, a dot for each value, none outside the picture."""
    root = ET.fromstring(svg(shown, title))  # noqa: S314  ours
    assert root.tag == f"{SVG}svg"
    assert root.get("width") == str(WIDTH * len(shown))
    dots = list(root.iter(f"{SVG}circle"))
    assert len(dots) == sum(len(curve.points) for panel in shown for curve in panel.curves)
    for dot in dots:
        assert 0 <= float(dot.get("cx", "nan")) <= WIDTH
        assert 0 <= float(dot.get("cy", "nan")) <= HEIGHT


def test_names_are_told_word_for_word() -> None:
    """What XML would take for markup reads as it was given."""
    root = ET.fromstring(svg([Panel("a < b", (Curve("x & y", {1: 10.0}),))], "t > u"))  # noqa: S314  ours
    texts = {element.text for element in root.iter()}
    assert {"a < b", "x & y", "t > u"} <= texts


def test_more_microseconds_are_higher_up() -> None:
    """The axis goes upwards, and levels go to the right, in whatever order they were measured."""
    root = ET.fromstring(svg([Panel("p", (Curve("c", {64: 900.0, 1: 30.0, 16: 200.0}),))], "t"))  # noqa: S314  ours
    places = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in root.iter(f"{SVG}circle")]
    assert places == sorted(places)
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)


def test_a_name_has_one_colour_in_all_panels() -> None:
    """What is blue in one panel is not green in the next, and two names of a panel differ."""
    havn, raw, extra = (Curve(name, {1: 10.0}) for name in ("havn", "raw", "extra"))
    root = ET.fromstring(svg([Panel("p", (havn, raw)), Panel("q", (havn, extra, raw))], "t"))  # noqa: S314  ours
    colours = [dot.get("fill") for dot in root.iter(f"{SVG}circle")]
    assert (colours[0], colours[1]) == (colours[2], colours[4])
    assert len(set(colours)) == 3
