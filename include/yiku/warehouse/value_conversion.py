"""One value of a type as a value of another, where nothing is lost.

A function of the session that changes a column.
"""

from __future__ import annotations

from yiku.warehouse.connection import Connection

# Only what loses nothing counts as fitting: a day in its one form, a number that keeps every
# digit, a list of one.
_CONVERSION = """
create or replace function pg_temp.converted(value text, old text, new text)
returns text language plpgsql immutable as $$
declare
    plain text := value;
    parts text[];
begin
    if value is null then
        return null;
    elsif old = 'text[]' then
        parts := value::text[];
        if new = 'text[]' then return value; end if;
        if cardinality(parts) <> 1 then return null; end if;
        plain := parts[1];
    elsif new = 'text[]' then
        return array[value]::text;
    end if;
    if new = 'text' then
        if old = 'boolean' then return case when value::boolean then '是' else '否' end; end if;
        return plain;
    elsif new = 'date' then
        return case when plain ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' then plain::date::text end;
    elsif new = 'boolean' then
        return case plain when '是' then 'true' when '否' then 'false' end;
    elsif new = 'integer' then
        return case when plain::numeric = trunc(plain::numeric) then plain::numeric::integer::text end;
    elsif new like 'numeric(%' then
        return case when plain::numeric = plain::numeric(14, 2) then plain::numeric(14,
            2)::text end;
    elsif new = 'numeric' then
        return plain::numeric::text;
    end if;
    return null;
exception when data_exception then
    return null;
end
$$
"""


def install_conversion(conn: Connection) -> None:
    """Let this session call ``pg_temp.converted(value, old type, new type)``."""
    conn.execute(_CONVERSION)
