-- Prescriptions that repeat an earlier one of another village. Found anew every night, before the marts are built.

create table ops.copied_prescription (
    row_id uuid not null primary key,
    other_row_id uuid not null,
    check (row_id <> other_row_id)
);
comment on table ops.copied_prescription is '与另一个村更早的处方雷同的处方（每晚重新比对）';
comment on column ops.copied_prescription.row_id is '行标识';
comment on column ops.copied_prescription.other_row_id is '最早的雷同处方的行标识';
