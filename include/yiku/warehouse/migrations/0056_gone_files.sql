-- What is known of a file that lies in its inbox no more is kept for a time alone.
alter table ops.inbox_seen add column gone_on date;
comment on column ops.inbox_seen.gone_on is '从哪一夜起不在收件箱里；空：还在';
create index on ops.inbox_seen (gone_on) where gone_on is not null;
