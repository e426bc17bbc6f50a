-- Opening runs live: what a notebook was opened from, and the kernels of failed runs that are kept for a while.

-- How long the kernel is kept when a cell raises, in milliseconds; null: not at all.
ALTER TABLE run ADD COLUMN keep_kernel_ms integer CHECK (keep_kernel_ms > 0);

-- A notebook that was made to look into a run, or a version, with a live kernel. It keeps to that version's files and environment.
CREATE TABLE live_origin (
  notebook_id ulid PRIMARY KEY REFERENCES notebook ON DELETE CASCADE,
  run_id ulid REFERENCES run ON DELETE SET NULL,
  of_notebook ulid NOT NULL,
  version integer NOT NULL,
  -- Cells before this one are replayed; '': all.
  cell text NOT NULL DEFAULT '',
  -- The one that was agreed to; null: what the notebook asks for.
  environment digest,
  -- It took over the kernel that the run had left.
  is_attached boolean NOT NULL,
  opened_by ulid NOT NULL REFERENCES person,
  opened_at timestamptz NOT NULL
);
CREATE INDEX live_origin_run ON live_origin (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX live_origin_opened_by ON live_origin (opened_by);

-- The kernel that the latest failed attempt of a run left. Written by its worker alone.
CREATE TABLE kept_kernel (
  run_id ulid PRIMARY KEY REFERENCES run ON DELETE CASCADE,
  attempt integer NOT NULL,
  worker_id ulid NOT NULL,
  kept_at timestamptz NOT NULL,
  until timestamptz NOT NULL,
  ended_at timestamptz,
  ending text NOT NULL DEFAULT '' CHECK (ending IN ('', 'attached', 'expired', 'died', 'let_go', 'not_kept', 'worker_stopped')),
  CHECK ((ending = '') = (ended_at IS NULL))
);
CREATE INDEX kept_kernel_worker ON kept_kernel (worker_id) WHERE ended_at IS NULL;

-- Who may take over a run's kernel beside whoever ordered the run: it holds what was read with that person's rights.
CREATE TABLE kept_kernel_person (
  run_id ulid NOT NULL REFERENCES run ON DELETE CASCADE,
  person_id ulid NOT NULL REFERENCES person,
  granted_by ulid NOT NULL,
  granted_at timestamptz NOT NULL,
  PRIMARY KEY (run_id, person_id)
);
CREATE INDEX kept_kernel_person_person ON kept_kernel_person (person_id);
