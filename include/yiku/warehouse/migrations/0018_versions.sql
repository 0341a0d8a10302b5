-- Every version of a row has its place among the others: of a sheet as a whole, and of what a clerk took out.
alter table ops.submission_sheet add column version text collate "C";
comment on column ops.submission_sheet.version is '版本次序：大者为新';
alter table ops.withdrawn_row add column version text collate "C";
comment on column ops.withdrawn_row.version is '删除所在工作表的版本次序';
