"""Two worlds that differ in what the commercial side may not know, and every question it can ask of them."""
