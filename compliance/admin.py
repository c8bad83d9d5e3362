"""No regulated record has a page in the technical admin."""
