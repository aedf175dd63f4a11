"""The family's pages: who may see what, giving, stopping, and who looked."""
