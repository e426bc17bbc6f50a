-- Findings of a proposal that somebody looked at and let stand, with their reason: it stays in the evidence.
CREATE TABLE finding_dismissal (
  proposal_id ulid NOT NULL REFERENCES proposal ON DELETE CASCADE,
  -- See notebook/analysis/dismissal.ts.
  finding text COLLATE "C" NOT NULL,
  person_id ulid NOT NULL REFERENCES person,
  said text NOT NULL CHECK (said <> ''),
  at timestamptz NOT NULL,
  PRIMARY KEY (proposal_id, finding)
);
