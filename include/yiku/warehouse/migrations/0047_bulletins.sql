-- What a bulletin said when it was issued: people have read it on paper, so that neither a correction nor a later night
-- changes a line of it. A mistake is mended by another issue, which says what it corrects.
create table ops.bulletin (
    bulletin_id bigint generated always as identity primary key,
    county_code text not null,
    period text not null,
    issue integer not null,
    issued_on date not null,
    as_of_on date not null,
    note text,
    inputs_sha256 text not null,
    docx_sha256 text not null,
    silent_towns text not null,
    document bytea not null,
    frozen_at timestamptz not null default clock_timestamp(),
    unique (county_code, period, issue)
);
comment on table ops.bulletin is '已印发的通报：印发后不再改动，更正另发新的一期';
comment on column ops.bulletin.bulletin_id is '通报号';
comment on column ops.bulletin.county_code is '县区代码';
comment on column ops.bulletin.period is '月份 YYYY-MM';
comment on column ops.bulletin.issue is '同一月份的第几期：1 为原通报，以后各期为更正';
comment on column ops.bulletin.issued_on is '印发日期';
comment on column ops.bulletin.as_of_on is '所用数据的业务日期';
comment on column ops.bulletin.note is '更正说明';
comment on column ops.bulletin.inputs_sha256 is '全部数字的指纹';
comment on column ops.bulletin.docx_sha256 is '印发的 Word 文件的指纹';
comment on column ops.bulletin.silent_towns is '至当月没有报送过名单的乡镇';
comment on column ops.bulletin.document is '印发的 Word 文件本身：模板以后改了，它也不变';
comment on column ops.bulletin.frozen_at is '定稿时间';

create table ops.bulletin_line (
    bulletin_id bigint not null references ops.bulletin,
    position integer not null,
    section text not null,
    place_code text,
    place_name text,
    measure text not null,
    measure_name text not null,
    "value" numeric(18, 4),
    unit text not null,
    target numeric(18, 4),
    light text,
    rank integer,
    change numeric(18, 4),
    rate_pct numeric(18, 4),
    overdue bigint,
    due_on date,
    primary key (bulletin_id, position)
);
comment on table ops.bulletin_line is '通报里的每一个数字，一行一个';
comment on column ops.bulletin_line.bulletin_id is '通报号';
comment on column ops.bulletin_line.position is '在通报里的次序';
comment on column ops.bulletin_line.section is '部分：overall、ranking、target、submission、problem、ask、correction';
comment on column ops.bulletin_line.place_code is '区划代码';
comment on column ops.bulletin_line.place_name is '单位名称';
comment on column ops.bulletin_line.measure is '指标代码';
comment on column ops.bulletin_line.measure_name is '指标名称';
comment on column ops.bulletin_line.value is '数值';
comment on column ops.bulletin_line.unit is '计量单位';
comment on column ops.bulletin_line.target is '目标值，或按时间应达到的比率';
comment on column ops.bulletin_line.light is '灯：红、黄、绿、灰';
comment on column ops.bulletin_line.rank is '县内名次';
comment on column ops.bulletin_line.change is '比上月（更正期：比原通报）';
comment on column ops.bulletin_line.rate_pct is '目标任务的完成率（%）';
comment on column ops.bulletin_line.overdue is '其中逾期的数量';
comment on column ops.bulletin_line.due_on is '要求完成的日期';
