"""Real engines for every integration test."""

from tests.support.engines import broker, database_url, postgres_server, template_database

__all__ = ["broker", "database_url", "postgres_server", "template_database"]
