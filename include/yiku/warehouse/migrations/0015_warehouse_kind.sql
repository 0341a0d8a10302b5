-- Whether this warehouse holds the fictitious people of the demo or real ones: the two are never mixed.

create table ops.warehouse_kind (
    only_one boolean primary key default true check (only_one),
    is_demo boolean not null,
    decided_at timestamptz not null default clock_timestamp()
);
comment on table ops.warehouse_kind is '库中是演示的虚构人员，还是真实人员；由第一夜的收件箱决定';
comment on column ops.warehouse_kind.only_one is '只有一行';
comment on column ops.warehouse_kind.is_demo is '是否演示';
comment on column ops.warehouse_kind.decided_at is '何时决定';
