-- The register as of a night, one row a person: every batch asks it, and the versions of all lists need not be sorted
-- for each of them.

create table register.person (
    person_sk uuid not null,
    id_no text not null,
    name text,
    birth_date date,
    phone text,
    household_no text,
    household_sk uuid,
    county_code text,
    town_code text,
    village_code text,
    member_state text,
    school text,
    labour_capacity text
);
create index on register.person (county_code);
create index on register.person (id_no);
create index on register.person (person_sk);
comment on table register.person is '业务日期当日的建档立卡人口，由名册重算（受限）';

create table register.person_as_of (
    only_one boolean primary key default true check (only_one),
    business_date date not null,
    signature text not null
);
comment on table register.person_as_of is 'register.person 按哪一天、哪些来件算出';
