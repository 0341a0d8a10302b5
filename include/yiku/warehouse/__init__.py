"""The only room with SQL: tables, migrations, COPY, the ledger, roles, the swap, the embedded Postgres."""
