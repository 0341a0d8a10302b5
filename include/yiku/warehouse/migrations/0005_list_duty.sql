-- Who fills which list and how often: written from the contracts whenever the warehouse is prepared.

create table ops.list_duty (
    code text primary key,
    title text not null,
    cadence text not null,
    audience text not null
);
comment on table ops.list_duty is '各名单由谁填报、多久一报（取自数据契约）';
comment on column ops.list_duty.code is '名单代码';
comment on column ops.list_duty.title is '名单名称';
comment on column ops.list_duty.cadence is '报送周期';
comment on column ops.list_duty.audience is '填报单位';
