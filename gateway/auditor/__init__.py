"""The auditor's pages: searching the access log."""
