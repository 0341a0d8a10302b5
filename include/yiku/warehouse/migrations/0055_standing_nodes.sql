-- What the published marts were made of, so that a night computes anew only what something it is made of has changed.
alter table ops.build_node
    add column fingerprint uuid,
    add column is_taken_over boolean not null default false;
comment on column ops.build_node.fingerprint is '当夜据以生成的一切（代码、数据、日期）的指纹；空：不可沿用';
comment on column ops.build_node.is_taken_over is '所据无变化，沿用已发布的结果，未重新计算';

create table ops.standing_node (
    node text primary key,
    fingerprint uuid not null,
    night_id bigint not null references ops.night on delete cascade,
    status text not null,
    failures bigint,
    guarded_by uuid,
    is_covered boolean not null default false
);
comment on table ops.standing_node is 'dbt 每个节点现有的结果：由什么而来、哪一夜计算';
comment on column ops.standing_node.node is 'dbt 节点';
comment on column ops.standing_node.fingerprint is '生成时所据的一切（代码、数据、日期）的指纹：不变则沿用';
comment on column ops.standing_node.night_id is '哪一夜计算';
comment on column ops.standing_node.status is 'dbt 给出的结果';
comment on column ops.standing_node.failures is '未通过的行数';
comment on column ops.standing_node.guarded_by is '发布前核对脱敏所用姓名和代码用语的指纹';
comment on column ops.standing_node.is_covered is '核对时遮盖过其中的字：姓名或代码用语变了就要重新生成';

create table ops.standing_relation (
    name text primary key,
    node text not null references ops.standing_node on delete cascade,
    relation oid not null
);
create index on ops.standing_relation (node);
comment on table ops.standing_relation is '每个节点现有的表和视图：换过的不沿用';
comment on column ops.standing_relation.name is '表或视图';
comment on column ops.standing_relation.node is 'dbt 节点';
comment on column ops.standing_relation.relation is '表的标识（oid）';
