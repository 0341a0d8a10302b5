-- Several places that files come from, each visited in its turn, and what goes back to them.
alter table ops.submission add column source text;
comment on column ops.submission.source is '来自 sources.yml 的哪个来源；空：没有用 sources.yml';

create table ops.source_visit (
    business_date date not null,
    source text not null,
    state text not null check (state in ('reached', 'away', 'refused')),
    problem text,
    new_count integer not null default 0,
    waiting_count integer not null default 0,
    closed_count integer not null default 0,
    visited_at timestamptz not null default clock_timestamp(),
    primary key (business_date, source)
);
comment on table ops.source_visit is '每晚到每个来源取件的结果';
comment on column ops.source_visit.business_date is '业务日期';
comment on column ops.source_visit.source is '来源名称，见 sources.yml';
comment on column ops.source_visit.state is 'reached 已取，away 连不上，refused 被拒绝或配置有误';
comment on column ops.source_visit.problem is '没有取成的原因，不含地址、口令和任何人的信息';
comment on column ops.source_visit.new_count is '新收的文件数';
comment on column ops.source_visit.waiting_count is '还没传完或读不出、留待下一夜的文件数';
comment on column ops.source_visit.closed_count is '没有权限查看的文件夹数';
comment on column ops.source_visit.visited_at is '取件时间';

-- An answer is written down here in the transaction that says it was given, before anything is laid down anywhere: what
-- a night does not get to the next one finds, and what we laid down is known when it is met again.
create table ops.delivery (
    delivery_id bigint generated always as identity primary key,
    submission_id bigint references ops.submission,
    kind text not null check (kind in ('receipt', 'return_workbook')),
    business_date date not null,
    county_code text not null,
    unit_code text not null,
    source text not null,
    file_name text not null,
    sha256 text not null,
    size_bytes bigint not null,
    prepared_at timestamptz not null default clock_timestamp(),
    place text,
    delivered_at timestamptz,
    withdrawn_at timestamptz,
    attempts integer not null default 0,
    problem text,
    unique (submission_id, kind, sha256)
);
create index on ops.delivery (county_code, unit_code, size_bytes);
create index on ops.delivery (delivery_id) where delivered_at is null and withdrawn_at is null;
comment on table ops.delivery is '送回各来源的回执和退件：送什么、送到哪里、何时送到';
comment on column ops.delivery.delivery_id is '编号';
comment on column ops.delivery.submission_id is '所答复的来件；空：由归档重建时已找不到';
comment on column ops.delivery.kind is 'receipt 回执，return_workbook 退件';
comment on column ops.delivery.business_date is '答复所在的一夜，也是文件夹的日期';
comment on column ops.delivery.county_code is '县区代码';
comment on column ops.delivery.unit_code is '报送单位';
comment on column ops.delivery.source is '来件的来源，见 sources.yml；送到它的 answers 所指的地方';
comment on column ops.delivery.file_name is '文件名，已遮盖个人号码';
comment on column ops.delivery.sha256 is '内容指纹：同一内容再次见到时不当作来件';
comment on column ops.delivery.size_bytes is '字节数';
comment on column ops.delivery.prepared_at is '写好的时间';
comment on column ops.delivery.place is '送到哪里、叫什么，按经办人看到的写法；空：还没有送到';
comment on column ops.delivery.delivered_at is '送到的时间';
comment on column ops.delivery.withdrawn_at is '未送到就被同一来件的新答复代替的时间';
comment on column ops.delivery.attempts is '试了几次';
comment on column ops.delivery.problem is '上一次没有送成的原因，不含地址、口令和任何人的信息';
