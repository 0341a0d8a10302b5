-- What a night saw when it began: whatever was settled since is judged as if it had come at once.
alter table ops.night add column began pg_snapshot not null default pg_current_snapshot();
comment on column ops.night.began is '开始时数据库的快照；此后判定的文件不分先后';
