-- title: Calendar
-- about: Terms, exam periods, holidays and events of the academic year.
-- grain: one row per kind, name and first day
-- access: all
-- column: kind varchar [text]  term, exam, holiday or event
-- column: name_cs varchar [text]  name in Czech
-- column: name_en varchar [text]  name in English
-- column: start_day date [day]  first day
-- column: end_day date [day]  day after the last
select
    kind,
    name_cs,
    name_en,
    start_day,
    end_day,
from calendar
order by start_day, kind, name_cs, end_day
