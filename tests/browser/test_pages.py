"""All three pages for all readers: any colour scheme, any width, no network, no script, assistive technology."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import PAGES, PHONE, SCHEMES

MAX_PAGE_BYTES = 5_000_000

# WCAG 2: contrast of colours that getComputedStyle gives.
CONTRAST = """([svg, selector, property]) => {
  const luminance = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(value => value / 255)
      .map(value => value <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const ground = luminance(getComputedStyle(svg).backgroundColor);
  return [...svg.querySelectorAll(selector)].map(element => {
    const light = luminance(getComputedStyle(element)[property]);
    return (Math.max(ground, light) + .05) / (Math.min(ground, light) + .05);
  });
}"""


def test_twenty_scenes_stay_below_five_megabytes(files, open_page):
    assert files["report"].stat().st_size < MAX_PAGE_BYTES
    page = open_page("report")
    assert page.locator("article").count() == 20
    widths = page.locator(".pictures img").evaluate_all("images => images.map(image => image.naturalWidth)")
    assert len(widths) == 20 * 5 and set(widths) == {240}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation(open_page, name, scheme):
    page = open_page(name, color_scheme=scheme)
    for details in page.locator("details").all():
        details.evaluate("details => details.open = true")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert {"color-contrast", "image-alt", "svg-img-alt"} & {rule["id"] for rule in results.response["passes"]}


@pytest.mark.parametrize("name", PAGES)
def test_dark_is_dark_and_light_is_light(open_page, name):
    ground = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number).reduce((a, b) => a + b) / 3"
    assert open_page(name, color_scheme="dark").evaluate(ground) < 40
    assert open_page(name, color_scheme="light").evaluate(ground) > 230


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", PAGES)
def test_charts_have_a_name_and_are_readable(open_page, name, scheme):
    page = open_page(name, color_scheme=scheme)
    charts = page.get_by_role("img").and_(page.locator("svg"))
    assert charts.count() == {"report": 3, "compare": 6, "scaling": 6}[name]
    for chart in charts.all():
        title = chart.locator(".title").text_content()
        assert title and re.match(re.escape(title) + r": .+: -?\d", chart.get_attribute("aria-label"))
        assert min(chart.evaluate(f"svg => ({CONTRAST})([svg, 'text', 'fill'])")) >= 4.5
        assert min(chart.evaluate(f"svg => ({CONTRAST})([svg, 'polyline', 'stroke'])")) >= 3
        box = chart.bounding_box()
        for text in chart.locator("text").all():
            inner = text.bounding_box()
            assert inner["x"] >= box["x"] and inner["x"] + inner["width"] <= box["x"] + box["width"] + 1, text.text_content()


def test_a_charts_name_tells_where_its_lines_begin_and_end(open_page):
    label = open_page("report").locator("svg").first.get_attribute("aria-label")
    assert re.fullmatch(r"Accuracy against the labels: accuracy over epoch; training: [\d.]+ % to [\d.]+ %; "
                        r"test: [\d.]+ % to [\d.]+ %", label.replace("\xa0", " ")), label
    label = open_page("compare").locator("svg").first.get_attribute("aria-label")
    assert re.fullmatch(r"All scenes: Accuracy: labels: 0.\d+, 0.\d+ to 0.\d+; network: .*; threshold: .*", label), label


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_scrolls_down_only(open_page, name):
    page = open_page(name, viewport=PHONE)
    for details in page.locator("details").all():
        details.evaluate("details => details.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.mouse.wheel(300, 0)
    assert page.evaluate("window.scrollX") == 0


@pytest.mark.parametrize("name", PAGES)
def test_without_script_all_content_is_there(open_page, name):
    def content(**options):
        page = open_page(name, **options)
        return (page.locator("main").inner_text(), page.locator("main img").count(), page.locator("main svg").count(),
                page.locator("main table").count())

    text, *counts = content(java_script_enabled=False)
    with_script, *others = content()
    assert counts == others and text.split() == with_script.split()


@pytest.mark.parametrize("name", PAGES)
def test_the_navigation_leads_to_every_section(open_page, name):
    page = open_page(name)
    links = page.get_by_role("navigation").get_by_role("link").all()
    headings = page.locator("h2").evaluate_all("headings => headings.map(heading => heading.id)")
    assert [link.get_attribute("href") for link in links] == [f"#{heading}" for heading in headings]
    for link in links:
        link.click()
        assert page.locator(f"h2{link.get_attribute('href')}").is_visible()
    assert len(set(headings)) == len(headings)


def test_the_page_forbids_itself_to_load_anything(browser, files):
    page = browser.new_context().new_page()
    page.goto(files["report"].as_uri())
    blocked = page.evaluate("""() => new Promise(resolve => {
      document.addEventListener('securitypolicyviolation', event => resolve([event.blockedURI, event.disposition]));
      document.body.append(Object.assign(document.createElement('img'), {src: 'http://192.0.2.1/x.png'}));
    })""")
    assert blocked == ["http://192.0.2.1/x.png", "enforce"]
    page.context.close()
