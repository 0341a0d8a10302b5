-- The ledger: what arrived, what became of it, and what clerks were told.

create schema if not exists raw;
create schema if not exists ops;
create schema if not exists register;
create schema if not exists stg;
create schema if not exists core;
create schema if not exists pairing;
comment on schema raw is '每一行收到的数据及其去向（受限）';
comment on schema ops is '台账：提交、发现、运行';
comment on schema register is '谁是谁：身份标识与关联决定（受限）';

create table ops.night (
    night_id bigint generated always as identity primary key,
    business_date date not null,
    run_id text,
    inbox text,
    state text not null default 'open' check (state in ('open', 'published', 'failed')),
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    seconds jsonb not null default '{}',
    counts jsonb not null default '{}'
);
comment on table ops.night is '每一次夜间运行';

create table ops.build_node (
    night_id bigint not null references ops.night on delete cascade,
    node text not null,
    status text not null,
    seconds numeric,
    failures integer,
    message text,
    primary key (night_id, node)
);
comment on table ops.build_node is '每次运行中 dbt 每个节点的结果';

create table ops.submission (
    submission_id bigint generated always as identity primary key,
    business_date date not null,
    county_code text,
    unit_code text,
    file_name text not null,
    sha256 text not null,
    template text,
    period text,
    status text not null default 'received' check (
        status in ('received', 'loaded', 'partly_loaded', 'held', 'rejected', 'duplicate')
    ),
    reason text,
    rows_read integer not null default 0,
    rows_loaded integer not null default 0,
    rows_quarantined integer not null default 0,
    rows_dropped integer not null default 0,
    receipt_no text not null unique,
    received_at timestamptz not null default clock_timestamp(),
    -- for the pipeline itself; readers may not rely on these
    container text, -- the bundle that it came in
    archive_key text not null,
    size_bytes bigint not null,
    book_format text,
    grid_hash text,
    is_correction boolean not null default false,
    is_supplement boolean not null default false,
    fill_date date,
    saved_at timestamptz,
    duplicate_of bigint references ops.submission,
    superseded_by bigint references ops.submission,
    replay boolean not null default false, -- to be judged again: something that it depended on was taken back
    undone_at timestamptz,
    processed_at timestamptz,
    constraint every_row_has_one_fate check (rows_read = rows_loaded + rows_quarantined + rows_dropped)
);
create index on ops.submission (sha256);
create index on ops.submission (grid_hash);
create index on ops.submission (business_date, status);
comment on table ops.submission is '每一份收到的内容一行';
comment on column ops.submission.business_date is '业务日期';
comment on column ops.submission.county_code is '县区代码';
comment on column ops.submission.unit_code is '报送单位：9位乡镇代码，或 county';
comment on column ops.submission.file_name is '文件名（其中的身份证号已遮盖）';
comment on column ops.submission.sha256 is '内容指纹';
comment on column ops.submission.template is '名单代码；未知或多种时为空';
comment on column ops.submission.period is '报告期';
comment on column ops.submission.status is 'loaded 已入库，partly_loaded 部分入库，held 暂存待核，rejected 未接收，duplicate 重复；received 待处理';
comment on column ops.submission.reason is '规则编号';
comment on column ops.submission.rows_read is '读到的数据行数';
comment on column ops.submission.rows_loaded is '入库行数';
comment on column ops.submission.rows_quarantined is '退回行数';
comment on column ops.submission.rows_dropped is '不改变任何内容的行数';
comment on column ops.submission.receipt_no is '回执编号';
comment on column ops.submission.received_at is '收到时间';

create table ops.submission_sheet (
    submission_id bigint not null references ops.submission on delete cascade,
    sheet text,
    part smallint not null default 0,
    template text,
    period text,
    status text not null,
    reason text,
    rows_read integer not null default 0,
    rows_loaded integer not null default 0,
    rows_quarantined integer not null default 0,
    rows_dropped integer not null default 0,
    unique nulls not distinct (submission_id, sheet, part),
    constraint every_row_has_one_fate check (rows_read = rows_loaded + rows_quarantined + rows_dropped)
);
comment on table ops.submission_sheet is '每份提交的每张工作表一行';

create table ops.finding (
    finding_id bigint generated always as identity primary key,
    submission_id bigint not null references ops.submission on delete cascade,
    sheet text,
    part smallint not null default 0,
    row_no integer,
    row_id uuid,
    field text,
    rule text not null,
    verdict text not null check (verdict in ('A', 'W', 'Q', 'S', 'F')),
    message text not null,
    template text,
    header text,
    facts jsonb not null default '{}',
    opened_on date,
    closed_by bigint references ops.submission,
    closed_on date
);
create index on ops.finding (submission_id);
create index on ops.finding (row_id);
create index on ops.finding (closed_by) where closed_by is not null;
comment on table ops.finding is '每一条发现：不含任何人的具体数值';
comment on column ops.finding.sheet is '工作表；csv 与 html 为空';
comment on column ops.finding.row_no is '表格程序显示的行号；整表的事实为空';
comment on column ops.finding.field is '字段英文名';
comment on column ops.finding.rule is '规则编号';
comment on column ops.finding.verdict is 'A 已更正，W 请核实，Q 退回该行，S 暂存整表，F 拒收文件';
comment on column ops.finding.message is '给经办人的话';
comment on column ops.finding.closed_by is '由哪次提交关闭';
comment on column ops.finding.closed_on is '何日关闭';

create table ops.inbox_seen (
    location text not null,
    path_hash text not null, -- a path may hold the number of a person
    path text not null, -- with such numbers masked
    size_bytes bigint not null,
    stamp text not null, -- what the file system says of its last change
    sha256 text not null,
    seen_at timestamptz not null default clock_timestamp(),
    primary key (location, path_hash)
);
comment on table ops.inbox_seen is '收件箱中已看过的文件：未变化的不再查看';

create table ops.withdrawn_row (
    template text not null,
    key text not null,
    submission_id bigint not null references ops.submission on delete cascade,
    row_no integer,
    primary key (template, key, submission_id)
);
comment on table ops.withdrawn_row is '经办人注明删除的行';

create table ops.header_confirmation (
    unit_code text not null,
    template text not null,
    header text not null,
    field text not null,
    submission_id bigint references ops.submission on delete cascade,
    confirmed_at timestamptz not null default clock_timestamp(),
    primary key (unit_code, template, header)
);
comment on table ops.header_confirmation is '经办人确认过的表头含义，按单位和名单';

create table ops.digest_sent (
    recipient text not null,
    business_date date not null,
    channel text not null,
    fingerprint text not null,
    sent_at timestamptz not null default clock_timestamp(),
    primary key (recipient, business_date, channel, fingerprint)
);
comment on table ops.digest_sent is '已发送的摘要';

create table ops.login_scope (
    login text not null,
    county_code text not null,
    town_code text,
    unique nulls not distinct (login, county_code, town_code)
);
comment on table ops.login_scope is '每个登录名可以看哪个县区、哪个乡镇';

create table ops.access_log (
    at timestamptz not null default clock_timestamp(),
    login text not null default session_user,
    action text not null,
    object text,
    person_sk uuid,
    reason text
);
comment on table ops.access_log is '查看明文与审计读取的记录';
