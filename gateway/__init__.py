"""The shell of deelregie: everything that touches network, database, clock and Kafka."""
