-- A file is answered without being read a second time: where its rows stand is known since it was judged.
alter table ops.submission_sheet
    add column whereabouts jsonb,
    add column whereabouts_version text;
comment on column ops.submission_sheet.whereabouts is '数据在表中的位置（行号、列号、待确认的表头），写退回文件时用；空：须重读文件';
comment on column ops.submission_sheet.whereabouts_version is '记下位置的程序版本：换了版本就重读文件';
