-- Checks of a proposal that fail are one thing to look at, however many they are: one row of the inbox for each proposal.
CREATE OR REPLACE FUNCTION run_failed_notice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  proposed text := CASE WHEN NEW.trigger = 'test' THEN NEW.labels->>'stet/proposal' END;
BEGIN
  IF NEW.trigger = 'test' AND (NEW.labels ? 'stet/test' OR EXISTS (
    SELECT FROM proposal_check c WHERE c.proposal_id = NEW.labels->>'stet/proposal' AND c.run_id = NEW.id AND c.expects->>'outcome' = 'fails'))
  THEN
    RETURN NULL;
  END IF;
  INSERT INTO notice (person_id, kind, about, space_id, notebook_id, run_id, at)
  SELECT coalesce(p.owner_id, p.id), CASE WHEN proposed IS NULL THEN 'run_failed' ELSE 'tests_failed' END,
    coalesce('proposal/' || proposed, 'run/' || NEW.id), NEW.space_id, NEW.notebook_id, NEW.id, coalesce(NEW.ended_at, now())
  FROM person p WHERE p.id = NEW.ordered_by AND p.kind <> 'system'
  ON CONFLICT (person_id, about) DO UPDATE SET run_id = EXCLUDED.run_id, at = EXCLUDED.at, read_at = NULL;
  RETURN NULL;
END $$;
