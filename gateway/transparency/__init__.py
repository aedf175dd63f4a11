"""The access log as a Merkle tree that outsiders can check (RFC 6962, C2SP); no input or output."""
