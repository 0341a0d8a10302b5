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

-- What clerks took out and what was not undone: a row of that key which had come by then, or is older, is gone.
create or replace view ops.withdrawn_now with (security_invoker = true) as
select w.template, w.key, w.submission_id, s.received_at, w.version
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

-- As yiku.comparison.content.normal_employer says it in Python.
create or replace function ops.employer_norm(name text) returns text
language sql immutable parallel safe
as $$
    select coalesce(
        nullif(
            regexp_replace(
                regexp_replace(bare, '股份有限公司|有限责任公司|有限公司|股份公司|责任公司', '', 'g'),
                '(集团公司|公司|集团)+$', ''
            ),
            ''
        ),
        nullif(bare, '')
    )
    from (
        select regexp_replace(
            translate(normalize(name, NFKC), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'),
            '[^0-9a-z\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]', '', 'g'
        )
    ) as plain (bare)
$$;
comment on function ops.employer_norm(text) is '用人单位可比较的名称：去掉空格、标点、括号和公司形式';

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

-- A number in any writing: digits of any script, circled or raised ones, Chinese ones, with letters that stand for digits
-- and with up to three signs between two of them. One Chinese digit alone is a word (统一, 一般), unless it is an age.
-- The repeats are bounded or leave no choice, so that a text of strangers takes no longer than it is long; most texts
-- have no digit or ASCII ones alone, and are spared the long pattern.
create or replace function ops.strip_numbers(words text) returns text
language plpgsql immutable parallel safe strict
as $$
begin
    if words !~ '[0-9\uff10-\uff19\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089\u2150-\u2189\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3220-\u3229\u3248-\u324f\u3251-\u325f\u3280-\u3289\u32b1-\u32bf\U0001d7ce-\U0001d7ff\U0001f100-\U0001f10c〇零一二三四五六七八九十百千万两廿卅壹贰叁肆伍陆柒捌玖拾佰仟萬貳參陸弌弍弎幺]' then
        return words;
    end if;
    if words !~ '[〇零一二三四五六七八九十百千万两廿卅壹贰叁肆伍陆柒捌玖拾佰仟萬貳參陸弌弍弎幺]|[^[:ascii:]\u2010-\u2027\u3001-\u3017\u3400-\u9fff\uff08-\uff0f\uff1a-\uff1f]|[0-9][OoIl|]|[OoIl|][0-9]' then
        return regexp_replace(words, '[0-9]+[Xx]?', '', 'g');
    end if;
    words := regexp_replace(
        words,
        '(?:[〇零一二三四五六七八九十百千万两廿卅壹贰叁肆伍陆柒捌玖拾佰仟萬貳參陸弌弍弎幺OoIl|\uff2f\uff4f\uff29\uff4c][^0-9A-Za-z\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u00c0-\u1fff\u3400-\u9fff\uf900-\ufaff]{0,3}){0,20}[0-9\uff10-\uff19\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089\u2150-\u2189\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3220-\u3229\u3248-\u324f\u3251-\u325f\u3280-\u3289\u32b1-\u32bf\U0001d7ce-\U0001d7ff\U0001f100-\U0001f10c](?:[^0-9A-Za-z\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u00c0-\u1fff\u3400-\u9fff\uf900-\ufaff]{0,3}[0-9\uff10-\uff19\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089\u2150-\u2189\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3220-\u3229\u3248-\u324f\u3251-\u325f\u3280-\u3289\u32b1-\u32bf\U0001d7ce-\U0001d7ff\U0001f100-\U0001f10c〇零一二三四五六七八九十百千万两廿卅壹贰叁肆伍陆柒捌玖拾佰仟萬貳參陸弌弍弎幺OoIl|\uff2f\uff4f\uff29\uff4cXx\uff38\uff58])*'
        || '|[〇零一二三四五六七八九十百千万两廿卅壹贰叁肆伍陆柒捌玖拾佰仟萬貳參陸弌弍弎幺](?:[^0-9A-Za-z\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u00c0-\u1fff\u3400-\u9fff\uf900-\ufaff]{0,3}[〇零一二三四五六七八九十百千万两廿卅壹贰叁肆伍陆柒捌玖拾佰仟萬貳參陸弌弍弎幺])+'
        || '|[〇零一二三四五六七八九十百千万两廿卅壹贰叁肆伍陆柒捌玖拾佰仟萬貳參陸弌弍弎幺](?=周?岁)',
        '', 'g'
    );
    if length(regexp_replace(words, '[^〇零一二三四五六七八九十百千万两廿卅壹贰叁肆伍陆柒捌玖拾佰仟萬貳參陸弌弍弎幺]', '', 'g')) >= 7 then
        return regexp_replace(words, '[〇零一二三四五六七八九十百千万两廿卅壹贰叁肆伍陆柒捌玖拾佰仟萬貳參陸弌弍弎幺]', '', 'g');
    end if;
    return words;
end
$$;
comment on function ops.strip_numbers(text) is '去掉文字中的所有数字（各种写法）';

-- What a text says of anybody's health is one mark.
create or replace function ops.without_health(words text) returns text
language plpgsql immutable parallel safe strict
as $$
begin
    if words ~ '[残障聋哑盲失瘫癌瘤艾精抑癫尘尿透糖压脏梗风肝炎结病患孕血硬衰疮痴帕截折疗喘肿亢唐植卧能闭智毒疯H]' then
        words := regexp_replace(
            words,
            '[^，。；、,;.[:space:]]{0,40}(?:残疾|残障|智障|致残|伤残|肢残|聋|哑|盲人|失明|瘫|癌|肿瘤|艾滋|精神病|精神障碍|精神分裂|抑郁'
            || '|癫痫|尘肺|尿毒|透析|糖尿|高血压|心脏病|脑梗|中风|肝炎|乙肝|结核|大病|重病|慢性病|患病|因病|患有|怀孕|孕妇'
            || '|[肝肾肺胃脑血骨]病|肝硬化|[肾肺胃节膜]炎|肾衰|衰竭|狼疮|痴呆|帕金森|心梗|心肌|脑出血|脑溢血|脑瘫|血栓|血友|截肢|骨折'
            || '|[化放]疗|哮喘|肺气肿|甲亢|唐氏|植物人|卧床|失能|自闭|智力|梅毒|性病|HIV|吸毒|戒毒|疯|精神失常|精神异常|神经病)[^，。；、,;.[:space:]]{0,40}',
            '…', 'g'
        );
    end if;
    return words;
end
$$;
comment on function ops.without_health(text) is '去掉文字中涉及健康的部分';

-- Free text as others may read it: without numbers and without what it says of anybody's health. Names go when the marts
-- are published: they are looked up among those of the register and the lists.
create or replace function ops.mask_text(words text) returns text
language sql immutable parallel safe strict
as $$ select btrim(ops.strip_numbers(ops.without_health(words))) $$;
comment on function ops.mask_text(text) is '脱敏后的自由文字：无数字，不涉及健康';

create or replace function ops.mask_texts(words text[]) returns text[]
language sql immutable parallel safe
as $$ select array_agg(ops.mask_text(w.word) order by w.place) from unnest(words) with ordinality as w (word, place) $$;

-- A number of a thing that a clerk made up (a class, an order, a document) is shown in a form that holds no number of a
-- person: a year and up to four digits more, or up to six in all, and no date.
create or replace function ops.is_short_number(number text) returns boolean
language plpgsql immutable parallel safe strict
as $$
declare
    digits text := regexp_replace(number, '[^0-9]', '', 'g');
    -- the letters of documents and series, and no others: a name may stand where a number should
    form text := '^[A-Za-z0-9\u3014\u3015\[\]()\uff08\uff09/.\-川黔利朝昭青旺剑苍织县市州区乡镇村人社财扶农科组委政府办发函'
        || '文通训项件字第年度季月号期批次班补]{1,24}$';
begin
    return number ~ form
        and number !~ '[A-Za-z]{5}'
        and number !~ '(19|20)[0-9]{2}[-./年]?[0-9]{1,2}[-./月][0-9]{1,2}'
        and (
            length(digits) <= 6
            or length(digits) <= 8 and digits ~ '^20[0-4][0-9]'
        )
        and digits !~ '^(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$'
        and digits !~ '^19[0-9]{2}(0[1-9]|1[0-2])$';
end
$$;
comment on function ops.is_short_number(text) is '自编号是否合于不会含有个人号码的短编号形式';

-- Any other is shown as a mark that is the same wherever the number is.
create or replace function ops.mask_number(number text) returns text
language plpgsql stable parallel safe strict
as $$
begin
    if number !~ '[0-9]' then
        return ops.mask_text(number);
    end if;
    if ops.is_short_number(number) then
        return number;
    end if;
    return '＊' || left(encode(sha256(
        (select k.key from register.identity_key as k) || convert_to('number ' || number, 'UTF8')
    ), 'hex'), 8);
end
$$;
comment on function ops.mask_number(text) is '自编号：合于短编号形式的照原样，否则换成固定记号';

-- The number of a batch of payments: a short number, or a year, a month, what is paid and a count. With a word between
-- them they are no day, and finance reads names elsewhere.
create or replace function ops.mask_batch(number text) returns text
language sql immutable parallel safe strict
as $$
    select case
        when ops.is_short_number(number) then number
        when number ~ '^20[0-4][0-9][-.年]?[0-9]{1,2}[-.月]?[\u3400-\u9fff]{1,6}[-.]?[0-9]{1,4}[批次期号]?$'
            and ops.strip_numbers(words.alone) = words.alone then number
        else ops.mask_text(number)
    end
    from (select regexp_replace(number, '[0-9]', '', 'g') as alone) as words
$$;
comment on function ops.mask_batch(text) is '发放批次：合于批次编号形式的照原样，否则去掉数字';

-- The code of an organisation has a letter among its characters 9 to 17, as no resident ID has.
create or replace function ops.mask_organisation(words text) returns text
language sql immutable parallel safe
as $$
    select case
        when words ~ '^[1-9A-HJ-NP-RT-UW-Y][0-9A-HJ-NP-RT-UW-Y][0-9]{6}[0-9A-HJ-NP-RT-UW-Y]{10}$'
            and substr(words, 9, 9) ~ '[A-Z]' then words
        else ops.mask_text(words)
    end
$$;

-- The name of a place: Chinese characters, at most two of them digits.
create or replace function ops.mask_place(words text) returns text
language sql immutable parallel safe
as $$
    select case
        when words ~ '^[\u3400-\u9fff]{2,16}$'
            and length(regexp_replace(words, '[^〇零一二三四五六七八九十百千万两廿卅壹贰叁肆伍陆柒捌玖拾佰仟萬貳參陸弌弍弎幺]', '', 'g')) <= 2
            and words = ops.without_health(words) then words
        else ops.mask_text(words)
    end
$$;

create or replace function ops.mask_places(words text[]) returns text[]
language sql immutable parallel safe
as $$ select array_agg(ops.mask_place(w.word) order by w.place) from unnest(words) with ordinality as w (word, place) $$;

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

-- Postgres takes back what a transaction wrote when it is rolled back, a line of a log too. So nobody reads on the
-- strength of a line of his own transaction: the line has to be committed before, by another one.

create or replace function ops.is_committed(asked xid8) returns boolean
language sql volatile parallel restricted set search_path = pg_catalog, pg_temp
as $$ select asked <> pg_current_xact_id() $$;
comment on function ops.is_committed(xid8) is '看得见的登记是否由另一个（因而已提交的）事务写下';

create or replace function ops.says_something(why text) returns boolean
language sql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
    select count(distinct letter) >= 4
    from regexp_split_to_table(coalesce(why, ''), '') as letter
    where letter ~ '[A-Za-z\u3400-\u9fff]'
$$;
comment on function ops.says_something(text) is '原因是否说明了事由：至少四个不同的字';

create or replace function ops.check_reason(why text) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp
as $$
begin
    if not ops.says_something(why) or length(why) > 200 then
        raise exception '请写明查看原因（例如哪件工单、核对什么），4 到 200 个字。' using errcode = 'check_violation';
    end if;
    if regexp_replace(why, '[[:space:]_.·-]', '', 'g') ~ '[0-9０-９]{11}' then
        raise exception '原因中不要写证件号、电话和账号。' using errcode = 'check_violation';
    end if;
end
$$;
comment on function ops.check_reason(text) is '原因不合要求时报错';

create or replace function ops.open_audit(ticket text) returns timestamptz
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not pg_has_role(session_user, 'yiku_audit', 'member') then
        raise exception '只有审计人员可以登记审计。' using errcode = 'insufficient_privilege';
    end if;
    perform ops.check_reason(ticket);
    insert into ops.access_log (action, object, reason) values ('audit', inet_client_addr()::text, trim(ticket));
    raise log 'yiku audit: % opens an audit', session_user; -- stays when the reader rolls back
    return clock_timestamp() + interval '12 hours';
end
$$;
comment on function ops.open_audit(text) is '登记一次审计（工单和事由）；提交之后 12 小时内可以读取，返回到期时间';

-- Fires at each login, where the server knows how (17 and newer) and we may tell it to: in a transaction of its own,
-- which is over before the auditor can ask anything.
create or replace function guard.note_login() returns event_trigger
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if (select not rolsuper from pg_roles where rolname = session_user)
        and pg_has_role(session_user, 'yiku_audit', 'member')
        and not pg_has_role(session_user, 'yiku_pipeline', 'usage') then
        insert into ops.access_log (action, object) values ('audit_login', inet_client_addr()::text);
    end if;
exception when others then
    null; -- nobody is locked out; without the line nothing can be read
end
$$;
comment on function guard.note_login() is '审计登录名每次登录记一行';

-- A name is looked up as of now, a row as of the transaction's snapshot: a reader of repeatable read who began before
-- the marts were swapped would find the new tables empty. Called immutable so that it is asked when a statement is
-- planned, rows or none: what one snapshot shows every later one shows too, and no plan outlives its session.
create or replace function ops.shows_whole(swap text) returns boolean
language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
    if current_setting('transaction_isolation') = 'read committed'
        or pg_visible_in_snapshot(swap::xid8, pg_current_snapshot()) then
        return true;
    end if;
    begin
        if pg_xact_status(swap::xid8) is distinct from 'committed' then
            return true;
        end if;
    exception when invalid_parameter_value then -- a number of another server: restored from a backup
        return true;
    end;
    raise exception '名单在本事务开始之后换新了，请结束事务后重新查询。' using errcode = 'serialization_failure';
end
$$;
comment on function ops.shows_whole(text) is '读者的事务早于本次发布时，报错而不是给出空表';

create or replace function ops.log_read(what text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select from ops.access_log
        where login = session_user and action in ('audit', 'audit_login')
            and at > clock_timestamp() - interval '12 hours' and ops.is_committed(asked_xid)
    ) then
        raise exception '审计读取须先登记：select ops.open_audit(''工单和事由'')，提交之后再读。'
            using errcode = 'insufficient_privilege';
    end if;
    insert into ops.access_log (action, object) values ('read', what);
    raise log 'yiku audit: % reads %', session_user, what; -- stays when the reader rolls back
    return true;
end
$$;
comment on function ops.log_read(text) is '记录一次审计读取；没有登记过审计就读不了';

-- Of the masked marts a BI login without a scope of its own sees all, an audit login sees all and is logged. The
-- pipeline, whose own tests read them, is asked first: the owner of roles counts as a member of each.
create or replace function ops.reads_all_masked(what text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_has_role(session_user, 'yiku_pipeline', 'usage') then
        return true;
    end if;
    if pg_has_role(session_user, 'yiku_audit', 'member') then
        return ops.log_read(what);
    end if;
    return pg_has_role(session_user, 'yiku_bi', 'member')
        and not exists (select from ops.login_scope where login = session_user);
end
$$;

-- One person in clear, in two steps of two transactions: the first call asks and is logged, the second, within ten
-- minutes of the commit, is answered. What was rolled back was never asked, and what was asked stays in the log whatever
-- becomes of the answer. One person a transaction, so many a day.

create or replace function ops.ask_unmask(wanted uuid, why text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    most integer;
    number integer;
    beside uuid;
begin
    select l.person_sk into beside from ops.access_log as l
    where l.login = session_user and l.action = 'unmask' and l.asked_xid = pg_current_xact_id();
    if beside = wanted then
        return;
    end if;
    if beside is not null then
        raise exception '一次只能登记查看一人：提交之后再登记下一人。' using errcode = 'cardinality_violation';
    end if;
    select max(most_a_day) into most from ops.access_limit
    where role in ('yiku_county') and pg_has_role(session_user, role, 'member');
    select coalesce(max(nth), 0) + 1 into number from ops.access_log
    where login = session_user and action = 'unmask'
        and on_day = (clock_timestamp() at time zone 'Asia/Shanghai')::date;
    if number > coalesce(most, 0) then
        raise exception '今天已登记查看 % 人，达到上限。', number - 1 using errcode = 'insufficient_privilege';
    end if;
    insert into ops.access_log (action, object, person_sk, reason, nth)
    values ('unmask', 'mart.one_db', wanted, trim(why), number);
    raise log 'yiku unmask: % asks for %', session_user, wanted; -- stays when the reader rolls back
end
$$;
comment on function ops.ask_unmask(uuid, text) is '登记要查看的一人（由 ops.unmask 调用）';

create or replace function ops.unmask(wanted uuid, why text)
returns table (person_sk uuid, id_no text, name text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp rows 1
as $$
declare
    asked bigint;
begin
    if not pg_has_role(session_user, 'yiku_county', 'member') then
        raise exception '只有县区业务人员可以查看明文。' using errcode = 'insufficient_privilege';
    end if;
    perform ops.check_reason(why);
    select l.access_id into asked from ops.access_log as l
    where l.login = session_user and l.action = 'unmask' and l.person_sk = wanted and l.reason = trim(why)
        and l.at > clock_timestamp() - interval '10 minutes' and ops.is_committed(l.asked_xid)
    order by l.access_id desc limit 1;
    if asked is null then
        perform ops.ask_unmask(wanted, why);
        raise notice '已登记。提交之后 10 分钟内用同样的原因再查一次，即可看到。';
        return;
    end if;
    if exists (
        select from ops.access_log as l
        where l.login = session_user and l.revealed_xid = pg_current_xact_id() and l.access_id <> asked
    ) then
        raise exception '一次只能查看一人：提交之后再查下一人。' using errcode = 'cardinality_violation';
    end if;
    update ops.access_log as l set revealed_at = clock_timestamp(), revealed_xid = pg_current_xact_id()
    where l.access_id = asked;
    return query
        select p.person_sk::uuid, p.id_no::text, p.name::text from mart.one_db as p
        where p.person_sk::uuid = wanted and p.county_code = any (ops.my_counties());
end
$$;
comment on function ops.unmask(uuid, text) is
'县区业务人员凭原因查看一人的明文：第一次调用只登记，提交之后 10 分钟内第二次调用给出；登记一定留下';

-- Both steps in one CALL, which commits between them; inside a transaction block it fails, and nothing is shown.
create or replace procedure ops.reveal(
    wanted uuid, why text, inout person_sk uuid default null, inout id_no text default null, inout name text default null
)
language plpgsql
as $$
begin
    perform ops.unmask(wanted, why);
    commit;
    select u.person_sk, u.id_no, u.name into person_sk, id_no, name from ops.unmask(wanted, why) as u;
end
$$;
comment on procedure ops.reveal(uuid, text, uuid, text, text) is '登记、提交并查看一人的明文：call ops.reveal(人员标识, 原因)';
