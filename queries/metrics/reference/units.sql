-- title: Units
-- about: The units of the university; UNKNOWN, SHARED and UNALLOCATED are special ones under the root.
-- grain: one row per unit
-- access: all
-- column: unit varchar [text]  code
-- column: parent_unit varchar [text]  code of the unit above; null: the root
-- column: level varchar [text]  university, faculty, department or special
-- column: name_cs varchar [text]  name in Czech
-- column: name_en varchar [text]  name in English
-- column: cost_centre varchar [text]  accounting code, if given
-- column: faculty_order bigint [count]  place among the faculties by cost centre, then code; null for other levels
select
    unit,
    parent_unit,
    level,
    name_cs,
    name_en,
    cost_centre,
    case
        when level = 'faculty'
            then row_number() over (partition by level order by cost_centre nulls last, unit)
    end as faculty_order,
from unit
order by
    case level when 'university' then 0 when 'faculty' then 1 when 'department' then 2 else 3 end,
    faculty_order nulls last,
    unit
