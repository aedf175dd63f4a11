"""FHIR at the boundary: pure shapes, no I/O, no decisions."""
