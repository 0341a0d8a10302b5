-- A mail on which something of ours breaks keeps no other waiting; it is looked at again each night until that is mended.
alter table ops.mail drop constraint mail_state_check;
alter table ops.mail add constraint mail_state_check check (state in ('taken', 'nothing', 'too_large', 'unverified',
    'unknown', 'by_program', 'bounce', 'own', 'fault'));
comment on column ops.mail.state is 'taken 已收，nothing 没有可收的附件，too_large 太大未取，unverified 发件人未能核实，unknown 地址未登记，by_program 自动邮件，bounce 退信，own 我们自己的，fault 程序出错';
