"""What a page costs on the wire: every answer the browser received, as brotli would have sent it."""

from __future__ import annotations

from dataclasses import dataclass, field

import brotlicffi as brotli
from playwright.sync_api import Error, Page, Response

# Under the profiles of ux 4.1: CPU slowdown, bytes a second, round trip in ms.
PROFILES = {"bench": (4, 1.6e6 / 8, 150), "hospital": (4, 0.4e6 / 8, 400)}


@dataclass
class Load:
    """The answers of one page, by address; those out of the browser's own cache cost nothing."""

    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.sizes.values())

    def of(self, ending: str) -> int:
        return sum(size for address, size in self.sizes.items() if address.split("?")[0].endswith(ending))


def load(page: Page, path: str) -> Load:
    """Open a page and weigh what came for it."""
    answers: list[Response] = []

    def keep(answer: Response) -> None:
        answers.append(answer)

    page.on("response", keep)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.remove_listener("response", keep)
    found = Load()
    for answer in answers:
        # What the device fetches for itself once the page stands is no part of the page.
        own = "/device/" in answer.url or "favicon" in answer.url or "/sw.js" in answer.url
        sent = answer.request.sizes()["responseBodySize"]
        if own or not answer.ok or sent <= 0:
            continue
        try:
            found.sizes[answer.url] = len(brotli.compress(answer.body()))
        except Error:  # the browser has let go of it: what it received counts
            found.sizes[answer.url] = sent
    return found


PAINTED = """() => new Promise((done) => {
  let last = 0, shift = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) last = one.startTime; })
    .observe({type: 'largest-contentful-paint', buffered: true});
  new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) shift += one.value; })
    .observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done({lcp: last, cls: shift}), 300);
})"""


def painted(page: Page) -> dict[str, float]:
    """When the largest thing stood there, and how much moved."""
    found: dict[str, float] = page.evaluate(PAINTED)
    return found


def throttle(page: Page, profile: str) -> None:
    """Make device and network as slow as the profile says."""
    slowdown, rate, delay = PROFILES[profile]
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": delay, "downloadThroughput": rate, "uploadThroughput": rate},
    )
