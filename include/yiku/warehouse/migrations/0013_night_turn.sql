-- One night at a time, and what a night that broke off leaves to the next.

create table ops.night_turn (
    only_one boolean primary key default true check (only_one),
    night_id bigint references ops.night on delete set null,
    watcher_pid integer,
    watcher_since timestamptz,
    until timestamptz not null default '-infinity'
);
insert into ops.night_turn default values;
comment on table ops.night_turn is '轮到哪一夜：同一时间只有一夜在运行';
comment on column ops.night_turn.watcher_pid is '守着这次运行的数据库会话；会话一断，运行即已中断';
comment on column ops.night_turn.until is '没有会话守着时：两个步骤之间最多等到何时';

create table ops.night_gate (nothing boolean);
comment on table ops.night_gate is '每个步骤运行时锁住此表；空表，读者无权锁它';

create table ops.shadow_relation (
    night_id bigint not null references ops.night on delete cascade,
    part text not null,
    name text not null,
    relation oid not null,
    primary key (night_id, name)
);
comment on table ops.shadow_relation is '一夜生成而尚未发布的每张表：发布前逐一核对';

-- What a settled file still has to be looked at for. Set with its rows, taken back with what follows from them, so that
-- no moment at which a run breaks off can lose it.
alter table ops.submission add column compare_due boolean not null default false;
alter table ops.submission add column spread_due boolean not null default false;
create index on ops.submission (submission_id) where compare_due or spread_due;
comment on column ops.submission.compare_due is '已入库，尚未与同夜其他来件比对';
comment on column ops.submission.spread_due is '名册已入库，尚未据以重核此前的来件';
