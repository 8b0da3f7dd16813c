from xml.etree import ElementTree as ET

import pytest
from django.utils.translation import override

from dashboards import charts as drawing
from dashboards.charts import Chart, Part, Stack, WeekBar, group_chart, rank_chart, share_chart, supply_chart

BARS = [WeekBar("v. 9", 10, 12, current=True), WeekBar("10", 8, 2), WeekBar("11", 0, 0, closed=True)]
STACKS = [Stack("Norräng <b>", [Part("Val 1", 9), Part("Val 2–3", 5), Part("Utan plats", 3)])]


def charts() -> list[Chart]:
    return [
        supply_chart(BARS, "Platser"),
        rank_chart(STACKS, "Val", last_is_missing=True),
        group_chart(STACKS, "Kön"),
        share_chart([("It", 0.5)], "Beläggning"),
    ]


def test_charts_hold_nothing_that_the_content_security_policy_refuses() -> None:
    for chart in charts():
        for picture in (chart.light, chart.dark):
            root = ET.fromstring(picture)
            nodes = list(root.iter())
            assert not [node.tag for node in nodes if node.tag.endswith(("style", "script"))]
            assert not [node for node in nodes if "style" in node.attrib or "role" in node.attrib]
            assert root.get("aria-hidden") == "true"


def test_charts_share_no_ids() -> None:
    found = [
        node.get("id")
        for chart in charts()
        for picture in (chart.light, chart.dark)
        for node in ET.fromstring(picture).iter()
        if node.get("id")
    ]

    assert len(found) == len(set(found))


def test_supply_chart_keeps_text_as_text_in_the_order_of_the_weeks() -> None:
    bars = [WeekBar("v. 9", 80, 92, current=True), WeekBar("10", 70, 2), WeekBar("11", 0, 0, closed=True)]
    texts = [node.text for node in ET.fromstring(supply_chart(bars, "Platser").light).iter() if node.text]

    wanted = ("v. 9", "10", "11", "lov", "\u221212")
    assert [text for text in texts if text in wanted] == ["lov", "\u221212", "v. 9", "10", "11"]


def test_rank_chart_names_its_colours() -> None:
    chart = rank_chart(STACKS, "Val", last_is_missing=True)

    assert [(key.label, key.mark) for key in chart.keys] == [
        ("Val 1", "rank1"),
        ("Val 2–3", "rank2"),
        ("Utan plats", "missing"),
    ]


def test_numbers_are_left_out_where_a_part_is_not_numbered() -> None:
    stack = Stack("Norräng", [Part("Val 1", 9), Part("Övriga", 3, numbered=False)])
    texts = [node.text for node in ET.fromstring(group_chart([stack], "Val").light).iter() if node.text]

    assert texts == ["Norräng", "9"]


def test_a_chart_is_written_once_for_each_language(monkeypatch: pytest.MonkeyPatch) -> None:
    swedish = supply_chart(BARS, "Platser")
    with override("en"):
        english = supply_chart(BARS, "Places")
    monkeypatch.delattr(drawing, "_supply_spec")

    assert "lov" in swedish.light
    assert "lov" not in english.light
    assert supply_chart(BARS, "Andra") == Chart("Andra", swedish.light, swedish.dark)


def test_charts_that_show_different_things_are_not_taken_for_each_other() -> None:
    pictures = [
        rank_chart(STACKS, "Val", last_is_missing=True),
        rank_chart(STACKS, "Val", last_is_missing=False),
        group_chart(STACKS, "Val"),
    ]

    assert len({chart.light for chart in pictures}) == 3
