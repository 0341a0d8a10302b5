-- What the optimiser proposes. A proposal is no list: a person accepts it by sending the ordinary list of pairs.

create table pairing.run (
    run_id bigint generated always as identity primary key,
    county_code text not null,
    part text not null check (part in ('chief', 'technician')),
    business_date date not null,
    inputs text not null,
    status text not null check (status in ('OPTIMAL', 'UNPROVEN')),
    helpers integer not null,
    wanted integer not null,
    paired integer not null,
    kept integer not null,
    objective bigint not null,
    bound bigint not null,
    greedy bigint not null,
    greedy_paired integer not null,
    penalty bigint not null,
    seconds numeric(9, 3) not null,
    ran_at timestamptz not null default clock_timestamp()
);
create index on pairing.run (county_code, part, run_id);
comment on table pairing.run is '每次测算：目标值、下界、逐个分配的目标值（成本单位：0.01公里）';
comment on column pairing.run.inputs is '输入的指纹；与上次相同则不再测算';
comment on column pairing.run.bound is '由对偶价格算出的下界；与目标值相等即为最优';
comment on column pairing.run.greedy is '按同样成本逐个分配所得的目标值';
comment on column pairing.run.penalty is '每个未配对象计入目标值的罚数';

create table pairing.proposal (
    run_id bigint not null references pairing.run on delete cascade,
    county_code text not null,
    part text not null,
    want_key text not null,
    person_sk uuid not null,
    industry text not null,
    distance_km numeric(8, 2) not null,
    distance_basis text not null,
    load_after integer not null,
    load_most integer not null,
    is_standing boolean not null,
    replaces_sk uuid,
    next_best_sk uuid,
    extra_km numeric(10, 2),
    why text not null,
    primary key (county_code, part, want_key)
);
create index on pairing.proposal (run_id);
comment on table pairing.proposal is '建议的结对，每个县区每类只留最近一次测算';

create table pairing.gap (
    run_id bigint not null references pairing.run on delete cascade,
    county_code text not null,
    part text not null,
    gap_no integer not null,
    want_keys text[] not null,
    industries text[] not null,
    reason text not null check (reason in ('nobody', 'level', 'far', 'full')),
    nearest_sk uuid,
    distance_km numeric(8, 2),
    beyond_km numeric(8, 2),
    why text not null,
    primary key (county_code, part, gap_no)
);
create index on pairing.gap (run_id);
comment on table pairing.gap is '测算后仍无人可配的对象及需要改变什么';
