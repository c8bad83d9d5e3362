"""What checks a trail without trusting whoever kept it."""
