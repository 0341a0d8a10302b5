-- Who is who: the key behind person_sk, numbers that a person once had, and what people decided about links.

create table register.identity_key (
    only_one boolean primary key default true check (only_one),
    key bytea not null check (length(key) = 32)
);
comment on table register.identity_key is '计算 person_sk 的密钥（仅 yiku_pipeline 可读）';
insert into register.identity_key (key)
select sha256(string_agg(uuid_send(gen_random_uuid()), ''::bytea)) from generate_series(1, 4);

create table register.person_id_history (
    person_sk uuid not null,
    id_no text not null,
    kind text not null, -- 15: the old short number; old: another number that the person had
    valid_from date,
    source text,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (id_no, person_sk)
);
create index on register.person_id_history (person_sk);
comment on table register.person_id_history is '一个人曾用的证件号码';

create table register.link_decision (
    decision_id bigint generated always as identity primary key,
    row_id uuid not null,
    person_sk uuid not null,
    tier text not null,
    rule text,
    submission_id bigint references ops.submission, -- the return workbook that said so
    decided_by text not null default session_user,
    decided_at timestamptz not null default clock_timestamp(),
    reversed_at timestamptz
);
create index on register.link_decision (row_id);
comment on table register.link_decision is '人工作出的关联决定；可撤销';
