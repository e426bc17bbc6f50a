-- A version that is run from a fresh kernel, once or twice, to see whether it does what it did: kept with it, for everybody.
CREATE TABLE proof (
  id ulid PRIMARY KEY,
  space_id ulid NOT NULL,
  notebook_id ulid NOT NULL REFERENCES notebook ON DELETE CASCADE,
  version integer NOT NULL,
  asked_by ulid NOT NULL REFERENCES person,
  asked_at timestamptz NOT NULL,
  first_run ulid NOT NULL,
  -- Where it was asked for twice, to tell chance from change.
  second_run ulid,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'clean', 'differs', 'failed', 'unclear')),
  -- Why it failed, or why nobody can tell; one sentence.
  said text NOT NULL DEFAULT '',
  ended_at timestamptz,
  environment digest,
  -- What the outputs of each cell came to: see notebook/compare/proof.ts.
  cells json NOT NULL DEFAULT '[]',
  CHECK ((state = 'running') = (ended_at IS NULL))
);
CREATE INDEX proof_newest ON proof (notebook_id, id DESC);
CREATE INDEX proof_of_version ON proof (notebook_id, version, id DESC);
