-- Live sessions: kernels paired with drafts, and what each execution of a cell showed.

-- At most one that lives for each notebook. Written by its worker, and by whoever sees that the worker is gone.
CREATE TABLE session (
  id ulid PRIMARY KEY,
  space_id ulid NOT NULL REFERENCES space,
  notebook_id ulid NOT NULL REFERENCES notebook ON DELETE CASCADE,
  worker_id ulid NOT NULL,
  host text NOT NULL DEFAULT '',
  state text NOT NULL CHECK (state IN ('starting', 'idle', 'busy', 'restarting', 'dead', 'lost', 'ended')),
  explanation text NOT NULL DEFAULT '',
  kernel_name text NOT NULL DEFAULT '',
  display_name text NOT NULL DEFAULT '',
  language text NOT NULL DEFAULT '',
  environment text NOT NULL DEFAULT '',
  environment_sha256 digest,
  environment_asked text,
  -- What it runs as.
  started_by ulid NOT NULL REFERENCES person,
  features text[] NOT NULL DEFAULT '{}',
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  -- When it is ended if nothing happens.
  idle_until timestamptz,
  lease_until timestamptz NOT NULL,
  -- The widgets as they were last: {"state": …, "version_major": 2, "version_minor": 0}
  widgets_sha256 digest REFERENCES blob
);
CREATE UNIQUE INDEX session_living ON session (notebook_id) WHERE state NOT IN ('lost', 'ended');
CREATE INDEX session_notebook ON session (notebook_id, id);
CREATE INDEX session_lease ON session (lease_until) WHERE state NOT IN ('lost', 'ended');
CREATE INDEX session_worker ON session (worker_id) WHERE state NOT IN ('lost', 'ended');
CREATE INDEX session_space ON session (space_id);
CREATE INDEX session_started_by ON session (started_by);
CREATE INDEX session_widgets ON session (widgets_sha256) WHERE widgets_sha256 IS NOT NULL;

-- One execution of one cell: a copy of what the journal says, for when there is no worker to ask.
CREATE TABLE execution (
  id ulid PRIMARY KEY,
  session_id ulid NOT NULL REFERENCES session ON DELETE CASCADE,
  notebook_id ulid NOT NULL REFERENCES notebook ON DELETE CASCADE,
  cell text NOT NULL,
  -- A JSON string: source may hold what text of PostgreSQL may not.
  source json NOT NULL,
  source_sha256 digest NOT NULL,
  asked_by ulid NOT NULL REFERENCES person,
  state text NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'not_run', 'lost')),
  explanation text NOT NULL DEFAULT '',
  execution_count integer,
  queued_at timestamptz NOT NULL,
  started_at timestamptz,
  ended_at timestamptz,
  -- [{output, external: {mime: sha256}}]: to the last digit; in a blob when they are long.
  outputs json,
  outputs_sha256 digest REFERENCES blob,
  overflow_bytes bigint NOT NULL DEFAULT 0
);
CREATE INDEX execution_session ON execution (session_id);
CREATE INDEX execution_notebook ON execution (notebook_id, id);
CREATE INDEX execution_asked_by ON execution (asked_by);
CREATE INDEX execution_outputs ON execution (outputs_sha256) WHERE outputs_sha256 IS NOT NULL;

-- Long strings of outputs, by the type under which they are shown.
CREATE TABLE execution_blob (
  execution_id ulid NOT NULL REFERENCES execution ON DELETE CASCADE,
  sha256 digest NOT NULL REFERENCES blob,
  media_type text NOT NULL,
  PRIMARY KEY (execution_id, sha256, media_type)
);
CREATE INDEX execution_blob_sha256 ON execution_blob (sha256);
