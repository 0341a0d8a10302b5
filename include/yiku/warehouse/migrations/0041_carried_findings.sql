-- What came back and is still wrong is open once: in the newest file in which it came.
alter table ops.finding add column carried boolean not null default false;
comment on column ops.finding.carried is '该行又报来仍有问题：由 closed_by 那份来件继续跟踪';
