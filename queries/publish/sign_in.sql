select mark, person_no
from build.sign_in
order by mark
