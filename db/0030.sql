-- Hosts that somebody lets the outputs of notebooks load pictures, scripts, styles and fonts from. Without a row nothing is asked of anybody.
CREATE TABLE allowed_host (
  person_id ulid NOT NULL REFERENCES person ON DELETE CASCADE,
  host text NOT NULL,
  allowed_at timestamptz NOT NULL,
  PRIMARY KEY (person_id, host)
);
