-- Mails that were looked at, so that none is taken twice; the mails themselves stay in their mailbox.
create table ops.mail (
    mail_id bigint generated always as identity primary key,
    source text not null,
    business_date date not null,
    identity text not null,
    state text not null check (state in ('taken', 'nothing', 'too_large', 'unverified', 'unknown', 'by_program', 'bounce',
        'own')),
    county_code text,
    unit_code text,
    address_hash text,
    address_shown text,
    message_id text,
    file_count integer not null default 0,
    sentence text,
    letter text,
    answered_at timestamptz,
    filed_at timestamptz,
    noted_at timestamptz not null default clock_timestamp(),
    unique (source, identity)
);
create index on ops.mail (identity) where state = 'taken';
create index on ops.mail (business_date, source);
create index on ops.mail (source) where sentence is not null and answered_at is null;
comment on table ops.mail is '看过的来信：收了没有、为什么；信本身留在邮箱里';
comment on column ops.mail.mail_id is '编号';
comment on column ops.mail.source is '哪个邮箱，见 sources.yml';
comment on column ops.mail.business_date is '哪一夜看的';
comment on column ops.mail.identity is '信的指纹：同一封信不收两次';
comment on column ops.mail.state is 'taken 已收，nothing 没有可收的附件，too_large 太大未取，unverified 发件人未能核实，unknown 地址未登记，by_program 自动邮件，bounce 退信，own 我们自己的';
comment on column ops.mail.county_code is '县区代码；空：地址未登记';
comment on column ops.mail.unit_code is '报送单位；空：地址未登记';
comment on column ops.mail.address_hash is '发件地址的指纹；地址本身只在 sources.yml';
comment on column ops.mail.address_shown is '发件地址，已遮盖';
comment on column ops.mail.message_id is '来信的 Message-ID，回信时引用；只记已登记地址的';
comment on column ops.mail.file_count is '收下的附件数；自动邮件：所带的附件数';
comment on column ops.mail.sentence is '要告诉发件人的话（代号）；空：没有';
comment on column ops.mail.letter is '这句话在哪一封回信里';
comment on column ops.mail.answered_at is '告诉的时间';
comment on column ops.mail.filed_at is '在邮箱里标记或移走的时间';
comment on column ops.mail.noted_at is '看的时间';

-- Numbers hold as long as the folder's UIDVALIDITY; then a mail is known by its identity alone.
create table ops.mail_uid (
    source text not null,
    uid_validity bigint not null,
    uid bigint not null,
    mail_id bigint references ops.mail,
    primary key (source, uid_validity, uid)
);
comment on table ops.mail_uid is '来信在邮箱文件夹里的编号：看过的不再取';
comment on column ops.mail_uid.source is '哪个邮箱，见 sources.yml';
comment on column ops.mail_uid.uid_validity is '文件夹的 UIDVALIDITY，变了编号就重排';
comment on column ops.mail_uid.uid is '编号';
comment on column ops.mail_uid.mail_id is '哪一封';

create table ops.mailbox (
    source text primary key,
    since date not null
);
comment on table ops.mailbox is '第一次打开的邮箱，从哪一天的来信看起';
comment on column ops.mailbox.source is '哪个邮箱，见 sources.yml';
comment on column ops.mailbox.since is '这一天以前的来信不看';

alter table ops.submission add column mail_id bigint references ops.mail;
comment on column ops.submission.mail_id is '随哪封信来的；空：不是邮件';
create index on ops.submission (mail_id) where mail_id is not null;

-- What goes in one letter stays in it: sent once more under the same number, it must hold the same.
alter table ops.delivery add column letter text;
comment on column ops.delivery.letter is '在哪一封回信里；空：不是邮件，或还没有分好';
