-- What other rows say against a loaded row holds as long as they say it; what a row says of itself, until it is mended.
alter table ops.finding add column is_contradiction boolean not null default false;
comment on column ops.finding.is_contradiction is '因与其他行矛盾而提出；矛盾消失即关闭，此时没有关闭它的提交';
create index on ops.finding (row_id, rule) where is_contradiction;
