-- Files that people send to be a parameter, and the runs and live notebooks that took them: as long as there is one, the bytes stay.

CREATE TABLE upload (
  id ulid PRIMARY KEY,
  notebook_id ulid NOT NULL REFERENCES notebook ON DELETE CASCADE,
  person_id ulid NOT NULL REFERENCES person,
  -- As people read it: the last part of what it was called, without what a terminal or a page could take for something else.
  name text NOT NULL,
  sha256 digest NOT NULL REFERENCES blob,
  size_bytes bigint NOT NULL CHECK (size_bytes > 0),
  -- When it was sent last; what no run took is swept some days after.
  sent_at timestamptz NOT NULL,
  -- Sent again it is the same one, so that an order that is sent again is the same order.
  UNIQUE (person_id, notebook_id, sha256, name)
);
CREATE INDEX upload_notebook ON upload (notebook_id);
CREATE INDEX upload_sha256 ON upload (sha256);
CREATE INDEX upload_sent ON upload (sent_at);

CREATE TABLE run_file (
  run_id ulid NOT NULL REFERENCES run ON DELETE CASCADE,
  parameter text NOT NULL,
  upload_id ulid NOT NULL REFERENCES upload,
  -- Where it lies for the kernel, from the notebook's folder: what its code is given.
  path text NOT NULL,
  PRIMARY KEY (run_id, parameter)
);
CREATE INDEX run_file_upload ON run_file (upload_id);

-- The same for a notebook that was opened live, from a run or with values of its own.
CREATE TABLE live_file (
  notebook_id ulid NOT NULL REFERENCES notebook ON DELETE CASCADE,
  parameter text NOT NULL,
  upload_id ulid NOT NULL REFERENCES upload,
  path text NOT NULL,
  PRIMARY KEY (notebook_id, parameter)
);
CREATE INDEX live_file_upload ON live_file (upload_id);
