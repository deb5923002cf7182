select key, value
from build.ops.setting
-- what the build alone needs: of its secret, and of forgetting
where key not in ('secret_fingerprint', 'folded_before', 'bits_given', 'old_snapshots_unwanted', 'rewriting_wanted')
order by key
