-- A test case that a proposal expects to fail is no failed run that anybody has to look at.
CREATE OR REPLACE FUNCTION run_failed_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.trigger = 'test' AND (NEW.labels ? 'stet/test' OR EXISTS (
    SELECT FROM proposal_check c WHERE c.proposal_id = NEW.labels->>'stet/proposal' AND c.run_id = NEW.id AND c.expects->>'outcome' = 'fails'))
  THEN
    RETURN NULL;
  END IF;
  INSERT INTO notice (person_id, kind, about, space_id, notebook_id, run_id, at)
  SELECT coalesce(p.owner_id, p.id), 'run_failed', 'run/' || NEW.id, NEW.space_id, NEW.notebook_id, NEW.id, coalesce(NEW.ended_at, now())
  FROM person p WHERE p.id = NEW.ordered_by AND p.kind <> 'system'
  ON CONFLICT (person_id, about) DO UPDATE SET at = EXCLUDED.at, read_at = NULL;
  RETURN NULL;
END $$;
