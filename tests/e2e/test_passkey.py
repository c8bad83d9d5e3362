"""A passkey is added, asks for no password any more, stands under a change of itself, and is taken away."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from msl_crm.demo.people import DOMAIN, PASSWORD
from tests.e2e.conftest import Site

WHO = "maja.kunz"


def a_key(page: Page) -> None:
    """A security key plugged into this browser, with somebody who touches it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_signs_in_alone(site: Site, browser: Browser) -> None:
    # Passkeys are bound to a name, and an address in numbers is none.
    context = browser.new_context(base_url=site.address.replace("127.0.0.1", "localhost"))
    context.set_default_timeout(15_000)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    a_key(page)
    page.goto("/account/login/")
    page.fill("input[name=login]", f"{WHO}@{DOMAIN}")
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto("/account/mfa/webauthn/add/")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("What you call it").fill("My laptop")
    page.get_by_label("Sign in with it alone").check()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("h1")).to_have_text("Recovery codes")
    assert page.locator("main code").count() == 10

    page.goto("/account/logout/")
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name="Sign out").click()
    page.goto("/account/login/")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in with a passkey").click()
    assert "/account/" not in page.url

    page.goto("/account/mfa/")
    expect(page.locator("main b", has_text="My laptop")).to_be_visible()
    page.locator("main").get_by_role("link", name="Remove").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Use a passkey").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Remove the passkey").click()
    page.goto("/account/mfa/")
    expect(page.locator("main b", has_text="My laptop")).to_have_count(0)
    assert problems == []
    context.close()
