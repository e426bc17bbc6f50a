-- Comments on cells, and what waits for somebody in their inbox.

CREATE TABLE comment (
  id ulid PRIMARY KEY,
  space_id ulid NOT NULL,
  notebook_id ulid NOT NULL REFERENCES notebook ON DELETE CASCADE,
  -- The first comment of its thread; its own id for that one.
  thread_id ulid NOT NULL REFERENCES comment ON DELETE CASCADE,
  -- The cell's id in the document; empty: about the notebook as a whole. Of the first comment of a thread.
  cell_id text NOT NULL DEFAULT '',
  author_id ulid NOT NULL REFERENCES person,
  body text NOT NULL,
  created_at timestamptz NOT NULL,
  edited_at timestamptz,
  -- Of the first comment of a thread: it is settled.
  resolved_at timestamptz,
  resolved_by ulid REFERENCES person,
  -- What was said is gone; that something was said stays, so that answers keep their place.
  deleted_at timestamptz
);
CREATE INDEX comment_notebook ON comment (notebook_id, thread_id, id);
CREATE INDEX comment_thread ON comment (thread_id);

-- One row is one thing that somebody should know. It holds ids only: what they may not see any more is not told either.
CREATE TABLE notice (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  person_id ulid NOT NULL REFERENCES person ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('mention', 'reply', 'run_failed', 'input_waiting', 'access_asked', 'access_given')),
  -- What makes it one thing: told again, the same row comes back to the top, unread.
  about text NOT NULL,
  space_id ulid,
  notebook_id ulid REFERENCES notebook ON DELETE CASCADE,
  run_id ulid,
  comment_id ulid REFERENCES comment ON DELETE CASCADE,
  -- Who caused it; null: Stet itself.
  by_id ulid REFERENCES person ON DELETE SET NULL,
  said text NOT NULL DEFAULT '',
  at timestamptz NOT NULL,
  read_at timestamptz,
  UNIQUE (person_id, about)
);
CREATE INDEX notice_newest ON notice (person_id, at DESC, id DESC);
CREATE INDEX notice_unread ON notice (person_id) WHERE read_at IS NULL;
CREATE INDEX notice_notebook ON notice (notebook_id) WHERE notebook_id IS NOT NULL;
CREATE INDEX notice_comment ON notice (comment_id) WHERE comment_id IS NOT NULL;

-- Whoever writes the end of a run, the notice is written with it or not at all. A service account's go to whom it belongs.
CREATE FUNCTION run_failed_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO notice (person_id, kind, about, space_id, notebook_id, run_id, at)
  SELECT coalesce(p.owner_id, p.id), 'run_failed', 'run/' || NEW.id, NEW.space_id, NEW.notebook_id, NEW.id, coalesce(NEW.ended_at, now())
  FROM person p WHERE p.id = NEW.ordered_by AND p.kind <> 'system'
  ON CONFLICT (person_id, about) DO UPDATE SET at = EXCLUDED.at, read_at = NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER run_failed AFTER UPDATE OF state ON run FOR EACH ROW
  WHEN (NEW.state IN ('failed', 'lost') AND OLD.state NOT IN ('failed', 'lost')) EXECUTE FUNCTION run_failed_notice();
