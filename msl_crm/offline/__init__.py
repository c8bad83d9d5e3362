"""The installed application: a shell without people, and what a signed-in person keeps on her device."""
