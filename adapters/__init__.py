"""Readers of partner records: bytes in, labelled FHIR and an account of every field out."""
