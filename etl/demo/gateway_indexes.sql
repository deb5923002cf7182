-- Made after the rows, which is several times faster.
alter table "LiteLLM_SpendLogs" add primary key (request_id);
create index "LiteLLM_SpendLogs_startTime_idx" on "LiteLLM_SpendLogs" ("startTime");
