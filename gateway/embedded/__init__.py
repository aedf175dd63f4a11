"""The engines a laptop needs: PostgreSQL, a Kafka broker, a test sign-in; not for production."""
