-- What others may read: the words of our own lists, and what the look at the finished marts had to mask besides.

create table ops.code_word (
    word text not null primary key
);
comment on table ops.code_word is '代码表中的用语：公开时照原样显示（取自数据契约）';
comment on column ops.code_word.word is '用语';

create table ops.masked_cell (
    night_id bigint not null references ops.night on delete cascade,
    relation text not null,
    column_name text not null,
    cells integer not null,
    primary key (night_id, relation, column_name)
);
comment on table ops.masked_cell is '发布前检查中另行遮盖的单元格数：只记表、列和处数，不记内容';
comment on column ops.masked_cell.relation is '表';
comment on column ops.masked_cell.column_name is '列';
comment on column ops.masked_cell.cells is '处数';

-- Names that stand in the names of files and sheets are looked up when a file is loaded.
create index on register.person (name);

-- What a sheet is called in its file: texts for others show a name without numbers and persons.
alter table ops.submission_sheet add column named_in_file text;
comment on column ops.submission_sheet.named_in_file is '文件中的工作表原名（受限，仅供写回执文件时查找）';
