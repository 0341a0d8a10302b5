-- Which transaction settled a file: what settled beside a batch, by another process, is told from it.

alter table ops.submission add column settled_xid xid8;
comment on column ops.submission.settled_xid is '判定该文件的数据库事务号';
