-- Test cases run again when the environment changes that a version runs in, and whoever answers for it hears when they fail.

ALTER TABLE test_run DROP CONSTRAINT test_run_because_check;
ALTER TABLE test_run ADD CONSTRAINT test_run_because_check CHECK (because IN ('asked', 'version', 'environment'));
-- Of the template that stands for this version, where it was tested for its sake: in the environment of its profile.
ALTER TABLE test_run ADD COLUMN template_id ulid REFERENCES template ON DELETE CASCADE;
-- What the version's environment had become when this began; null: it was not asked.
ALTER TABLE test_run ADD COLUMN environment digest;
-- What its runs ask for; '': whatever the notebook runs in.
ALTER TABLE test_run ADD COLUMN environment_asked text NOT NULL DEFAULT '';
-- When it had ended and been looked through by the platform itself; what was asked for is looked at by whoever asked.
ALTER TABLE test_run ADD COLUMN told_at timestamptz;
UPDATE test_run SET told_at = created_at;
CREATE INDEX test_run_untold ON test_run (id) WHERE told_at IS NULL;
CREATE INDEX test_run_template ON test_run (template_id) WHERE template_id IS NOT NULL;

-- Which environment a version wishes for: read from its bytes once, since they never change.
CREATE TABLE version_environment (
  notebook_id ulid NOT NULL REFERENCES notebook ON DELETE CASCADE,
  version integer NOT NULL,
  -- A name or digest; a list of packages, locked once; the kernel that its kernelspec names.
  want text NOT NULL CHECK (want IN ('named', 'listed', 'kernel')),
  name text NOT NULL,
  language text NOT NULL,
  PRIMARY KEY (notebook_id, version)
);

ALTER TABLE notice DROP CONSTRAINT notice_kind_check;
ALTER TABLE notice ADD CONSTRAINT notice_kind_check
  CHECK (kind IN ('mention', 'reply', 'run_failed', 'run_told', 'run_ended', 'tests_failed', 'input_waiting', 'access_asked', 'access_given'));

-- A test may expect that a run fails, and one environment fails many: of tests it is told what they came to, not of each of their runs.
CREATE OR REPLACE FUNCTION run_failed_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.trigger = 'test' AND NEW.labels ? 'stet/test' THEN
    RETURN NULL;
  END IF;
  INSERT INTO notice (person_id, kind, about, space_id, notebook_id, run_id, at)
  SELECT coalesce(p.owner_id, p.id), 'run_failed', 'run/' || NEW.id, NEW.space_id, NEW.notebook_id, NEW.id, coalesce(NEW.ended_at, now())
  FROM person p WHERE p.id = NEW.ordered_by AND p.kind <> 'system'
  ON CONFLICT (person_id, about) DO UPDATE SET at = EXCLUDED.at, read_at = NULL;
  RETURN NULL;
END $$;
