-- Reading of clear values is asked for in one transaction and answered in a later one: what was rolled back was asked
-- for by nobody, and so is answered to nobody.

alter table ops.access_log
add column access_id bigint generated always as identity primary key,
add column asked_xid xid8,
add column on_day date,
add column nth integer,
add column revealed_at timestamptz,
add column revealed_xid xid8,
-- Two sessions that ask at once would both be the last of their day: one of them has to fail.
add constraint nobody_asks_beyond_the_limit unique (login, action, on_day, nth);
alter table ops.access_log alter column asked_xid set default pg_current_xact_id();
alter table ops.access_log alter column on_day set default (clock_timestamp() at time zone 'Asia/Shanghai')::date;
create index on ops.access_log (login, action, at);
comment on column ops.access_log.asked_xid is '登记所在的数据库事务号；提交之后才可以查看';
comment on column ops.access_log.on_day is '登记日期（北京时间）';
comment on column ops.access_log.nth is '该登录名当日第几次登记查看明文';
comment on column ops.access_log.revealed_at is '明文给出的时间；给出所在的事务回滚时没有，登记仍在';
comment on column ops.access_log.revealed_xid is '给出明文的数据库事务号';

create schema if not exists guard;
comment on schema guard is '登录时的登记';

create table ops.access_limit (
    role text primary key,
    most_a_day integer not null check (most_a_day >= 0)
);
comment on table ops.access_limit is '每个角色的登录名每天最多登记查看多少人的明文';
insert into ops.access_limit values ('yiku_county', 30);
