"""How fast the pages are, beside hand-written SQL for the same rows: `dev.py bench`."""
