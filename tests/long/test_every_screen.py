"""Every screen of everybody, in both widths, themes and languages; and in a language a third longer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e import checking
from tests.e2e.conftest import SERVED, Site, Visit
from tests.e2e.screens import LOOKS, PEOPLE, screens_of

SPEAK = (
    "from accounts.acting import acting_as, system; from accounts.models import User\n"
    "with acting_as(system('choose a language')): User.objects.update(language='{}')"
)


@pytest.fixture(scope="module", params=["en-gb", "de"])
def language(request: pytest.FixtureRequest, site: Site) -> Iterator[str]:
    """Everybody speaks this language for the tests of the module."""
    site.manage("shell", "-c", SPEAK.format(request.param))
    yield request.param
    site.manage("shell", "-c", SPEAK.format("en-gb"))


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_nothing_is_wrong_with_any_screen(
    sign_in: Visit, language: str, who: str, width: int, theme: str
) -> None:
    page = sign_in(who, width=width, theme=theme, **SERVED)
    wrong: dict[str, list[str]] = {}
    for screen in screens_of(who):
        screen.open(page)
        assert page.locator("html").get_attribute("lang") == language
        if found := checking.everything(page, width):
            wrong[screen.name] = found

    assert wrong == {}


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("width", [1440, 390])
def test_every_stop_of_the_tab_key_is_seen_and_ringed(
    sign_in: Visit, language: str, who: str, width: int
) -> None:
    page = sign_in(who, width=width, **SERVED)
    lost: dict[str, list[str]] = {}
    for screen in screens_of(who):
        screen.open(page)
        if found := checking.stops(page, 120):
            lost[screen.name] = found

    assert lost == {}


# Every text on the page grows by a third and more, as another language would; what is a number stays.
LONGER = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (node.parentElement.closest('script, style, svg')) continue;
    node.data = node.data.replace(/\\p{L}{3,}/gu, (word) => word + 'ö'.repeat(Math.ceil(word.length * 0.35)));
  }
}"""


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("width", [1440, 390, 320])
def test_the_layout_holds_texts_that_are_a_third_longer(sign_in: Visit, who: str, width: int) -> None:
    page = sign_in(who, width=width, **SERVED)
    wide = {}
    for screen in screens_of(who):
        screen.open(page)
        page.evaluate(LONGER)
        if (over := checking.sideways(page)) > 0:
            wide[screen.name] = over

    assert wide == {}
