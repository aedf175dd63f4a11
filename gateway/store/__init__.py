"""PostgreSQL: tables, one module of functions per noun, migrations and the vault of keys."""
