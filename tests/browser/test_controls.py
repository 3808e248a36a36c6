"""What a reader can do on the pages: sort tables and look at pictures, by mouse and by keyboard."""

import re

import pytest
from conftest import PAGES, PHONE


# Of each table, of each column: its cells, and after each of two clicks on its head what is said of the order, and cells.
EVERY_COLUMN_TWICE = """tables => tables.map(table => [...table.tHead.rows[0].cells].map((head, index) => {
  const cells = () => [...table.tBodies[0].rows].map(row => row.cells[index].textContent.trim());
  const click = () => {
    head.querySelector('button').click();
    return [[...table.querySelectorAll('[aria-sort]')].map(sorted => sorted === head && sorted.ariaSort), cells()];
  };
  return [cells(), click(), click()];
}))"""


def column(table, index):
    return table.locator("tbody tr").evaluate_all(f"rows => rows.map(row => row.cells[{index}].textContent.trim())")


def numbers(texts):
    return [float(re.match(r"-?[\d.]+", re.sub(r"\s", "", text))[0]) for text in texts if text != "\u2013"]


@pytest.mark.parametrize("name", PAGES)
def test_every_table_of_numbers_sorts_by_every_column(open_page, name):
    tables = open_page(name).locator("table.sortable").evaluate_all(EVERY_COLUMN_TWICE)
    assert len(tables) >= 3
    for before, (first, up), (second, down) in (column for table in tables for column in table):
        assert (first, second) == (["ascending"], ["descending"])  # of this column alone
        assert sorted(up) == sorted(down) == sorted(before)
        missing = up.count("\u2013")
        assert up[len(up) - missing:] == down[len(down) - missing:] == ["\u2013"] * missing
        if all(re.match(r"-?\d", text) for text in up if text != "\u2013"):
            assert numbers(up) == sorted(numbers(up)) and numbers(down) == sorted(numbers(up), reverse=True)


def test_rows_stay_whole_and_the_mean_stays_last(open_page):
    table = open_page("report").get_by_role("table", name="Seconds per epoch")
    rows = sorted(table.locator("tbody tr").all_inner_texts())
    foot = table.locator("tfoot").inner_text()
    table.get_by_role("button", name="Whole").click()
    assert sorted(table.locator("tbody tr").all_inner_texts()) == rows
    assert table.locator("tfoot").inner_text() == foot and foot.startswith("Mean")


def test_tables_sort_by_keyboard(open_page):
    page = open_page("report")
    table = page.get_by_role("table", name="Seconds per scene")
    table.get_by_role("button", name="Scene").focus()
    page.keyboard.press("Tab")  # on to "Reading", and "Computing"
    page.keyboard.press("Tab")
    head = table.get_by_role("columnheader", name="Computing")
    for key, order in (("Enter", "ascending"), ("Space", "descending")):
        page.keyboard.press(key)
        assert head.get_attribute("aria-sort") == order
        found = numbers(column(table, 2))
        assert found == sorted(found, reverse=order == "descending")


def test_wide_tables_scroll_by_keyboard(open_page):
    page = open_page("report", viewport=PHONE)
    box = page.get_by_role("group", name="Masks against truth", exact=True)
    box.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("box => box.scrollLeft > 0", arg=box.element_handle())


@pytest.mark.parametrize("name", ["report", "compare"])
def test_every_picture_is_loaded_and_described(open_page, name):
    page = open_page(name)
    pictures = page.locator("figure").evaluate_all("""figures => figures.map(figure => {
      const image = figure.querySelector('img');
      return [image.complete && image.naturalWidth > 0, image.alt, figure.querySelector('figcaption').textContent];
    })""")
    assert len(pictures) == {"report": 100, "compare": 60}[name]
    assert all(loaded and alt.startswith(caption) and ".hdf" in alt for loaded, alt, caption in pictures)
    assert len({alt for _, alt, _ in pictures}) == len(pictures)


@pytest.mark.parametrize("name", ["report", "compare"])
def test_pictures_open_move_and_close_by_keyboard(open_page, name):
    page = open_page(name)
    described = page.locator(".pictures img").evaluate_all("images => images.map(image => image.alt)")
    viewer = page.get_by_role("dialog")
    assert viewer.count() == 0
    page.locator(".pictures").get_by_role("button").nth(1).focus()
    page.keyboard.press("Enter")
    shown = viewer.locator("p").first
    assert viewer.is_visible() and shown.text_content() == f"{described[1]} (2 of {len(described)})"
    for key, index in (("ArrowRight", 2), ("ArrowLeft", 1), ("ArrowLeft", 0), ("ArrowLeft", -1), ("ArrowRight", 0),
                       ("End", -1), ("Home", 0), ("Enter", 1)):  # Enter: on "Next"
        page.keyboard.press(key)
        assert shown.text_content().startswith(described[index] + " (")
    page.keyboard.press("Escape")
    assert viewer.count() == 0
    assert page.evaluate("document.activeElement.firstChild.alt") == described[1]


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 800}, PHONE])
def test_an_opened_picture_fits_the_window(open_page, viewport):
    page = open_page("report", viewport=viewport)
    picture = page.locator(".pictures").get_by_role("button").first
    small = picture.bounding_box()
    picture.click()
    viewer = page.get_by_role("dialog")
    box = viewer.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= viewport["width"]
    assert box["y"] >= 0 and box["y"] + box["height"] <= viewport["height"]
    large = viewer.locator("img").bounding_box()
    assert large["width"] > 1.5 * small["width"] and large["x"] + large["width"] < box["x"] + box["width"]
    viewer.get_by_role("button", name="Next").click()
    viewer.get_by_role("button", name="Close").click()
    assert viewer.count() == 0
