"""The only room with SQL.

Tables, migrations, COPY, the ledger, roles, the swap, the embedded Postgres.
"""
