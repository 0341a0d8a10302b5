-- Lists of all that is open for a unit, which come back filled in.
alter table ops.submission add column is_work_list boolean not null default false;
comment on column ops.submission.is_work_list is '是否填好发回的待办清单';

-- What goes to a unit and answers none of its files.
alter table ops.delivery drop constraint delivery_kind_check;
alter table ops.delivery add constraint delivery_kind_check
    check (kind in ('receipt', 'return_workbook', 'work_list', 'form'));
create unique index delivery_of_unit on ops.delivery (county_code, unit_code, kind, file_name, sha256)
    where submission_id is null;
comment on column ops.delivery.submission_id is '所答复的来件；空：待办清单和下发的表，或由归档重建时已找不到';
comment on column ops.delivery.kind is 'receipt 回执，return_workbook 退件，work_list 待办清单，form 下发的表';

-- Which forms went out for which period: once each, whatever night it was.
create table ops.form_handed_out (
    county_code text not null,
    unit_code text not null,
    template text not null,
    period text not null,
    business_date date not null,
    file_name text not null,
    handed_out_at timestamptz not null default clock_timestamp(),
    primary key (county_code, unit_code, template, period)
);
comment on table ops.form_handed_out is '每期下发给各单位的预填表';
comment on column ops.form_handed_out.county_code is '县区代码';
comment on column ops.form_handed_out.unit_code is '报送单位';
comment on column ops.form_handed_out.template is '名单代码';
comment on column ops.form_handed_out.period is '期次：YYYY-MM、YYYY-Qn、YYYY-Hn 或 YYYY';
comment on column ops.form_handed_out.business_date is '业务日期';
comment on column ops.form_handed_out.file_name is '发件箱里的文件名';
comment on column ops.form_handed_out.handed_out_at is '写好的时间';

-- One line whenever the list of a unit says something else than before; nothing open is something else too.
create table ops.work_list (
    county_code text not null,
    unit_code text not null,
    business_date date not null,
    file_name text,
    sha256 text,
    item_count integer not null,
    written_at timestamptz not null default clock_timestamp(),
    primary key (county_code, unit_code, business_date)
);
comment on table ops.work_list is '各单位待办清单的变化：有变化的一夜一行';
comment on column ops.work_list.county_code is '县区代码';
comment on column ops.work_list.unit_code is '报送单位';
comment on column ops.work_list.business_date is '业务日期，也是发件箱里的文件夹';
comment on column ops.work_list.file_name is '文件名；空：这一夜起没有待办';
comment on column ops.work_list.sha256 is '内容指纹；空：没有待办';
comment on column ops.work_list.item_count is '多少项';
comment on column ops.work_list.written_at is '写好的时间';

-- What an officer has said no to is not proposed to her again.
create table ops.declined_pair (
    reference text not null,
    submission_id bigint not null references ops.submission,
    declined_at timestamptz not null default clock_timestamp(),
    primary key (reference, submission_id)
);
comment on table ops.declined_pair is '待办清单里不接受的结对建议';
comment on column ops.declined_pair.reference is '清单键：哪一个帮扶人与哪一个对象';
comment on column ops.declined_pair.submission_id is '哪一份清单里说的；撤销后又列出';
comment on column ops.declined_pair.declined_at is '收到的时间';
