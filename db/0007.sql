-- What a live session wrote beside its notebook, kept when it ended until the next one ends.
CREATE TABLE session_file (
  session_id ulid NOT NULL REFERENCES session ON DELETE CASCADE,
  path text COLLATE "C" NOT NULL,
  sha256 digest NOT NULL REFERENCES blob,
  size_bytes bigint NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (session_id, path)
);
CREATE INDEX session_file_sha256 ON session_file (sha256);
