"""The doors of handovers."""
