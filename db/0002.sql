-- Drafts: the co-edited documents, as the updates they were told.

CREATE TABLE draft (
  notebook_id ulid PRIMARY KEY REFERENCES notebook ON DELETE CASCADE,
  -- Everything up to and with the update `state_seq`, as one Yjs update (version 1 of its encoding).
  state bytea NOT NULL,
  state_seq bigint NOT NULL DEFAULT 0,
  -- Which process has it in memory, and until when it may believe that nobody else has. Every write carries the fence.
  holder text,
  held_until timestamptz,
  fence bigint NOT NULL DEFAULT 0
);
-- All that a beat of the lease looks for.
CREATE INDEX draft_holder ON draft (holder) WHERE holder IS NOT NULL;

CREATE TABLE draft_update (
  notebook_id ulid NOT NULL REFERENCES draft ON DELETE CASCADE,
  seq bigint NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (notebook_id, seq)
);
