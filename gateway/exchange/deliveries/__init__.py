"""Messages to services: sealed, sent or fetched; keys released or destroyed; readers told."""
