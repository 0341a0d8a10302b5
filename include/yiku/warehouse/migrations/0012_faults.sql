-- A file that a fault of ours keeps from being taken in is held with the fault's type and place, and tried again by the
-- first version of the product that is not the one that failed.
alter table ops.submission add column fault text;
alter table ops.submission add column fault_version text;
comment on column ops.submission.fault is '系统未能处理该文件时的故障类型和代码位置，不含任何人的信息';
comment on column ops.submission.fault_version is '发生故障的程序版本；换了版本会自动重新处理';
