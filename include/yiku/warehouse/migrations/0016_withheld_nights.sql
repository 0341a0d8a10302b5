-- A night for a day before the one that is published is taken in and answered, but shown to nobody unless that is asked.

alter table ops.night drop constraint night_state_check;
alter table ops.night add constraint night_state_check check (state in ('open', 'published', 'failed', 'withheld'));
comment on column ops.night.state is 'open 进行中，published 已发布，failed 失败，withheld 业务日期较旧，未发布';
