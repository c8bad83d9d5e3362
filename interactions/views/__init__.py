"""The doors of interactions."""
