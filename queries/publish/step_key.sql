select key
from build.ops.step_key
