"""What is asked of every screen, whoever looks at it: each question returns what is wrong, in words."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def against_wcag(page: Page) -> list[str]:
    """A1: what axe finds, target sizes included."""
    options = {"runOnly": {"type": "tag", "values": TAGS}, "rules": {"target-size": {"enabled": True}}}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


# The outline or the shadow of what has the focus, and whether it lies within the window and on top.
STOP = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const s = getComputedStyle(e), label = e.closest('label') || (e.labels && e.labels[0]) || e.closest('.x-palette-head');
  const outlined = (one) => one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) >= 2;
  const ringed = (one) => one && (outlined(one) || one.boxShadow !== 'none');
  const box = (label && e.tagName === 'INPUT' && s.opacity === '0' ? label : e).getBoundingClientRect();
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 2);
  // What is taller than the window is seen where the window lies; its upper edge may be above it.
  const y = box.height > innerHeight ? innerHeight / 2
    : Math.min(Math.max(box.top + Math.min(box.height / 2, 20), 1), innerHeight - 2);
  const top = document.elementFromPoint(x, y);
  const near = (a, b) => a && b && (a.contains(b) || b.contains(a));
  const seen = box.bottom > 0 && box.top < innerHeight && (near(e, top) || near(label, top));
  return {what: e.outerHTML.slice(0, 120), ring: Boolean(ringed(s) || (label && ringed(getComputedStyle(label)))), seen};
}"""


def stops(page: Page, most: int = 45) -> list[str]:
    """A2: every stop of the tab key has a ring, lies in the window, and under no bar."""
    lost = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop: dict[str, Any] | None = page.evaluate(STOP)
        if stop is None:
            break
        if not stop["ring"]:
            lost.append(f"no ring: {stop['what']}")
        elif not stop["seen"]:
            lost.append(f"hidden: {stop['what']}")
    return lost


# A link within a sentence is exempt (2.5.8); a label, a summary and what covers its row count with their own area.
TARGETS = """(least) => {
  const small = [];
  for (const e of document.querySelectorAll('a[href], button, summary, input:not([type=hidden]), select, textarea')) {
    if (!e.getClientRects().length || e.disabled || e.closest('dialog:not([open])')) continue;
    const s = getComputedStyle(e);
    if (s.visibility === 'hidden' || e.matches('.x-skip')) continue;
    if (e.tagName === 'A' && s.display === 'inline' && e.parentElement.textContent.trim() !== e.textContent.trim()) continue;
    let box = e.getBoundingClientRect(), [w, h] = [box.width, box.height];
    const label = e.closest('label') || (e.labels && e.labels[0]);
    if (label) { const l = label.getBoundingClientRect(); w = Math.max(w, l.width); h = Math.max(h, l.height); }
    const after = getComputedStyle(e, '::after');
    if (after.position === 'absolute' && after.content !== 'none') {
      w = Math.max(w, parseFloat(after.width));
      h = Math.max(h, parseFloat(after.height));
    }
    if (h >= least - 0.5 && w >= 24 - 0.5) continue;
    small.push(Math.round(w) + ' x ' + Math.round(h) + ': ' + e.outerHTML.slice(0, 110));
  }
  return small;
}"""


def small_targets(page: Page, width: int) -> list[str]:
    """A3: 24 px everywhere, 44 px high below 900 px."""
    found: list[str] = page.evaluate(TARGETS, 44 if width < 900 else 24)
    return found


SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def sideways(page: Page) -> int:
    """A4: by how many pixels the page is wider than the window."""
    over: int = page.evaluate(SIDEWAYS)
    return over


FRAME = """() => {
  const wrong = [], all = (what) => [...document.querySelectorAll(what)];
  if (!document.documentElement.lang) wrong.push('no language');
  if (all('h1').length !== 1) wrong.push(all('h1').length + ' h1');
  if (all('[aria-live=polite]#live').length !== 1) wrong.push('no live region');
  if (all('main').length !== 1) wrong.push('no main');
  // The style guide shows every component at once, and is nobody's page; what is made for paper is as long as it is.
  const long = location.pathname.startsWith('/styleguide/') || location.pathname.endsWith('/print/');
  // The choices of a list, as every time zone of the world, are one control that the system draws.
  const drawn = all('*:not(option)').length;
  if (drawn > 1500 && !long) wrong.push(drawn + ' elements');
  for (const body of all('main :not([data-paper]) > table > tbody'))
    if (body.rows.length > 50 && !long) wrong.push(body.rows.length + ' rows');
  for (const list of all('main .x-rows')) if (list.children.length > 50) wrong.push(list.children.length + ' rows');
  for (const e of all('[style], [onclick], [onload], script:not([src])'))
    wrong.push('inline: ' + e.outerHTML.slice(0, 80));
  for (const id of new Set(all('[id]').map((e) => e.id)))
    if (all('#' + CSS.escape(id)).length > 1) wrong.push('twice: #' + id);
  return wrong;
}"""


def frame(page: Page) -> list[str]:
    """P8, A7, A12, X7: one heading, one live region, a language, few elements, nothing inline, no id twice."""
    found: list[str] = page.evaluate(FRAME)
    return found


def everything(page: Page, width: int) -> list[str]:
    """All of it but the tab walk, of the page as it stands."""
    over = sideways(page)
    return [
        *against_wcag(page),
        *small_targets(page, width),
        *frame(page),
        *([f"{over} px too wide"] if over > 0 else []),
    ]
