-- A proposal waits for those who may approve it, and its author for what they say.
ALTER TABLE notice DROP CONSTRAINT notice_kind_check;
ALTER TABLE notice ADD CONSTRAINT notice_kind_check
  CHECK (kind IN ('mention', 'reply', 'run_failed', 'run_told', 'run_ended', 'tests_failed', 'input_waiting', 'access_asked', 'access_given',
    'review_asked', 'changes_asked', 'approved', 'promoted'));
