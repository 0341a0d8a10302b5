-- What each month's last published night said of every place: it is written when marts are swapped in, so that what is
-- corrected later shows in later months and never in those that people have read.
create table ops.coverage_month (
    period text not null,
    as_of_on date not null,
    level text not null,
    place_code text not null,
    county_code text not null,
    town_code text,
    town_name text,
    village_code text,
    village_name text,
    metric text not null,
    metric_name text,
    numerator bigint,
    denominator bigint,
    rate_pct numeric(12, 1),
    target_pct numeric(12, 1),
    light text not null,
    rank_in_county integer,
    change_pct numeric(12, 1),
    primary key (period, place_code, metric)
);
comment on table ops.coverage_month is '每月最后一次发布的覆盖率；以后的更正不改已过去的月份';
comment on column ops.coverage_month.period is '月份 YYYY-MM';
comment on column ops.coverage_month.as_of_on is '该月最后一次发布的业务日期';
comment on column ops.coverage_month.level is '层级：county、town、village';
comment on column ops.coverage_month.place_code is '区划代码';
comment on column ops.coverage_month.county_code is '县区代码';
comment on column ops.coverage_month.town_code is '乡镇（街道）代码';
comment on column ops.coverage_month.town_name is '当时的乡镇（街道）名称';
comment on column ops.coverage_month.village_code is '村（社区）代码';
comment on column ops.coverage_month.village_name is '当时的村（社区）名称';
comment on column ops.coverage_month.metric is '指标代码';
comment on column ops.coverage_month.metric_name is '指标名称';
comment on column ops.coverage_month.numerator is '分子';
comment on column ops.coverage_month.denominator is '分母';
comment on column ops.coverage_month.rate_pct is '比率（%），一位小数';
comment on column ops.coverage_month.target_pct is '目标（%）';
comment on column ops.coverage_month.light is '当时的灯：红、黄、绿、灰';
comment on column ops.coverage_month.rank_in_county is '当时在县内同级的名次';
comment on column ops.coverage_month.change_pct is '比上月（百分点）';

create table ops.target_month (
    period text not null,
    as_of_on date not null,
    year integer not null,
    indicator text not null,
    indicator_name text,
    level text not null,
    place_code text not null,
    county_code text not null,
    town_code text,
    town_name text,
    village_code text,
    village_name text,
    uom text,
    target numeric(18, 4),
    actual numeric(18, 4),
    reported numeric(18, 4),
    rate_pct numeric(12, 1),
    target_pct numeric(12, 1),
    light text not null,
    rank_in_county integer,
    change_pct numeric(12, 1),
    due_on date,
    primary key (period, year, indicator, place_code)
);
comment on table ops.target_month is '每月最后一次发布的目标任务完成情况；以后的更正不改已过去的月份';
comment on column ops.target_month.period is '月份 YYYY-MM';
comment on column ops.target_month.as_of_on is '该月最后一次发布的业务日期';
comment on column ops.target_month.year is '年度';
comment on column ops.target_month.indicator is '指标代码';
comment on column ops.target_month.indicator_name is '指标名称';
comment on column ops.target_month.level is '层级：county、town、village';
comment on column ops.target_month.place_code is '区划代码';
comment on column ops.target_month.county_code is '县区代码';
comment on column ops.target_month.town_code is '乡镇（街道）代码';
comment on column ops.target_month.town_name is '当时的乡镇（街道）名称';
comment on column ops.target_month.village_code is '村（社区）代码';
comment on column ops.target_month.village_name is '当时的村（社区）名称';
comment on column ops.target_month.uom is '计量单位';
comment on column ops.target_month.target is '目标值';
comment on column ops.target_month.actual is '实际值';
comment on column ops.target_month.reported is '上报实绩';
comment on column ops.target_month.rate_pct is '完成率（%），一位小数';
comment on column ops.target_month.target_pct is '按时间应完成（%）';
comment on column ops.target_month.light is '当时的灯：红、黄、绿、灰';
comment on column ops.target_month.rank_in_county is '当时在县内同级的名次';
comment on column ops.target_month.change_pct is '比上月（百分点）';
comment on column ops.target_month.due_on is '完成时限';
