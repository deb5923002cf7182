-- Who and what facts speak of. History is kept: a row the source has lost stays.
create sequence account_no;

create table account (  -- one row per account id ever seen, under any source
    account_no integer not null default nextval('account_no'),
    account_key varchar not null,  -- pseudonym
    person_key varchar not null,  -- pseudonym of the human behind it; the account itself until a source links it
    email_domain varchar  -- a configured domain only
);

create table source_account (  -- one row per source and account it lists
    source varchar not null,
    account_no integer not null,
    role varchar,
    is_pending boolean not null,
    is_service boolean not null,
    created_at timestamp,
    first_seen_at timestamp not null,
    is_gone boolean not null  -- no longer listed by the source
);

create sequence person_no;

create table person (  -- one row per human; numbers are dense, so that sets of persons are short bit strings
    person_no integer not null default nextval('person_no'),
    person_key varchar not null,
    bit_no integer  -- place in the bit strings; given at the first active day
);

create sequence key_no;

create table api_key (  -- one row per source and gateway key ever seen
    key_no integer not null default nextval('key_no'),
    source varchar not null,
    api_key_key varchar not null,  -- pseudonym of the key's hash
    alias_key varchar,
    owner_account_no integer,
    team_id varchar,
    is_chat_ui boolean not null,
    is_deleted boolean not null,
    is_listed boolean not null  -- false: seen in requests only
);

create table team (  -- one row per source and team ever seen
    source varchar not null,
    team_id varchar not null,
    name varchar,
    unit varchar,
    is_chat_ui boolean not null,
    is_deleted boolean not null
);

create table group_membership (  -- one row per source, account, group and stretch of days
    source varchar not null,
    account_no integer not null,
    group_name varchar not null,
    valid_from date not null,
    valid_to date not null  -- exclusive; 9999-12-31 = open
);

-- What follows from accounts, keys, teams and the directory for every request. Derived; a change dirties the days it touches.
create table account_rule (  -- one row per account: the human behind it
    account_no integer not null,
    person_no integer not null,
    is_service boolean not null,
    unit varchar  -- of a service account: who pays
);

create table key_rule (  -- one row per gateway key
    key_no integer not null,
    owner_account_no integer,
    is_chat_ui boolean not null,
    is_service boolean not null,
    unit varchar
);

create table team_rule (  -- one row per source and team
    source varchar not null,
    team_id varchar not null,
    is_chat_ui boolean not null,
    is_service boolean not null,
    unit varchar
);

create table unit (
    unit varchar not null,
    parent_unit varchar,
    level varchar not null,  -- university | faculty | department | special
    name_cs varchar not null,
    name_en varchar not null,
    cost_centre varchar
);

create table unit_closure (  -- one row per unit and each of its ancestors, itself included
    unit varchar not null,
    ancestor varchar not null
);

create table unit_name (  -- every name a unit goes by in teams and groups, upper case
    name varchar not null,
    unit varchar not null
);

create table person_unit (  -- who belongs where by the directory's people.csv
    person_key varchar not null,
    unit varchar not null,
    role varchar not null,
    weight decimal(9, 6) not null,
    valid_from date not null,
    valid_to date not null
);

create table domain_unit (  -- one row per e-mail domain of the university
    email_domain varchar not null,
    unit varchar not null,
    role varchar not null
);

create table group_rule (  -- one row per group name seen that names a unit or a role
    group_name varchar not null,
    unit varchar,
    role varchar
);

create table home_unit (  -- where a person belongs: people.csv before groups before e-mail domain; weights add to 1
    person_no integer not null,
    unit varchar not null,
    role varchar not null,
    weight decimal(9, 6) not null,
    is_primary boolean not null,
    valid_from date not null,
    valid_to date not null,
    origin varchar not null  -- people | group | domain
);

create table population (
    unit varchar not null,
    role varchar not null,
    valid_from date not null,
    valid_to date not null,
    persons bigint not null
);

create table service_account (
    match_key varchar not null,
    kind varchar not null,  -- key_alias | key | team | user
    name varchar not null,
    unit varchar
);

create table workspace_model (  -- one row per pair of a model as picked in the chat UI and the one that answered
    workspace_model varchar not null,
    model varchar not null
);

create table model_name (  -- one row per model name ever seen in any source
    name varchar not null,
    is_served boolean not null  -- the gateway has answered with it
);

create table model (  -- one row per model name ever seen in any source
    name varchar not null,
    model varchar not null,  -- what it is counted as
    title varchar not null,
    family varchar not null,
    provider varchar not null,
    hosting varchar not null,  -- commercial | self_hosted | unknown
    is_mapped boolean not null,
    is_gateway boolean not null  -- the gateway serves it: a chat turn with it is counted there
);

create table fx_rate (
    day date not null,
    currency varchar not null,
    origin varchar not null,
    czk_per_unit decimal(18, 8) not null
);

create table rate_daily (  -- one row per day and currency: the last published rate on or before the day
    day date not null,
    currency varchar not null,
    czk_per_unit decimal(18, 8) not null,
    published_day date not null,
    origin varchar not null
);

create table calendar (
    kind varchar not null,
    name_cs varchar not null,
    name_en varchar not null,
    start_day date not null,
    end_day date not null
);

create table dates (  -- one row per local day
    day date not null,
    day_no integer not null,
    week_start date not null,
    month_start date not null,
    weekday integer not null,  -- 1 = Monday
    term varchar,
    term_week integer,
    is_weekend boolean not null,
    is_exam boolean not null,
    is_holiday boolean not null
);
