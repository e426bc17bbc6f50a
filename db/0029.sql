-- What test cases may change outside without being asked again: somebody's word, for cells and test cases as they were when they were listed.
CREATE TABLE standing_yes (
  notebook_id ulid NOT NULL REFERENCES notebook ON DELETE CASCADE,
  -- SHA-256 of the cell's source, of what it was found to change, of the parameters' cells and of the test case's values.
  effect digest NOT NULL,
  said_by ulid NOT NULL REFERENCES person,
  said_at timestamptz NOT NULL,
  PRIMARY KEY (notebook_id, effect)
);

-- The cells that were not covered, as they were listed: nothing of it runs until somebody has answered. Null: it waits for nobody.
ALTER TABLE test_run ADD COLUMN waits_for json;
-- 'left': it never runs; without anybody who said so, because a newer one took its place.
ALTER TABLE test_run ADD COLUMN answer text CHECK (answer IN ('yes', 'left'));
ALTER TABLE test_run ADD COLUMN answered_by ulid REFERENCES person;
ALTER TABLE test_run ADD COLUMN answered_at timestamptz;
CREATE INDEX test_run_waiting ON test_run (notebook_id) WHERE waits_for IS NOT NULL AND answer IS NULL;

ALTER TABLE test_run_case DROP CONSTRAINT test_run_case_verdict_check;
ALTER TABLE test_run_case ADD CONSTRAINT test_run_case_verdict_check CHECK (verdict IN ('pending', 'passed', 'failed', 'left'));

ALTER TABLE notice DROP CONSTRAINT notice_kind_check;
ALTER TABLE notice ADD CONSTRAINT notice_kind_check
  CHECK (kind IN ('mention', 'reply', 'run_failed', 'run_told', 'run_ended', 'tests_failed', 'tests_waiting', 'input_waiting', 'access_asked',
    'access_given', 'review_asked', 'changes_asked', 'approved', 'promoted'));
