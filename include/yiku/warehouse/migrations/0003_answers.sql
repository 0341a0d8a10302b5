-- When a sender was last answered: receipts and return workbooks are written again only when something changed.
alter table ops.submission add column answered_at timestamptz;
comment on column ops.submission.answered_at is '最近一次写回执和退件的时间';
