"""The HTML picture in a real browser, opened from disk with no network."""

import re
import shutil

import pytest
from playwright import sync_api

from cmdb.pictures import FORMATS
from tests.radii import picture, picture_from, rows_of

CHROMIUM = shutil.which("chromium") or "chromium"  # a system package: see scripts/
CASES = [(30, "en"), (300, "zh"), (3_000, "en"), (3_000, "zh")]


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a picture; afterwards nothing was complained about or fetched."""
    complaints, requests = [], []
    page = browser.new_page(viewport={"width": 1600, "height": 900})
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("request", lambda request: requests.append(request.url))
    file = tmp_path / "picture.html"

    def open_picture(shown, language="en"):
        file.write_text(FORMATS["html"](shown, language), encoding="utf-8")
        page.goto(file.as_uri())
        return page

    yield open_picture
    page.close()
    assert complaints == []
    assert requests == [file.as_uri()]


def transform(page):
    return page.locator("#view").get_attribute("transform")


def scale(page):
    return float(re.search(r"scale\(([\d.]+)\)", transform(page))[1])


OVERFLOWING = """() => [...document.querySelectorAll('#view .box')].flatMap((box) => {
  const frame = box.querySelector('.frame').getBBox();
  return [...box.querySelectorAll('.name, .about')].filter((text) => {
    const b = text.getBBox();
    return b.x < frame.x || b.x + b.width > frame.x + frame.width
      || b.y < frame.y - 1 || b.y + b.height > frame.y + frame.height + 1;
  }).map((text) => text.textContent);
})"""
BADGES = """() => [...document.querySelectorAll('#view .badge')].filter((badge) => {
  const text = badge.nextElementSibling.getBBox(), pill = badge.getBBox();
  return text.x < pill.x || text.x + text.width > pill.x + pill.width;
}).length"""


@pytest.mark.parametrize(("size", "language"), CASES)
def test_text_stays_inside_its_box(opened, size, language):
    page = opened(picture(size), language)
    assert page.evaluate(OVERFLOWING) == []
    assert page.evaluate(BADGES) == 0


@pytest.mark.parametrize(("size", "language"), CASES)
def test_names_are_large_enough_to_read(opened, size, language):
    page = opened(picture(size), language)
    tall = page.locator("#view .name").first.bounding_box()["height"]
    assert tall >= 11
    first = page.locator("#view .box.failed").first.bounding_box()
    area = page.locator("#picture").bounding_box()
    assert area["y"] <= first["y"] <= area["y"] + area["height"] - first["height"]


@pytest.mark.parametrize(("size", "language"), CASES)
def test_search_finds_a_ci_and_shows_why(opened, size, language):
    shown = picture(size)
    page = opened(shown, language)
    wanted = next(node for node in reversed(shown.nodes) if node.type == "virtual_machine")
    page.keyboard.press("/")
    page.keyboard.type(wanted.key)
    assert page.locator("#results .ci bdi").first.inner_text() == wanted.name
    assert page.locator("#view .box.hit").count() >= 1
    page.locator("#results .ci").first.click()
    panel = page.locator("#panel")
    assert panel.locator("h2").inner_text() == wanted.name
    assert wanted.key in panel.inner_text()
    path = shown.whys[wanted.key]["path"]
    assert panel.locator("h3").all_inner_texts() == (
        ["原因", "路径"] if language == "zh" else ["Why", "Path"]
    )
    names = {node.key: node.name for node in shown.nodes}
    listed = panel.locator(".ci bdi").all_inner_texts()
    assert listed[-len(path) :] == [names[key] for key in path]
    assert page.locator("#view .box.chosen").count() == 1
    assert page.locator("#view .link.lit").count() == len(path) - 1


def test_a_folded_box_lists_its_cis(opened):
    shown = picture(3_000)
    page = opened(shown)
    box = page.locator("#view .box.folded").first
    count = int(box.locator(".name").text_content().rpartition("× ")[2].replace(",", ""))
    box.dispatch_event("click")
    while (more := page.locator("#panel .more")).count():
        more.click()
    entries = page.locator("#panel .ci")
    assert entries.count() == count
    name = entries.nth(1).locator("bdi").inner_text()
    entries.nth(1).click()
    assert page.locator("#panel h2").inner_text() == name


def test_buttons_wheel_and_drag_move_the_picture(opened):
    page = opened(picture(300))
    before = scale(page)
    page.click("#zoom-in")
    assert scale(page) > before
    page.click("#zoom-out")
    assert scale(page) == pytest.approx(before)
    page.mouse.move(800, 600)
    page.mouse.wheel(0, -200)
    page.wait_for_function(f"document.querySelector('#view').getCTM().a > {before}")
    page.click("#fit")
    whole = page.locator("#view").bounding_box()
    assert whole["width"] <= 1600
    still = transform(page)
    page.mouse.move(800, 700)
    page.mouse.down()
    page.mouse.move(700, 650)
    page.mouse.up()
    assert transform(page) != still
    assert page.locator("#why").is_hidden()


def test_the_keyboard_is_enough(opened):
    page = opened(picture(300), "zh")
    before = scale(page)
    page.keyboard.press("+")
    assert scale(page) > before
    page.keyboard.press("-")
    moved = transform(page)
    page.keyboard.press("ArrowRight")
    assert transform(page) != moved
    page.locator("#view .box").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("#why").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#why").is_hidden()
    page.keyboard.press("/")
    page.keyboard.type("+0-")
    assert page.locator("#search").input_value() == "+0-"
    assert page.locator("#results p").inner_text() == "没有找到"


def test_hostile_names_stay_text(opened):
    name = "</script><img src=x onerror=alert(1)><style>*{display:none}</style>‮abc"
    key = f"{name}'\"&amp;"
    rows = [row | {"name": name, "key": key, "path": ["ups-a", key]} for row in rows_of(1)]
    page = opened(picture_from(rows))
    page.locator("#view .box").last.click()
    assert page.locator("#panel h2").inner_text() == name.replace("\u202e", "\ufffd")
    assert page.locator("img").count() == 0


def test_a_page_that_leaves_cis_out_still_answers(opened, monkeypatch):
    monkeypatch.setattr("cmdb.pictures.html.SEARCHABLE", 10)
    page = opened(picture(300))
    for box in page.locator("#view .box").all():
        box.dispatch_event("click")
        assert page.locator("#why").is_visible()
    assert "Only the 10 worst" in page.locator("#panel").inner_text()


def test_hidden_cis_reveal_nothing(opened):
    hidden = {"hidden": True}
    rows = [row | {"path": ["ups-a", hidden, row["key"]], "distance": 2} for row in rows_of(1)]
    cause = {"rule": "redundancy", "group": "power", "from": [hidden]}
    page = opened(picture_from([row | {"causes": [cause]} for row in rows]))
    page.locator("#view .box.hidden").click()
    assert page.locator("#panel").inner_text().split("\n")[-1] == "not visible to you"
    page.locator("#view .box").last.click()
    assert page.locator("#panel p").all_inner_texts()[1:] == ["not visible to you"] * 2
