-- Results that anybody may read who has the link: one row a link, which knows the link's secret by a digest alone.
CREATE TABLE public_result (
  id ulid PRIMARY KEY,
  secret_digest digest NOT NULL UNIQUE,
  run_id ulid NOT NULL REFERENCES run ON DELETE CASCADE,
  attempt integer NOT NULL,
  -- Whether the code is shown, where the notebook does not hide it anyway.
  with_code boolean NOT NULL,
  made_by ulid NOT NULL REFERENCES person,
  made_at timestamptz NOT NULL,
  withdrawn_at timestamptz
);
CREATE INDEX public_result_run ON public_result (run_id, id);
CREATE INDEX public_result_made_by ON public_result (made_by);
