"""The page in Chromium: every button, every pattern, by keyboard, light and dark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from template import TEMPLATE

from .client import RunningDemo

pytestmark = pytest.mark.slow  # installs packages, starts a browser

PATTERNS = TEMPLATE.choices["pattern"]
StartDemo = Callable[..., RunningDemo]


@pytest.fixture(scope="module")
def chaining(start_demo: StartDemo, browser: object) -> Iterator[RunningDemo]:
    with start_demo("function-chaining") as demo:
        yield demo


@pytest.fixture
def shop(chaining: RunningDemo, page: Page) -> Page:
    """The page of an app whose functions are chained."""
    page.goto(chaining.origin)
    return page


def send(page: Page, order: str = "a good order") -> None:
    page.get_by_label("Order", exact=True).select_option(label=order)
    page.get_by_role("button", name="Send an order").click()
    expect(page.get_by_role("status")).to_have_text(f"Sent: {order}.")
    expect(page.locator("#facts")).to_contain_text(page.url.partition("#")[2])


def expect_status(page: Page, status: str) -> None:
    expect(page.get_by_role("heading", level=2, name=f"order-1001: {status}")).to_be_visible()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def rows(page: Page) -> list[str]:
    """Name and note of each row of the timeline."""
    labels = page.locator("#timeline .rows .label")
    return [": ".join(label.locator("span").all_inner_texts()) for label in labels.all()]


def output(page: Page) -> str:
    return page.locator("#output").inner_text()


# Each pattern ---------------------------------------------------------------------------------


def show_function_chaining(page: Page) -> None:
    send(page)
    expect_status(page, "Completed")
    assert rows(page) == [
        "orchestrator: ran 4 times from its first line",
        "validate_order: completed",
        "process_payment: completed",
        "ship_order: completed",
    ]
    assert '"success": true' in output(page)


def show_fan_out_fan_in(page: Page) -> None:
    send(page, "several items")
    expect_status(page, "Completed")
    assert rows(page)[2:5] == ["reserve_item: completed"] * 3
    reserved = [bar.bounding_box() for bar in page.locator("#timeline .bar.completed").all()[1:4]]
    starts = [box["x"] for box in reserved if box]
    assert max(starts) < min(box["x"] + box["width"] for box in reserved if box), "at once"
    assert '"reserved": 9' in output(page)


def show_human_interaction(page: Page) -> None:
    send(page, "an order that is approved")
    expect(page.locator("#custom")).to_have_text("waiting for approval")
    assert rows(page)[2:] == ["event Approval: waiting", "timer: 72 h, waiting"]
    press(page, "Raise Approval (approved: true, approver: ann)")
    expect_status(page, "Completed")
    assert rows(page)[2:4] == ["event Approval: raised", "timer: 72 h, cancelled"]
    assert '"success": true' in output(page)

    send(page, "an order that is rejected")
    expect(page.locator("#custom")).to_have_text("waiting for approval")
    press(page, "Raise Approval (approved: false, approver: ann)")
    expect_status(page, "Completed")
    assert "rejected by ann" in output(page)

    send(page, "nobody approves")
    expect(page.locator("#custom")).to_have_text("waiting for approval")
    press(page, "Skip the timer")
    expect_status(page, "Completed")
    assert "approval timed out" in output(page)
    assert rows(page)[2:] == ["event Approval: not raised", "timer: 72 h, fired"]
    expect(page.locator(".overlay .jump").last).to_have_text("+72 h")


def show_monitor(page: Page) -> None:
    send(page)
    skip = page.get_by_role("button", name="Skip the timer")
    for generation in (1, 2):
        expect(page.locator("#timeline section")).to_have_count(generation)
        expect(
            page.locator("#timeline section").last.get_by_text("30 min, waiting")
        ).to_be_visible()
        expect(page.locator("#custom")).to_have_text("in transit")
        skip.click()
    expect_status(page, "Completed")
    titles = page.locator("#timeline h3").all_inner_texts()
    continued = "continued as new, with an empty history"
    assert titles == ["Generation 1", f"Generation 2: {continued}", f"Generation 3: {continued}"]
    expect(page.locator("#custom")).to_have_text("delivered")


def show_saga(page: Page) -> None:
    send(page, "a total that the payment placeholder refuses")
    for attempt in (1, 2, 3):
        expect(page.locator(".bar.failed")).to_have_count(attempt)
        if attempt < 3:
            press(page, "Skip the timer")
    expect_status(page, "Completed")
    assert rows(page)[-2:] == ["process_payment: 3 calls, failed", "release_inventory: completed"]
    page.locator("#timeline .name", has_text="process_payment").click()
    expect(page.get_by_text("the payment provider refuses totals above").first).to_be_visible()
    assert '"compensated": [\n    "inventory"\n  ]' in output(page)


def show_aggregator(page: Page) -> None:
    send(page)
    expect_status(page, "Completed")
    assert rows(page)[-1] == "sales/A-1: add: sent"
    expect(page.locator("#entities div")).to_have_text(re.compile(r"sales/A-1.*2"))


SHOWN = {
    "function-chaining": show_function_chaining,
    "fan-out-fan-in": show_fan_out_fan_in,
    "human-interaction": show_human_interaction,
    "monitor": show_monitor,
    "saga": show_saga,
    "aggregator": show_aggregator,
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_page_shows_the_pattern(start_demo: StartDemo, page: Page, pattern: str) -> None:
    with start_demo(pattern) as demo:
        page.goto(demo.origin)
        expect(page.locator("#description")).to_have_text(f"{pattern} (python)")
        SHOWN[pattern](page)
        page.goto("about:blank")


# The buttons ----------------------------------------------------------------------------------


def test_a_failed_payment_is_called_again(shop: Page) -> None:
    press(shop, "Fail the next payment")
    expect(shop.locator("#failures")).to_have_text("1 of the next calls will fail")
    send(shop)
    expect(shop.get_by_title("pause of 5 s: pause")).to_be_visible()
    press(shop, "Skip the timer")
    expect_status(shop, "Completed")

    assert rows(shop)[2] == "process_payment: 2 calls, completed"
    expect(shop.locator("#failures")).to_have_text("")
    expect(shop.get_by_role("button", name="Skip the timer")).to_be_disabled()


def kill_and_start(demo: RunningDemo, page: Page, activity: str) -> None:
    """Kill the worker while the second activity runs, start another, and see the order end."""
    pace = page.get_by_label("An activity takes")
    pace.select_option("3")
    before = demo.live.worker.pid
    send(page)
    expect(
        page.locator("#timeline .rows li", has_text=activity).locator(".running")
    ).to_be_visible()
    press(page, "Kill the worker")
    pace.select_option("0.2")
    expect(page.locator("#worker")).to_have_text(
        "The worker has ended: nothing runs, the history is kept"
    )
    expect(page.get_by_role("button", name="Send an order")).to_be_disabled()
    expect(page.locator(".bar.lost")).to_have_count(1)
    expect_status(page, "Running")

    press(page, "Start the worker")
    expect(page.get_by_role("button", name="Kill the worker")).to_be_focused()
    expect_status(page, "Completed")
    assert rows(page)[2] == f"{activity}: 2 calls, completed"
    expect(page.locator(".bar.lost + .bar")).to_have_attribute(
        "title", re.compile("^attempt 1 again")
    )
    expect(page.locator("#worker")).to_have_text(
        f"The worker runs as process {demo.live.worker.pid}"
    )
    assert demo.live.worker.pid != before


def test_a_killed_worker_is_started_again(chaining: RunningDemo, shop: Page) -> None:
    kill_and_start(chaining, shop, "process_payment")


def test_a_killed_worker_is_started_again_in_typescript(start_demo: StartDemo, page: Page) -> None:
    with start_demo("function-chaining", language="typescript") as demo:
        page.goto(demo.origin)
        kill_and_start(demo, page, "processPayment")
        page.goto("about:blank")


def test_an_older_instance_can_be_chosen(chaining: RunningDemo, shop: Page) -> None:
    first, second = chaining.order(id="order-1"), chaining.order(id="order-2")
    chaining.finish(first), chaining.finish(second)
    shop.reload()
    expect(shop.get_by_role("heading", level=2, name="order-2: Completed")).to_be_visible()
    shop.get_by_role("button", name="order-1 Completed").click()

    expect(shop.get_by_role("heading", level=2, name="order-1: Completed")).to_be_visible()
    expect(shop.locator("[aria-current=true] .order")).to_have_text("order-1")
    assert shop.url.endswith(f"#{first}")
    shop.reload()
    expect(shop.get_by_role("heading", level=2, name="order-1: Completed")).to_be_visible()
    shop.get_by_role("link", name="Status and history").click()
    expect(shop.locator("body")).to_contain_text('"historyEvents"')


def test_the_page_says_that_the_host_is_gone(shop: Page, page_errors: list[str]) -> None:
    expect(shop.locator("#worker")).to_have_text(re.compile("runs as process"))
    shop.route("**/demo/**", lambda route: route.abort("connectionrefused"))
    gone = "The host does not respond. Start it again: make demo"
    expect(shop.get_by_role("status")).to_have_text(gone)
    shop.unroute_all()
    expect(shop.get_by_role("status")).to_have_text("")
    assert set(page_errors) == {"Failed to load resource: net::ERR_CONNECTION_REFUSED"}
    page_errors.clear()


# Access -----------------------------------------------------------------------------------------


def test_everything_can_be_reached_and_used_by_keyboard(chaining: RunningDemo, shop: Page) -> None:
    chaining.finish(chaining.order())
    shop.reload()
    expect_status(shop, "Completed")
    usable = shop.locator(
        "button:enabled:visible, select:visible, summary:visible, a[href]:visible"
    )
    expected = usable.count()
    reached, invisible = set(), []
    for _ in range(expected * 2):
        shop.keyboard.press("Tab")
        focused = shop.evaluate(
            """() => {
              const all = [...document.querySelectorAll('button, select, summary, a[href]')];
              const style = getComputedStyle(document.activeElement);
              return [all.indexOf(document.activeElement), style.outlineStyle, style.outlineWidth];
            }"""
        )
        if focused[0] >= 0:
            reached.add(focused[0])
            invisible += [focused] if focused[1] == "none" or focused[2] == "0px" else []

    assert len(reached) == expected > 10
    assert invisible == []

    shop.locator("#send button").focus()
    shop.keyboard.press("Enter")
    expect(shop.get_by_role("status")).to_have_text("Sent: a good order.")
    expect(shop.locator("#facts")).to_contain_text(shop.url.partition("#")[2])
    shop.locator("#timeline summary").first.focus()
    shop.keyboard.press("Enter")
    expect(shop.get_by_text("run 1 at 0.0 s: started")).to_be_visible()
    expect_status(shop, "Completed")
    expect(shop.get_by_text("run 4 at"), "the row remains open").to_be_visible()
    expect(shop.locator("#timeline summary").first, "the focus remains").to_be_focused()


def test_every_control_has_a_name(chaining: RunningDemo, shop: Page) -> None:
    chaining.finish(chaining.order())
    shop.reload()
    expect_status(shop, "Completed")
    snapshot = shop.locator("body").aria_snapshot()

    controls = re.findall(r"- (button|combobox|link|textbox)\b(.*)", snapshot)
    assert len(controls) > 8
    assert [control for control in controls if '"' not in control[1]] == []
    assert re.findall(r"- heading \"(.*?)\" \[level=1\]", snapshot) == ["Order Workflow"]
    assert 'region "Controls"' in snapshot
    assert shop.locator("html").get_attribute("lang") == "en"


CONTRASTS = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (color) =>
    rgb(color).slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const background = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgb(color)[3] === 255) return color;
    }
    return 'white';
  };
  const found = [];
  for (const element of document.body.querySelectorAll('*')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest(':disabled')) continue;
    const shades = [luminance(getComputedStyle(element).color), luminance(background(element))];
    const [dark, light] = shades.sort((one, two) => one - two);
    const name = `${element.tagName} ${element.className} ${element.textContent.trim()}`;
    found.push([name, (light + 0.05) / (dark + 0.05)]);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_both_color_schemes(
    chaining: RunningDemo, shop: Page, scheme: str
) -> None:
    shop.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    chaining.live.fail_next("process_payment")
    chaining.finish(chaining.order())
    shop.reload()
    expect_status(shop, "Completed")
    expect(shop.get_by_title("attempt 2: completed")).to_be_visible()
    contrasts = shop.evaluate(CONTRASTS)
    lightness = shop.evaluate("() => getComputedStyle(document.body).backgroundColor")

    assert len(contrasts) > 30
    assert [each for each in contrasts if each[1] < 4.5] == []
    assert (lightness == "rgb(255, 255, 255)") == (scheme == "light")


def test_a_narrow_page_does_not_scroll_sideways(chaining: RunningDemo, shop: Page) -> None:
    chaining.finish(chaining.order())
    shop.set_viewport_size({"width": 375, "height": 800})
    shop.reload()
    expect_status(shop, "Completed")

    assert shop.evaluate("() => document.documentElement.scrollWidth") <= 375
