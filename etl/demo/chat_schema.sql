-- The tables of Open WebUI 0.12 that usage statistics touch, column for column as its own migrations make them.
create table "user" (
    id varchar not null primary key,
    name varchar,
    email varchar,
    role varchar,
    profile_image_url text,
    last_active_at bigint,
    updated_at bigint,
    created_at bigint,
    username varchar(50),
    bio text,
    gender text,
    date_of_birth date,
    profile_banner_image_url text,
    timezone varchar,
    presence_state varchar,
    status_emoji varchar,
    status_message text,
    status_expires_at bigint,
    oauth json,
    info json,
    settings json,
    scim json,
    variables json
);

create table "group" (
    id text not null primary key,
    user_id text,
    name text,
    description text,
    data json,
    meta json,
    permissions json,
    created_at bigint,
    updated_at bigint,
    parent_group_id text
);

create table group_member (
    id text not null primary key,
    group_id text not null references "group" (id) on delete cascade,
    user_id text not null references user (id) on delete cascade,
    created_at bigint,
    updated_at bigint,
    unique (group_id, user_id)
);

create table chat (
    id varchar not null primary key,
    user_id varchar,
    title text,
    created_at bigint,
    updated_at bigint,
    share_id text unique,
    archived boolean,
    chat json,
    pinned boolean,
    meta json default '{}' not null,
    folder_id text,
    tasks json,
    summary text,
    last_read_at bigint,
    current_message_id text,
    variables json,
    timer_at bigint
);

create table chat_message (
    id text not null primary key,
    chat_id text not null references chat (id) on delete cascade,
    user_id text,
    role text not null,
    parent_id text,
    content json,
    output json,
    model_id text,
    files json,
    sources json,
    embeds json,
    done boolean,
    status_history json,
    error json,
    usage json,
    created_at bigint,
    updated_at bigint,
    context_summary text,
    meta json
);
create index ix_chat_message_user_id on chat_message (user_id);
create index ix_chat_message_created_at on chat_message (created_at);
create index ix_chat_message_chat_id on chat_message (chat_id);

create table feedback (
    id text not null primary key,
    user_id text,
    version bigint,
    type text,
    data json,
    meta json,
    snapshot json,
    created_at bigint not null,
    updated_at bigint not null
);

create table model (
    id text not null primary key,
    user_id text,
    base_model_id text,
    name text,
    params text,
    meta text,
    updated_at bigint,
    created_at bigint,
    is_active boolean default 1 not null,
    version_id text
);
