-- Test cases with mocks and as files, and runs of them without a proposal.

-- [{cell, source}]: cells that give way to others while it runs.
ALTER TABLE test_case ADD COLUMN mocks json NOT NULL DEFAULT '[]';
ALTER TABLE proposal_check ADD COLUMN mocks json NOT NULL DEFAULT '[]';

-- What is done to the notebook so that it can be tested: see case/rig.ts. Null: it runs as it is.
ALTER TABLE run ADD COLUMN rig json;

-- The file of test cases as it was put, for as long as it says what is so.
ALTER TABLE notebook ADD COLUMN tests_text text;
-- Whether every new version is tested; null: when a template stands for one of its versions.
ALTER TABLE notebook ADD COLUMN tests_versions boolean;
-- The newest version that was looked at for that.
ALTER TABLE notebook ADD COLUMN tested_version integer NOT NULL DEFAULT 0;

-- The test cases of a notebook, as they were, tried on one of its versions.
CREATE TABLE test_run (
  id ulid PRIMARY KEY,
  notebook_id ulid NOT NULL REFERENCES notebook ON DELETE CASCADE,
  version integer NOT NULL,
  -- Asked for by somebody, or because there is a new version.
  because text NOT NULL CHECK (because IN ('asked', 'version')),
  asked_by ulid NOT NULL REFERENCES person,
  created_at timestamptz NOT NULL
);
CREATE INDEX test_run_newest ON test_run (notebook_id, id DESC);

CREATE TABLE test_run_case (
  test_run_id ulid NOT NULL REFERENCES test_run ON DELETE CASCADE,
  place integer NOT NULL,
  name text NOT NULL,
  parameters json NOT NULL,
  expects json NOT NULL,
  mocks json NOT NULL,
  run_id ulid,
  verdict text NOT NULL DEFAULT 'pending' CHECK (verdict IN ('pending', 'passed', 'failed')),
  said text NOT NULL DEFAULT '',
  result_sha256 digest,
  PRIMARY KEY (test_run_id, place)
);
CREATE INDEX test_run_case_pending ON test_run_case (test_run_id) WHERE verdict = 'pending';
