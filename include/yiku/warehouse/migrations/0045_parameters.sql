-- Numbers that a county sets for itself in a file of its own (parameters.yml): a night writes them here, the marts read them.
create table ops.parameter (
    name text not null,
    jurisdiction text not null,
    value integer not null check (value >= 0),
    valid_from date not null,
    valid_to date check (valid_to >= valid_from),
    primary key (name, jurisdiction, valid_from)
);
comment on table ops.parameter is '本地另设的参数，来自 parameters.yml；没有另设的用默认值';
comment on column ops.parameter.name is '参数名称，同默认值表';
comment on column ops.parameter.jurisdiction is '适用地区：省、市、县代码，* 为全部';
comment on column ops.parameter.value is '取值';
comment on column ops.parameter.valid_from is '从哪一天起';
comment on column ops.parameter.valid_to is '到哪一天止；空：一直';
