"""HTML is escaped, whatever the data says."""

import pytest
from dash import dcc, html
from markupsafe import Markup

from dashboard.components import sparkline
from dashboard.format import Hidden
from dashboard.language import speaking
from dashboard.markup import Static, first_paint, tag
from dashboard.sheets import Column, Sheet, as_csv, table

EVIL = '<script>alert("x")</script>'


def test_text_and_attributes_are_escaped() -> None:
    written = tag("a", EVIL, href='"><script>')
    assert "<script>" not in written
    assert written == ('<a href="&#34;&gt;&lt;script&gt;">&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;</a>')


def test_attributes_can_be_left_out_or_have_no_value() -> None:
    assert tag("input", type="date", required=True, disabled=False, name=None) == '<input type="date" required>'
    assert tag("p", None, ["a", tag("b", "c")], class_="x") == '<p class="x">a<b>c</b></p>'


def test_static_refuses_text_that_was_not_escaped() -> None:
    with pytest.raises(TypeError, match="Markup"):
        Static("plain")  # type: ignore[arg-type]


def test_the_first_paint_is_the_tree_with_empty_boxes_for_charts() -> None:
    graph = dcc.Graph(className="chart", style={"height": "9px"})
    tree = html.Div([Static(Markup("<b>x</b>")), graph, "<"], id="a", **{"aria-label": '"'})
    assert first_paint(tree) == (
        '<div id="a" aria-label="&#34;"><div class="static"><b>x</b></div>'
        '<div class="chart is-waiting" style="height:9px"></div>&lt;</div>'
    )


def test_a_table_escapes_names_and_shows_hidden_counts() -> None:
    sheet = Sheet([Column("name", EVIL), Column("n", "n", "count")], [{"name": EVIL, "n": Hidden()}])
    written = table(sheet, caption=EVIL)
    assert "<script" not in written
    assert '<td class="n">few</td>' in written


def test_csv_is_what_spreadsheets_of_the_language_expect() -> None:
    sheet = Sheet(
        [Column("name", "Name"), Column("czk", "CZK", "czk"), Column("n", "n", "count")],
        [{"name": "=1+1", "czk": -1.5, "n": Hidden()}, {"name": "b", "czk": None, "n": 3}],
    )
    with speaking("cs"):
        assert as_csv(sheet).decode("utf-8-sig") == "Name;CZK;n\r\n'=1+1;-1,5;málo\r\nb;;3\r\n"
    with speaking("en"):
        assert as_csv(sheet).decode("utf-8-sig") == "Name,CZK,n\r\n'=1+1,-1.5,few\r\nb,,3\r\n"


def test_a_sparkline_needs_two_points() -> None:
    assert sparkline([1]) is None
    assert sparkline([None, Hidden()]) is None
    assert "data:image/svg+xml;base64," in str(sparkline([1, 2, 3]))
