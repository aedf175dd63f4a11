"""A second engine for the rules of sharing: Cedar policies, written from the rules text alone."""
