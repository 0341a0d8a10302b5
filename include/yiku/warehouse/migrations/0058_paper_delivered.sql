-- What was printed for a unit goes to where its files come from, as answers do.
alter table ops.delivery drop constraint delivery_kind_check;
alter table ops.delivery add constraint delivery_kind_check
    check (kind in ('receipt', 'return_workbook', 'work_list', 'form', 'wall_page', 'bulletin', 'paper'));
comment on column ops.delivery.kind is 'receipt 回执，return_workbook 退件，work_list 待办清单，form 下发的表，wall_page 挂图作战，bulletin 月通报，paper 明示牌、一户一页、一人一档';
comment on column ops.delivery.submission_id is '所答复的来件；空：不答复来件（待办清单、下发的表、挂图、通报、打印件），或由归档重建时已找不到';
