"""Databases of the tests' own server, each a copy of another."""

import psycopg
from psycopg import sql
from yiku.settings import Settings
from yiku.warehouse import embedded


def put_copy(server: Settings, source: str, name: str) -> str:
    """Put a copy of one database in the place of another; return its connection string."""
    drop(server, name)
    # File by file: block by block through the log takes thrice the time.
    copy = sql.SQL("create database {} template {} strategy file_copy")
    _run(server, copy.format(sql.Identifier(name), sql.Identifier(source)))
    return embedded.dsn(server, name)


def drop(server: Settings, name: str) -> None:
    """Drop a database, whoever still uses it."""
    drop_one = sql.SQL("drop database if exists {} with (force)")
    _run(server, drop_one.format(sql.Identifier(name)))


def _run(server: Settings, statement: sql.Composed) -> None:
    # In no transaction: a database is neither made nor dropped within one.
    with psycopg.connect(
        embedded.dsn(server, "postgres"), autocommit=True
    ) as conn:
        conn.execute(statement)
