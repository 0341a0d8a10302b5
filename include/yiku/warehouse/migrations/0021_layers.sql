-- The models of dbt have other names now: what stood under the old ones, rows of people among it, goes with them. The
-- next build of the marts makes all of it anew; nothing else reads it.
drop schema if exists stg, core cascade;
create schema stg;
create schema core;
