-- With which values a proof ran: those that were given, secrets by name, files by the names that they had.
ALTER TABLE proof
  ADD COLUMN parameters json NOT NULL DEFAULT '{}',
  ADD COLUMN secret_names text[] NOT NULL DEFAULT '{}',
  ADD COLUMN files json NOT NULL DEFAULT '[]';
