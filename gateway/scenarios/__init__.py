"""Written stories of sharing: read, decided and explained without any stored data."""
