-- What a county numbers, names and dates for itself is its own: its keys hold the county, and a row that has no other key
-- is told by its content. Rows that were loaded under the old keys are the same rows.
do $$
declare
    list record;
    own constant text := '^[^/@]+/\d+/';
    nationwide constant text := '^(L[1-5]/[01]|E06/0|E08/0|H02/0|T04/0|T06/[01]|T08/1|T09/1|T11/1|T14/0|V0[12]/0)/';
begin
    for list in
        select table_name as name, upper(left(table_name, 1)) || substr(table_name, 2) as code
        from information_schema.columns
        where table_schema = 'raw' and column_name in ('row_id', 'key', 'content_hash', 'county_code')
        group by table_name
        having count(*) = 4 and table_name not like '%\_now' and table_name not like '%\_standing'
    loop
        execute format(
            'update raw.%I set key = regexp_replace(key, %L, ''\1@'' || county_code || ''/'')
            where key ~ %L and key !~ %L and county_code <> ''''',
            list.name, '^([^/@]+/\d+)/', own, nationwide
        );
        if list.name = 't01' then
            update raw.t01 set key = case
                when valid_from is null then concat('T01/3@', county_code, '/', name, '/', unit)
                else concat('T01/2@', county_code, '/', name, '/', unit, '/', valid_from)
            end
            where key is null and name is not null and unit is not null;
        elsif list.name = 't02' then
            update raw.t02 set key = concat('T02/1@', county_code, '/', name, '/', unit, '/', recruited_on)
            where key is null and name is not null and unit is not null and recruited_on is not null;
        end if;
        execute format(
            'update raw.%I set key = concat(%L, ''/=@'', county_code, ''/'', content_hash)
            where key is null and content_hash is not null',
            list.name, list.code
        );
    end loop;
    update ops.withdrawn_row as w
    set key = regexp_replace(w.key, '^([^/@]+/\d+)/', '\1@' || s.county_code || '/')
    from ops.submission as s
    where s.submission_id = w.submission_id and s.county_code <> '' and w.key ~ own and w.key !~ nationwide;
end
$$;
