"""What a family decides, how that ends, and what it is told."""
