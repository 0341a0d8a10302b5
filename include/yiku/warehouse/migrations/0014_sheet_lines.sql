-- Every line of a file that is not blank is of exactly one class; what was not read as a row is counted and told.
alter table ops.submission
    add column line_counts jsonb not null default '{}',
    add column rows_left_out integer not null default 0;
alter table ops.submission_sheet
    add column line_counts jsonb not null default '{}',
    add column rows_left_out integer not null default 0;
comment on column ops.submission.line_counts is '各类行的行数：数据、表头、合计、签名等，合起来是全部非空行';
comment on column ops.submission.rows_left_out is '未作为数据行读取的行数（合计、签名、示例等）';
comment on column ops.submission_sheet.line_counts is '各类行的行数：数据、表头、合计、签名等';
comment on column ops.submission_sheet.rows_left_out is '未作为数据行读取的行数（合计、签名、示例等）';
