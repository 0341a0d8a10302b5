-- What was made of a file depends on what ran that night.
alter table ops.night add column version text;
comment on column ops.night.version is '所用程序的版本和代码指纹；早于 0.2.0 的夜没有';
