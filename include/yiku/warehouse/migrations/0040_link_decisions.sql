-- What people decide about links takes effect in the next night: whose a row is, and whether two persons are one.
alter table register.link_decision alter column person_sk drop not null;
alter table register.link_decision alter column row_id drop not null;
alter table register.link_decision alter column tier set default 'D';
alter table register.link_decision
    add column county_code text,
    add column said_id text,
    add column said_name text,
    add column said_at text,
    add column person_id text,
    add column judged_at timestamptz,
    add check (row_id is not null or said_name is not null);
comment on column register.link_decision.county_code is '该行所属县区';
comment on column register.link_decision.said_id is '该行所填证件号码：同县同号同名的行同样处理';
comment on column register.link_decision.said_name is '该行所填姓名';
comment on column register.link_decision.said_at is '该行所在的来件、工作表、表、行';
comment on column register.link_decision.person_id is '该人的证件号码';
comment on column register.link_decision.judged_at is '最近一次据此重新核验的时间；空或早于撤销：下一夜处理';

create table register.person_decision (
    decision_id bigint generated always as identity primary key,
    person_sk uuid not null, -- who is kept
    other_sk uuid not null,
    same boolean not null,
    decided_by text not null default session_user,
    decided_at timestamptz not null default clock_timestamp(),
    reversed_at timestamptz,
    judged_at timestamptz,
    check (person_sk <> other_sk)
);
comment on table register.person_decision is '人工决定两个人是否同一人；可撤销';
comment on column register.person_decision.decision_id is '决定编号';
comment on column register.person_decision.decided_by is '作出决定的登录';
comment on column register.person_decision.decided_at is '决定时间';
comment on column register.person_decision.person_sk is '保留的人';
comment on column register.person_decision.other_sk is '另一个人';
comment on column register.person_decision.same is '是：同一人，名单上算作保留的人；否：不是同一人，不再提示';
comment on column register.person_decision.judged_at is '最近一次据此重新核验的时间；空或早于撤销：下一夜处理';
comment on column register.person_decision.reversed_at is '撤销时间';
