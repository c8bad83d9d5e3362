"""The doors of review: samples, their records, observed visits, trends, and what an inspector asks."""
