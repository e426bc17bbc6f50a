-- Whoever ran something that did not succeed can tell its owner; a template knows its runs.
ALTER TABLE notice DROP CONSTRAINT notice_kind_check;
ALTER TABLE notice ADD CONSTRAINT notice_kind_check
  CHECK (kind IN ('mention', 'reply', 'run_failed', 'run_told', 'input_waiting', 'access_asked', 'access_given'));
CREATE INDEX run_template ON run (template_id, id DESC) WHERE template_id IS NOT NULL;
