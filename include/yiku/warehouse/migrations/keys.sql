-- Keys that hold the comparable form of an employer, made again when that form changes: a row that was loaded under the
-- old one is the same row. Run again whenever this file changes: count up with ops.employer_norm. Form 2.
do $$
begin
    if to_regclass('raw.l3') is not null then
        create temporary table changed_key on commit drop as
        select distinct old_key, new_key
        from (
            select
                key as old_key,
                concat_ws('/', 'L3/0', person_sk, ops.employer_norm(employer), to_char(start_on, 'YYYY-MM')) as new_key
            from raw.l3
            where key like 'L3/0/%' and person_sk is not null and start_on is not null
                and ops.employer_norm(employer) is not null
        ) as k
        where old_key <> new_key;
        delete from ops.withdrawn_row as w
        using changed_key as c, ops.withdrawn_row as o
        where w.template = 'L3' and w.key = c.old_key
            and o.template = 'L3' and o.key = c.new_key and o.submission_id = w.submission_id;
        update ops.withdrawn_row as w set key = c.new_key
        from changed_key as c where w.template = 'L3' and w.key = c.old_key;
        update raw.l3 as r set key = c.new_key from changed_key as c where r.key = c.old_key;
        drop table changed_key;
    end if;
end
$$;
