-- Templates: notebooks that were proven, and are run by name.

-- With what a version must run before it may be promoted.
CREATE TABLE test_case (
  id ulid PRIMARY KEY,
  space_id ulid NOT NULL,
  notebook_id ulid NOT NULL REFERENCES notebook ON DELETE CASCADE,
  name text NOT NULL,
  parameters json NOT NULL DEFAULT '{}',
  -- What must come of it: see template/expectation.ts.
  expects json NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by ulid,
  UNIQUE (notebook_id, name)
);

CREATE TABLE template (
  id ulid PRIMARY KEY,
  space_id ulid NOT NULL,
  -- What it is made from; versions outlive their notebook, so it runs on when that is gone.
  notebook_id ulid NOT NULL REFERENCES notebook,
  name text COLLATE "C" NOT NULL UNIQUE,
  owner_id ulid NOT NULL REFERENCES person,
  -- How many approvals a proposal takes; null: one, or none while nobody else may edit.
  approvals integer CHECK (approvals >= 0),
  -- The newest promotion; 0 before the first.
  latest integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  created_by ulid NOT NULL,
  deprecated_at timestamptz,
  deprecation text NOT NULL DEFAULT '',
  successor_id ulid REFERENCES template
);
CREATE INDEX template_notebook ON template (notebook_id);
CREATE INDEX template_space ON template (space_id, name);

-- The request to make one version the template's. It pins that version: another one is another proposal.
CREATE TABLE proposal (
  id ulid PRIMARY KEY,
  template_id ulid NOT NULL REFERENCES template ON DELETE CASCADE,
  space_id ulid NOT NULL,
  notebook_id ulid NOT NULL,
  version integer NOT NULL,
  version_sha256 digest NOT NULL,
  -- Of all that an approval is about: one byte changed, and it is another.
  binding digest NOT NULL,
  parameters json,
  message text NOT NULL DEFAULT '',
  author_id ulid NOT NULL REFERENCES person,
  state text NOT NULL CHECK (state IN ('open', 'promoted', 'withdrawn', 'replaced')),
  created_at timestamptz NOT NULL,
  closed_at timestamptz,
  closed_by ulid,
  CHECK ((state = 'open') = (closed_at IS NULL))
);
CREATE UNIQUE INDEX proposal_open ON proposal (template_id, version) WHERE state = 'open';
CREATE INDEX proposal_newest ON proposal (template_id, id DESC);
CREATE INDEX proposal_space ON proposal (space_id, id DESC) WHERE state = 'open';

-- A run that proves something of a proposal: its fresh rerun, or one of the test cases as they were when it was proposed.
CREATE TABLE proposal_check (
  proposal_id ulid NOT NULL REFERENCES proposal ON DELETE CASCADE,
  place integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('rerun', 'test')),
  name text NOT NULL,
  parameters json NOT NULL,
  expects json NOT NULL,
  run_id ulid,
  verdict text NOT NULL DEFAULT 'pending' CHECK (verdict IN ('pending', 'passed', 'failed')),
  said text NOT NULL DEFAULT '',
  environment digest,
  result_sha256 digest,
  PRIMARY KEY (proposal_id, place)
);

CREATE TABLE review (
  proposal_id ulid NOT NULL REFERENCES proposal ON DELETE CASCADE,
  person_id ulid NOT NULL REFERENCES person,
  verdict text NOT NULL CHECK (verdict IN ('approve', 'request_changes')),
  said text NOT NULL DEFAULT '',
  binding digest NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (proposal_id, person_id)
);

-- What was promoted, and the signed record of why it might be. Never changed, never deleted.
CREATE TABLE promotion (
  template_id ulid NOT NULL REFERENCES template,
  number integer NOT NULL CHECK (number > 0),
  proposal_id ulid NOT NULL,
  notebook_id ulid NOT NULL,
  version integer NOT NULL,
  version_sha256 digest NOT NULL,
  parameters json,
  evidence text NOT NULL,
  signature text NOT NULL,
  key_id text NOT NULL,
  is_reviewed boolean NOT NULL,
  at timestamptz NOT NULL,
  by_id ulid NOT NULL,
  PRIMARY KEY (template_id, number),
  FOREIGN KEY (notebook_id, version) REFERENCES version
);
CREATE FUNCTION promotion_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a promotion is never changed';
END $$;
CREATE TRIGGER promotion_stands BEFORE UPDATE OR DELETE ON promotion FOR EACH ROW EXECUTE FUNCTION promotion_stands();

-- Names for promotions beside latest-approved, which is always the newest.
CREATE TABLE channel (
  template_id ulid NOT NULL REFERENCES template,
  name text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  at timestamptz NOT NULL,
  by_id ulid NOT NULL,
  PRIMARY KEY (template_id, name),
  FOREIGN KEY (template_id, number) REFERENCES promotion
);
