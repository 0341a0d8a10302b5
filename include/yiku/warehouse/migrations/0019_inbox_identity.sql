-- What a file is known by: its sender, where it lies below the sender's folder, and its content; not the inbox's address.
alter table ops.inbox_seen add column place_hash text;
alter table ops.inbox_seen add column owner_hash text;
create index on ops.inbox_seen (sha256);
comment on column ops.inbox_seen.place_hash is '报送单位及其文件夹内位置的指纹：换了收件箱地址仍是同一份文件';
comment on column ops.inbox_seen.owner_hash is '报送单位和文件名的指纹：在文件夹内移动过的仍是同一份文件';
