-- What an inspection was sent to look at. Drawn once with the report that announces it, and never again: whoever is on it
-- must not be able to draw until somebody else is. Names stand here as the form shows them, masked.
create table ops.inspection_sample (
    county_code text not null,
    period text not null,
    sample_no text not null,
    line_no integer not null,
    line_kind text not null check (line_kind in ('village', 'household', 'person')),
    town_code text not null,
    village_code text not null,
    household_sk uuid,
    person_sk uuid,
    head_shown text,
    person_shown text,
    group_no text,
    status_conflict_count integer not null,
    drag_fill_count integer not null,
    unpaired_count integer not null,
    stale_count integer not null,
    risk_points integer not null,
    why text not null,
    drawn_on date not null,
    due_on date not null,
    primary key (county_code, sample_no)
);
comment on table ops.inspection_sample is '已抽取的督查名单：抽取后不再改动';
comment on column ops.inspection_sample.county_code is '县区代码';
comment on column ops.inspection_sample.period is '督查季度 YYYY-Qn';
comment on column ops.inspection_sample.sample_no is '抽查编号';
comment on column ops.inspection_sample.line_no is '序号';
comment on column ops.inspection_sample.line_kind is '类别：village 村，household 户，person 不在册的人';
comment on column ops.inspection_sample.town_code is '所在乡镇代码';
comment on column ops.inspection_sample.village_code is '所在村代码';
comment on column ops.inspection_sample.household_sk is '户标识';
comment on column ops.inspection_sample.person_sk is '人员标识';
comment on column ops.inspection_sample.head_shown is '户主姓名（已脱敏）';
comment on column ops.inspection_sample.person_shown is '本人姓名（已脱敏）';
comment on column ops.inspection_sample.group_no is '村民小组';
comment on column ops.inspection_sample.status_conflict_count is '名单之间冲突的人数';
comment on column ops.inspection_sample.drag_fill_count is '号码疑似下拉填充的人数';
comment on column ops.inspection_sample.unpaired_count is '没有技术员结对的户数';
comment on column ops.inspection_sample.stale_count is '就业状态待核实的人数';
comment on column ops.inspection_sample.risk_points is '风险分';
comment on column ops.inspection_sample.why is '抽查原因';
comment on column ops.inspection_sample.drawn_on is '抽取日期';
comment on column ops.inspection_sample.due_on is '走访时限';

-- What a sample was drawn from, so that anybody can draw it again and see that nobody was put on it or taken off.
create table ops.inspection_draw (
    county_code text not null,
    period text not null,
    drawn_on date not null,
    as_of_on date not null,
    villages_most integer not null,
    households_most integer not null,
    candidate_count integer not null,
    candidates_md5 uuid not null,
    candidates bytea not null,
    primary key (county_code, period)
);
comment on table ops.inspection_draw is '每次抽取的依据：候选名单和风险分，可据以重新抽取核对';
comment on column ops.inspection_draw.county_code is '县区代码';
comment on column ops.inspection_draw.period is '督查季度 YYYY-Qn';
comment on column ops.inspection_draw.drawn_on is '抽取日期';
comment on column ops.inspection_draw.as_of_on is '所用数据的业务日期';
comment on column ops.inspection_draw.villages_most is '抽几个村';
comment on column ops.inspection_draw.households_most is '每村抽几户';
comment on column ops.inspection_draw.candidate_count is '候选的村、户、人数';
comment on column ops.inspection_draw.candidates_md5 is '候选名单及风险分的指纹';
comment on column ops.inspection_draw.candidates is '候选名单（gzip 压缩的文本，一行一个：标识、所在村、风险分），没有姓名和证件号';
