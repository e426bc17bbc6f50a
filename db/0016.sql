-- Whoever wants to hear how runs ended, and what is on its way to them.

CREATE TABLE subscription (
  id ulid PRIMARY KEY,
  person_id ulid NOT NULL REFERENCES person ON DELETE CASCADE,
  -- Of every run by the template's name, or of every run of the notebook.
  template_id ulid REFERENCES template ON DELETE CASCADE,
  notebook_id ulid REFERENCES notebook ON DELETE CASCADE,
  hears text NOT NULL CHECK (hears IN ('all', 'failures')),
  way text NOT NULL CHECK (way IN ('inbox', 'webhook', 'mail')),
  -- Where a webhook goes; '' for the other ways.
  address text NOT NULL DEFAULT '',
  -- What a webhook is signed with, sealed with a key that is not in the database.
  secret bytea,
  created_at timestamptz NOT NULL,
  -- Why the last delivery did not arrive; '' when it did.
  problem text NOT NULL DEFAULT '',
  failed_at timestamptz,
  CHECK (num_nonnulls(template_id, notebook_id) = 1),
  CHECK ((way = 'webhook') = (secret IS NOT NULL)),
  UNIQUE NULLS NOT DISTINCT (person_id, template_id, notebook_id, way, address)
);
CREATE INDEX subscription_template ON subscription (template_id) WHERE template_id IS NOT NULL;
CREATE INDEX subscription_notebook ON subscription (notebook_id) WHERE notebook_id IS NOT NULL;

-- One run's end on its way to one subscriber. It is tried until it arrived, or was given up.
CREATE TABLE delivery (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  subscription_id ulid NOT NULL REFERENCES subscription ON DELETE CASCADE,
  run_id ulid NOT NULL,
  attempt integer NOT NULL,
  created_at timestamptz NOT NULL,
  tries integer NOT NULL DEFAULT 0,
  -- When it is tried next; null: it is over.
  next_at timestamptz,
  problem text NOT NULL DEFAULT '',
  UNIQUE (subscription_id, run_id, attempt)
);
CREATE INDEX delivery_due ON delivery (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX delivery_over ON delivery (created_at) WHERE next_at IS NULL;

ALTER TABLE notice DROP CONSTRAINT notice_kind_check;
ALTER TABLE notice ADD CONSTRAINT notice_kind_check
  CHECK (kind IN ('mention', 'reply', 'run_failed', 'run_told', 'run_ended', 'input_waiting', 'access_asked', 'access_given'));

-- Whoever writes the end of a run, subscribers are told with it or not at all. Who ordered it is told of a failure already.
CREATE FUNCTION run_ended_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO notice (person_id, kind, about, space_id, notebook_id, run_id, at)
  SELECT DISTINCT s.person_id, 'run_ended', 'ended/' || NEW.id, NEW.space_id, NEW.notebook_id, NEW.id, coalesce(NEW.ended_at, now())
  FROM subscription s
  WHERE (s.template_id = NEW.template_id OR s.notebook_id = NEW.notebook_id) AND s.way = 'inbox'
    AND (s.hears = 'all' OR NEW.state IN ('failed', 'lost')) AND NOT (s.person_id = NEW.ordered_by AND NEW.state IN ('failed', 'lost'))
  ON CONFLICT (person_id, about) DO UPDATE SET at = EXCLUDED.at, read_at = NULL;
  INSERT INTO delivery (subscription_id, run_id, attempt, created_at, next_at)
  SELECT s.id, NEW.id, NEW.attempt, now(), now() FROM subscription s
  WHERE (s.template_id = NEW.template_id OR s.notebook_id = NEW.notebook_id) AND s.way <> 'inbox'
    AND (s.hears = 'all' OR NEW.state IN ('failed', 'lost'))
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER run_ended_told AFTER UPDATE OF state ON run FOR EACH ROW
  WHEN (NEW.state IN ('succeeded', 'failed', 'cancelled', 'lost') AND OLD.state IN ('queued', 'running') AND NEW.trigger <> 'test')
  EXECUTE FUNCTION run_ended_told();
