"""The browser and the running product, as the browser tests have them."""

from tests.e2e.conftest import browser, keys, sign_in, site

__all__ = ["browser", "keys", "sign_in", "site"]
