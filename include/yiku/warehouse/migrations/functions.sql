-- Functions and views: the business date, masks, who may see what. Run again whenever this file changes.

create or replace function ops.business_date() returns date
language sql stable parallel safe
as $$
    select coalesce(
        nullif(current_setting('yiku.business_date', true), '')::date,
        (select business_date from ops.night order by night_id desc limit 1)
    )
$$;
comment on function ops.business_date() is '当前夜间运行的业务日期；可由设置 yiku.business_date 指定';

-- What clerks took out and what was not undone: a row of that key which had come by then is gone.
create or replace view ops.withdrawn_now with (security_invoker = true) as
select w.template, w.key, w.submission_id, s.received_at
from ops.withdrawn_row as w
inner join ops.submission as s on w.submission_id = s.submission_id
where s.undone_at is null and s.business_date <= ops.business_date();
comment on view ops.withdrawn_now is '业务日期当日有效的删除';

create or replace function ops.first_night() returns date
language sql stable parallel safe
as $$
    select coalesce(
        (
            select min(business_date) from ops.night
            where business_date between date_trunc('month', ops.business_date())::date and ops.business_date()
        ),
        ops.business_date()
    )
$$;
comment on function ops.first_night() is '业务日期所在月份的第一个夜间运行日：当月统计口径以这一天为准';

create or replace function ops.mask_name(name text) returns text
language sql immutable parallel safe
as $$
    select case
        when name is null or name = '' then name
        when name !~ '^[\u3400-\u9fff\uf900-\ufaff]{2,4}$' then left(name, 1) || '*'
        when length(name) > 2 and left(name, 2) = any (array[
            '欧阳', '司马', '上官', '诸葛', '东方', '皇甫', '尉迟', '公孙', '慕容', '令狐', '司徒', '司空', '夏侯',
            '长孙', '宇文', '轩辕', '端木', '独孤', '南宫', '西门', '东郭', '百里', '呼延', '闻人', '申屠', '澹台'])
            then left(name, 2) || repeat('*', greatest(length(name) - 3, 1)) || case when length(name) > 3 then right(name, 1) else '' end
        when length(name) = 2 then left(name, 1) || '*'
        else left(name, 1) || repeat('*', length(name) - 2) || right(name, 1)
    end
$$;

create or replace function ops.mask_id(id_no text) returns text
language sql immutable parallel safe
as $$ select case when length(id_no) > 6 then left(id_no, 6) || repeat('*', length(id_no) - 6) else repeat('*', length(id_no)) end $$;
comment on function ops.mask_id(text) is '证件号只留前六位';

create or replace function ops.mask_phone(phone text) returns text
language sql immutable parallel safe
as $$ select case when length(phone) >= 11 then left(phone, 3) || repeat('*', length(phone) - 7) || right(phone, 4) else repeat('*', length(phone)) end $$;

create or replace function ops.mask_account(account text) returns text
language sql immutable parallel safe
as $$ select case when length(account) > 8 then repeat('*', length(account) - 4) || right(account, 4) else repeat('*', length(account)) end $$;

create or replace function ops.strip_numbers(words text) returns text
language sql immutable parallel safe
as $$ select regexp_replace(words, '[0-9０-９]+[XxＸｘ]?', '', 'g') $$;
comment on function ops.strip_numbers(text) is '去掉文字中的所有数字';

create or replace function ops.age_band(age integer) returns text
language sql immutable parallel safe
as $$
    select case
        when age is null then null
        when age < 16 then '16岁以下'
        when age < 25 then '16-24岁'
        when age < 35 then '25-34岁'
        when age < 45 then '35-44岁'
        when age < 55 then '45-54岁'
        when age < 60 then '55-59岁'
        when age < 65 then '60-64岁'
        else '65岁以上'
    end
$$;

-- Row policies ask these. They look at session_user, which no session can change, and at a table that only
-- yiku_pipeline can write.

create or replace function ops.my_towns() returns text[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select coalesce(array_agg(town_code) filter (where town_code is not null), '{}') from ops.login_scope where login = session_user $$;
comment on function ops.my_towns() is '当前登录名可看的乡镇';

create or replace function ops.my_counties() returns text[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select coalesce(array_agg(county_code) filter (where town_code is null), '{}') from ops.login_scope where login = session_user $$;
comment on function ops.my_counties() is '当前登录名可看全县的县区';

create or replace function ops.log_read(what text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into ops.access_log (action, object) values ('read', what);
    raise log 'yiku audit: % reads %', session_user, what; -- stays when the reader rolls back
    return true;
end
$$;
comment on function ops.log_read(text) is '记录一次审计读取；记录不了就读不了';

-- Of the masked marts a BI login without a scope of its own sees all, an audit login sees all and is logged.
create or replace function ops.reads_all_masked(what text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_has_role(session_user, 'yiku_audit', 'member') then
        return ops.log_read(what);
    end if;
    return pg_has_role(session_user, 'yiku_bi', 'member')
        and not exists (select from ops.login_scope where login = session_user);
end
$$;

create or replace function ops.unmask(wanted uuid, why text)
returns table (person_sk uuid, id_no text, name text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(length(trim(why)), 0) < 2 then
        raise exception '请写明查看原因。' using errcode = 'check_violation';
    end if;
    if not pg_has_role(session_user, 'yiku_county', 'member') then
        raise exception '只有县区业务人员可以查看明文。' using errcode = 'insufficient_privilege';
    end if;
    insert into ops.access_log (action, object, person_sk, reason) values ('unmask', 'mart.one_db', wanted, why);
    raise log 'yiku unmask: % asks for %', session_user, wanted; -- stays when the reader rolls back
    return query
        select p.person_sk::uuid, p.id_no::text, p.name::text from mart.one_db as p
        where p.person_sk::uuid = wanted and p.county_code = any (ops.my_counties());
end
$$;
comment on function ops.unmask(uuid, text) is '县区业务人员凭原因查看一人的明文；有记录';
