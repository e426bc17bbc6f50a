-- A parameter may be given several files: which of them it is, from 0.
ALTER TABLE run_file ADD COLUMN place integer NOT NULL DEFAULT 0, DROP CONSTRAINT run_file_pkey, ADD PRIMARY KEY (run_id, parameter, place);
ALTER TABLE live_file ADD COLUMN place integer NOT NULL DEFAULT 0, DROP CONSTRAINT live_file_pkey, ADD PRIMARY KEY (notebook_id, parameter, place);
