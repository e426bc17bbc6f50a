-- Ids are ULIDs as text (base/id.ts), compared by byte so that they sort by when they were made. Digests are SHA-256 as
-- lower-case hex. Everything that belongs to a space says so in a column of its own.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE DOMAIN ulid AS text COLLATE "C" CHECK (VALUE ~ '^[0-9A-Z]{26}$');
CREATE DOMAIN digest AS text COLLATE "C" CHECK (VALUE ~ '^[0-9a-f]{64}$');

-- ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE person (
  id ulid PRIMARY KEY,
  -- system: the one row of Stet itself (see the end of this section).
  kind text NOT NULL CHECK (kind IN ('person', 'service', 'system')),
  name text NOT NULL,
  -- What one signs in with; lower case. Service accounts have none.
  login text UNIQUE CHECK (login = lower(login)),
  -- Lower case.
  email text,
  email_verified boolean NOT NULL DEFAULT false,
  -- argon2id in PHC form; null for those who sign in elsewhere.
  password text,
  is_admin boolean NOT NULL DEFAULT false,
  -- Who answers for a service account.
  owner_id ulid REFERENCES person,
  disabled_at timestamptz,
  created_at timestamptz NOT NULL,
  created_by ulid,
  CHECK ((kind = 'service') = (owner_id IS NOT NULL)),
  CHECK (kind = 'person' OR (login IS NULL AND password IS NULL)),
  CHECK (kind <> 'service' OR NOT is_admin)
);
CREATE INDEX person_owner ON person (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX person_email ON person (email) WHERE email IS NOT NULL;

CREATE TABLE identity (
  issuer text NOT NULL,
  subject text NOT NULL,
  person_id ulid NOT NULL REFERENCES person,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX identity_person ON identity (person_id);

CREATE TABLE people_group (
  id ulid PRIMARY KEY,
  name text NOT NULL UNIQUE,
  -- The value of the identity provider's groups claim that makes one a member; never guessed from the name.
  claim text UNIQUE,
  created_at timestamptz NOT NULL
);

CREATE TABLE group_member (
  group_id ulid NOT NULL REFERENCES people_group ON DELETE CASCADE,
  person_id ulid NOT NULL REFERENCES person ON DELETE CASCADE,
  -- 'claim' rows are replaced at each OIDC sign-in; 'local' ones are made by an administrator.
  source text NOT NULL CHECK (source IN ('local', 'claim')),
  PRIMARY KEY (group_id, person_id, source)
);
CREATE INDEX group_member_person ON group_member (person_id);

CREATE TABLE web_session (
  -- SHA-256 of the cookie's value: the table cannot be used to sign in.
  id digest PRIMARY KEY,
  person_id ulid NOT NULL REFERENCES person ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  user_agent text NOT NULL DEFAULT '',
  address text NOT NULL DEFAULT ''
);
CREATE INDEX web_session_person ON web_session (person_id);
CREATE INDEX web_session_expires ON web_session (expires_at);

CREATE TABLE api_token (
  id ulid PRIMARY KEY,
  -- SHA-256 of the secret part.
  secret digest NOT NULL,
  person_id ulid NOT NULL REFERENCES person ON DELETE CASCADE,
  name text NOT NULL,
  scopes text[] NOT NULL,
  -- Null: every space its person reaches.
  space_id ulid,
  created_at timestamptz NOT NULL,
  created_by ulid NOT NULL,
  expires_at timestamptz NOT NULL,
  last_used_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX api_token_person ON api_token (person_id);

-- One-use links: the first administrator's, an invitation, a new password.
CREATE TABLE invite (
  id ulid PRIMARY KEY,
  secret digest NOT NULL,
  kind text NOT NULL CHECK (kind IN ('sign_in', 'invite', 'reset')),
  person_id ulid REFERENCES person ON DELETE CASCADE,
  space_id ulid,
  role text CHECK (role IN ('viewer', 'commenter', 'runner', 'editor', 'admin')),
  -- An invitation to administer the platform.
  is_admin boolean NOT NULL DEFAULT false,
  created_by ulid,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  CHECK ((space_id IS NULL) = (role IS NULL))
);
CREATE INDEX invite_expires ON invite (expires_at);

-- Attempts to sign in that have not succeeded, by what they are counted for; `key` is a digest, so that no login or address is kept.
CREATE TABLE sign_in_attempt (
  key digest PRIMARY KEY,
  failures integer NOT NULL,
  last_at timestamptz NOT NULL,
  blocked_until timestamptz NOT NULL
);

-- A sign-in at the identity provider under way: one use. The browser alone holds what state, nonce and verifier are made from.
CREATE TABLE oidc_flow (
  id digest PRIMARY KEY,
  issuer text NOT NULL,
  return_to text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);

INSERT INTO person (id, kind, name, created_at) VALUES ('00000000000000000000000000', 'system', 'Stet', '2000-01-01T00:00:00Z');

-- ── library ─────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE space (
  id ulid PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  title text NOT NULL,
  max_running integer CHECK (max_running > 0),
  default_environment digest,
  -- Counts changes of its files: see file_changes.
  file_changes bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  created_by ulid,
  trashed_at timestamptz
);
CREATE UNIQUE INDEX space_name ON space (name) WHERE trashed_at IS NULL;

CREATE TABLE notebook (
  id ulid PRIMARY KEY,
  space_id ulid NOT NULL REFERENCES space,
  -- Within its space, "/" between folders, no leading "/": see library/path.ts. Ends in .ipynb.
  path text COLLATE "C" NOT NULL,
  -- All up to and with the last "/"; empty at the top. Folders are nothing but this: they are there as long as something is in them.
  folder text COLLATE "C" NOT NULL GENERATED ALWAYS AS (regexp_replace(path, '[^/]*$', '')) STORED,
  -- Its first heading, else what its file is called: follows the newest version.
  title text NOT NULL,
  owner_id ulid NOT NULL REFERENCES person,
  language text NOT NULL DEFAULT '',
  tags text[] NOT NULL DEFAULT '{}',
  latest integer NOT NULL DEFAULT 0,
  -- Whether the newest version declares any.
  has_parameters boolean NOT NULL DEFAULT false,
  max_running integer CHECK (max_running > 0),
  -- Files of the space that its runs opened, or tried to, and that nothing in it names: part of its next version's manifest.
  opened text[] NOT NULL DEFAULT '{}',
  -- space.file_changes when the newest version's manifest was made, or last found to be what it would be.
  file_changes bigint NOT NULL DEFAULT -1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by ulid,
  trashed_at timestamptz,
  -- Usage of the last seven days, and the last run: kept by library/usage.ts, so that a list of notebooks needs no join.
  last_run_at timestamptz,
  last_run_state text,
  runs_week integer NOT NULL DEFAULT 0,
  failures_week integer NOT NULL DEFAULT 0,
  viewers_week integer NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX notebook_path ON notebook (space_id, path) WHERE trashed_at IS NULL;
CREATE INDEX notebook_folder ON notebook (space_id, folder, path) WHERE trashed_at IS NULL;
-- One for every order in which notebooks are listed: library/sql/list-notebooks.ts.
CREATE INDEX notebook_by_path ON notebook (path, id) WHERE trashed_at IS NULL;
CREATE INDEX notebook_updated ON notebook (updated_at, id) WHERE trashed_at IS NULL;
CREATE INDEX notebook_title ON notebook ((lower(title) COLLATE "C"), id) WHERE trashed_at IS NULL;
CREATE INDEX notebook_last_run ON notebook ((coalesce(last_run_at, '-infinity'::timestamptz)), id) WHERE trashed_at IS NULL;
CREATE INDEX notebook_runs ON notebook (runs_week, id) WHERE trashed_at IS NULL;
CREATE INDEX notebook_failures ON notebook (failures_week, id) WHERE trashed_at IS NULL;
-- Filters.
CREATE INDEX notebook_space ON notebook (space_id, updated_at, id) WHERE trashed_at IS NULL;
CREATE INDEX notebook_owner ON notebook (owner_id, updated_at, id) WHERE trashed_at IS NULL;
CREATE INDEX notebook_language ON notebook (language, updated_at, id) WHERE trashed_at IS NULL;
CREATE INDEX notebook_state ON notebook (last_run_state, updated_at, id) WHERE trashed_at IS NULL;
CREATE INDEX notebook_tags ON notebook USING gin (tags) WHERE trashed_at IS NULL;
CREATE INDEX notebook_name ON notebook USING gin ((lower(title || ' ' || path)) gin_trgm_ops) WHERE trashed_at IS NULL;
CREATE INDEX notebook_trash ON notebook (trashed_at, id) WHERE trashed_at IS NOT NULL;

CREATE TABLE notebook_day (
  notebook_id ulid NOT NULL REFERENCES notebook ON DELETE CASCADE,
  -- In UTC.
  day date NOT NULL,
  -- Runs that ended on that day.
  runs integer NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  -- Different people.
  viewers integer NOT NULL DEFAULT 0,
  PRIMARY KEY (notebook_id, day)
);
CREATE INDEX notebook_day_day ON notebook_day (day);

-- Who looked on which day, so that nobody is counted twice; forgotten when the week is over.
CREATE TABLE notebook_viewer (
  notebook_id ulid NOT NULL REFERENCES notebook ON DELETE CASCADE,
  day date NOT NULL,
  person_id ulid NOT NULL REFERENCES person ON DELETE CASCADE,
  PRIMARY KEY (notebook_id, day, person_id)
);
CREATE INDEX notebook_viewer_day ON notebook_viewer (day);

CREATE TABLE role_grant (
  id ulid PRIMARY KEY,
  space_id ulid NOT NULL REFERENCES space,
  -- Null: the whole space. A grant on a notebook only adds to what the space gives.
  notebook_id ulid REFERENCES notebook ON DELETE CASCADE,
  person_id ulid REFERENCES person ON DELETE CASCADE,
  group_id ulid REFERENCES people_group ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('viewer', 'commenter', 'runner', 'editor', 'admin')),
  granted_by ulid,
  granted_at timestamptz NOT NULL,
  CHECK (num_nonnulls(person_id, group_id) = 1)
);
CREATE UNIQUE INDEX role_grant_one ON role_grant (space_id, notebook_id, person_id, group_id) NULLS NOT DISTINCT;
CREATE INDEX role_grant_person ON role_grant (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX role_grant_group ON role_grant (group_id) WHERE group_id IS NOT NULL;

-- What is known to be in the blob store, written before the blob itself. A row that nothing refers to, claimed long ago, may be
-- swept together with its blob: see library/keep.ts. Whatever names a blob must refer to this table, or it will be swept.
CREATE TABLE blob (
  sha256 digest PRIMARY KEY,
  size_bytes bigint NOT NULL,
  created_at timestamptz NOT NULL,
  -- When somebody last said that they need it.
  claimed_at timestamptz NOT NULL DEFAULT now()
);

-- Files beside notebooks: helpers.py, data.csv.
CREATE TABLE file (
  id ulid PRIMARY KEY,
  space_id ulid NOT NULL REFERENCES space,
  path text COLLATE "C" NOT NULL,
  folder text COLLATE "C" NOT NULL GENERATED ALWAYS AS (regexp_replace(path, '[^/]*$', '')) STORED,
  sha256 digest NOT NULL REFERENCES blob,
  size_bytes bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by ulid,
  trashed_at timestamptz
);
CREATE UNIQUE INDEX file_path ON file (space_id, path) WHERE trashed_at IS NULL;
CREATE INDEX file_folder ON file (space_id, folder, path) WHERE trashed_at IS NULL;
CREATE INDEX file_sha256 ON file (sha256);
CREATE INDEX file_trash ON file (trashed_at, id) WHERE trashed_at IS NOT NULL;

-- So that nobody looks for what a notebook needs anew unless files of its space came, went, moved or changed.
CREATE FUNCTION file_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    UPDATE space SET file_changes = file_changes + 1 WHERE id IN (SELECT space_id FROM was);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    UPDATE space SET file_changes = file_changes + 1 WHERE id IN (SELECT space_id FROM now);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER file_inserted AFTER INSERT ON file REFERENCING NEW TABLE AS now FOR EACH STATEMENT EXECUTE FUNCTION file_changes();
CREATE TRIGGER file_updated AFTER UPDATE ON file REFERENCING OLD TABLE AS was NEW TABLE AS now FOR EACH STATEMENT EXECUTE FUNCTION file_changes();
CREATE TRIGGER file_deleted AFTER DELETE ON file REFERENCING OLD TABLE AS was FOR EACH STATEMENT EXECUTE FUNCTION file_changes();

CREATE TABLE version (
  notebook_id ulid NOT NULL REFERENCES notebook,
  number integer NOT NULL CHECK (number > 0),
  space_id ulid NOT NULL,
  -- Of the bytes as they came.
  sha256 digest NOT NULL,
  size_bytes bigint NOT NULL,
  author_id ulid,
  created_at timestamptz NOT NULL,
  message text NOT NULL DEFAULT '',
  label text,
  parent integer,
  source text NOT NULL CHECK (source IN ('editor', 'import', 'api', 'git')),
  -- The files of the space that it names or imports: {path: sha256}, and the digest of that list.
  manifest jsonb NOT NULL DEFAULT '{}',
  manifest_sha256 digest NOT NULL,
  -- JSON Schema of its parameters.
  parameters json, -- not jsonb: the order in which they are declared is the order in which people see them
  kernel_name text NOT NULL DEFAULT '',
  language text NOT NULL DEFAULT '',
  -- How its bytes are kept: see library/stored.ts.
  base integer,
  stored bytea,
  stored_sha256 digest REFERENCES blob,
  PRIMARY KEY (notebook_id, number),
  CHECK (num_nonnulls(stored, stored_sha256) = 1),
  CHECK (base < number)
);
-- It is packed already.
ALTER TABLE version ALTER COLUMN stored SET STORAGE EXTERNAL;
CREATE INDEX version_sha256 ON version (sha256);
CREATE INDEX version_stored_sha256 ON version (stored_sha256) WHERE stored_sha256 IS NOT NULL;

-- What was saved stays what it was: only a version's label ever changes, and where it stands when its notebook moves.
CREATE FUNCTION version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before version := OLD;
  after version := NEW;
BEGIN
  before.label := NULL;
  after.label := NULL;
  before.space_id := NULL;
  after.space_id := NULL;
  -- As text, because json cannot be compared otherwise.
  IF before::text IS DISTINCT FROM after::text THEN
    RAISE EXCEPTION 'version % of notebook % cannot be changed, only labelled or moved', OLD.number, OLD.notebook_id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER version_stays BEFORE UPDATE ON version FOR EACH ROW EXECUTE FUNCTION version_stays();

-- What a notebook's versions need of the blob store beside version.stored_sha256: large outputs, and the files of manifests.
CREATE TABLE notebook_blob (
  notebook_id ulid NOT NULL REFERENCES notebook ON DELETE CASCADE,
  sha256 digest NOT NULL REFERENCES blob,
  PRIMARY KEY (notebook_id, sha256)
);
CREATE INDEX notebook_blob_sha256 ON notebook_blob (sha256);

-- What the newest version of a notebook is found by; the words are cut by library/words.ts, not by PostgreSQL's parser.
CREATE TABLE search_text (
  notebook_id ulid PRIMARY KEY REFERENCES notebook ON DELETE CASCADE,
  space_id ulid NOT NULL,
  prose text NOT NULL,
  code text NOT NULL,
  outputs text NOT NULL,
  words tsvector NOT NULL
);
CREATE INDEX search_text_words ON search_text USING gin (words);
-- The texts lie aside, so that going through the rows that hold a common word does not read them.
ALTER TABLE search_text SET (toast_tuple_target = 256);

-- ── environments ────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE environment (
  sha256 digest PRIMARY KEY,
  -- What it was called when it was first used: a label, or its kernel's name.
  name text NOT NULL,
  -- locked: can be rebuilt from `what`; captured: a description only.
  kind text NOT NULL CHECK (kind IN ('locked', 'captured')),
  -- environment/description.ts; its canonical JSON has the digest.
  what jsonb NOT NULL,
  -- The list as it was asked for; empty for captured ones.
  requirements jsonb NOT NULL DEFAULT '[]',
  created_at timestamptz NOT NULL,
  last_used_at timestamptz
);

-- What a name means since when; the newest row of a name counts.
CREATE TABLE environment_label (
  name text NOT NULL,
  at timestamptz NOT NULL,
  sha256 digest NOT NULL REFERENCES environment,
  PRIMARY KEY (name, at)
);

-- ── runs ────────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE worker (
  id ulid PRIMARY KEY,
  host text NOT NULL,
  pid integer NOT NULL,
  -- Where the server reaches it: a socket path or host:port.
  address text NOT NULL DEFAULT '',
  isolation text NOT NULL DEFAULT 'L0',
  slots integer NOT NULL,
  started_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  draining boolean NOT NULL DEFAULT false,
  facts jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE run (
  id ulid PRIMARY KEY,
  space_id ulid NOT NULL REFERENCES space,
  notebook_id ulid NOT NULL REFERENCES notebook,
  version integer NOT NULL,
  version_sha256 digest NOT NULL,
  -- As they were given, to the last digit (jsonb would refuse what JSON of notebooks may hold); a secret's value is never here.
  parameters json NOT NULL DEFAULT '{}',
  -- Names of secret parameters, and their values sealed with a key that is not in the database; gone when the run is over.
  secret_names text[] NOT NULL DEFAULT '{}',
  secrets bytea,
  labels jsonb NOT NULL DEFAULT '{}',
  orchestrator jsonb,
  openlineage jsonb,
  trigger text NOT NULL CHECK (trigger IN ('person', 'token', 'schedule', 'orchestrator', 'test')),
  ordered_by ulid NOT NULL REFERENCES person,
  token_id ulid,
  -- Unique for who ordered it; request_digest tells the same key with another body (keyed, because a secret may be in it).
  idempotency_key text,
  request_digest digest,
  priority smallint NOT NULL DEFAULT 0,
  -- {timeoutMs, cellTimeoutMs, graceMs}; 0 = none
  limits jsonb NOT NULL DEFAULT '{}',
  -- {maxAttempts, backoffMs, backoffFactor, maxBackoffMs}
  retry jsonb NOT NULL DEFAULT '{}',
  environment_asked text,
  created_at timestamptz NOT NULL,
  -- The sole truth about where it stands; every write of a worker carries the fence.
  state text NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'lost')),
  reason text NOT NULL DEFAULT '',
  explanation text NOT NULL DEFAULT '',
  desired text NOT NULL DEFAULT 'run' CHECK (desired IN ('run', 'cancel')),
  cancel_reason text NOT NULL DEFAULT '',
  -- The reason the run will have: '' when somebody asked, 'orphaned' when its caller fell silent.
  cancel_as text NOT NULL DEFAULT '',
  cancel_grace_ms integer,
  attempt integer NOT NULL DEFAULT 1,
  -- The first attempt of what was asked last: a retry by hand gives the policy a new count.
  first_attempt integer NOT NULL DEFAULT 1,
  fence bigint NOT NULL DEFAULT 0,
  lease_until timestamptz,
  worker_id ulid,
  not_before timestamptz,
  -- When it may be claimed at the earliest and was last put into the queue.
  queued_at timestamptz NOT NULL,
  started_at timestamptz,
  ended_at timestamptz,
  environment_sha256 digest,
  cells_done integer NOT NULL DEFAULT 0,
  cells_total integer NOT NULL DEFAULT 0,
  current_cell integer,
  failed_cell integer,
  error json,
  result_sha256 digest REFERENCES blob,
  result_bytes bigint,
  journal_sha256 digest REFERENCES blob,
  keepalive_ms integer,
  keepalive_at timestamptz,
  -- Events so far, and bytes of its log: who adds events takes their numbers here.
  seq bigint NOT NULL DEFAULT 0,
  log_bytes bigint NOT NULL DEFAULT 0,
  CHECK ((state IN ('queued', 'running')) = (ended_at IS NULL))
);
CREATE UNIQUE INDEX run_key ON run (ordered_by, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX run_space ON run (space_id, id DESC);
CREATE INDEX run_notebook ON run (notebook_id, id DESC);
CREATE INDEX run_ordered_by ON run (ordered_by, id DESC);
-- What is claimed: each person's own line, so that nobody waits behind another one's thousand.
CREATE INDEX run_queued ON run (ordered_by, priority DESC, id) WHERE state = 'queued';
CREATE INDEX run_running ON run (worker_id) WHERE state = 'running';
CREATE INDEX run_state ON run (state, id DESC);
CREATE INDEX run_labels ON run USING gin (labels jsonb_path_ops) WHERE labels <> '{}';
CREATE INDEX run_ended ON run (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE attempt (
  run_id ulid NOT NULL REFERENCES run ON DELETE CASCADE,
  number integer NOT NULL,
  state text NOT NULL,
  reason text NOT NULL DEFAULT '',
  explanation text NOT NULL DEFAULT '',
  worker_id ulid,
  host text NOT NULL DEFAULT '',
  fence bigint NOT NULL,
  started_at timestamptz,
  ended_at timestamptz,
  environment_sha256 digest,
  -- [{index, id, state, startedAt, endedAt, executionCount}], times in milliseconds since 1970
  cells jsonb NOT NULL DEFAULT '[]',
  failed_cell integer,
  error json,
  -- What the notebook gave by name: {name: value}
  outputs json,
  result_sha256 digest REFERENCES blob,
  result_bytes bigint,
  journal_sha256 digest REFERENCES blob,
  journal_bytes bigint,
  PRIMARY KEY (run_id, number)
);
CREATE INDEX attempt_result ON attempt (result_sha256) WHERE result_sha256 IS NOT NULL;
CREATE INDEX attempt_journal ON attempt (journal_sha256) WHERE journal_sha256 IS NOT NULL;
CREATE INDEX attempt_ended ON attempt (ended_at) WHERE ended_at IS NOT NULL;

-- A copy, for watchers and for the log, of what the worker's spool has safe on disk.
CREATE TABLE run_event (
  run_id ulid NOT NULL,
  seq bigint NOT NULL,
  attempt integer NOT NULL,
  at timestamptz NOT NULL,
  type text NOT NULL,
  what json NOT NULL,
  -- Bytes of the run's log up to and with this event.
  log_end bigint NOT NULL DEFAULT 0,
  -- How much of the attempt's journal this and all earlier events tell, so that a copy that broke off can be gone on with; -1 for what no journal told.
  journal_end bigint NOT NULL DEFAULT -1,
  PRIMARY KEY (run_id, seq)
);

-- What events and results hold as blobs of their own: output cut from a cell, strings too long for an event.
CREATE TABLE run_blob (
  run_id ulid NOT NULL REFERENCES run ON DELETE CASCADE,
  attempt integer NOT NULL,
  sha256 digest NOT NULL REFERENCES blob,
  PRIMARY KEY (run_id, attempt, sha256)
);
CREATE INDEX run_blob_sha256 ON run_blob (sha256);

CREATE TABLE artifact (
  run_id ulid NOT NULL REFERENCES run ON DELETE CASCADE,
  attempt integer NOT NULL,
  path text NOT NULL,
  sha256 digest NOT NULL REFERENCES blob,
  size_bytes bigint NOT NULL,
  media_type text NOT NULL DEFAULT 'application/octet-stream',
  PRIMARY KEY (run_id, attempt, path)
);
CREATE INDEX artifact_sha256 ON artifact (sha256);

-- ── audit ───────────────────────────────────────────────────────────────────────────────────────────────────────────

-- What a transaction has to say: chained as it commits (audit_seal), so that this table is empty to everybody else.
CREATE TABLE audit_entry (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  actor_id ulid,
  via text NOT NULL,
  action text NOT NULL,
  thing text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('done', 'denied', 'failed')),
  space_id ulid,
  detail jsonb NOT NULL DEFAULT '{}'
);

-- Never changed: each record holds the hash of the one before. What the hash covers: people/audit.ts.
CREATE TABLE audit_event (
  seq bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  actor_id ulid,
  via text NOT NULL,
  action text NOT NULL,
  thing text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('done', 'denied', 'failed')),
  space_id ulid,
  detail jsonb NOT NULL,
  previous digest NOT NULL,
  hash digest NOT NULL
);
CREATE INDEX audit_event_space ON audit_event (space_id, seq DESC);
CREATE INDEX audit_event_actor ON audit_event (actor_id, seq DESC);
CREATE INDEX audit_event_thing ON audit_event (thing, seq DESC);

-- The same denied attempt again is counted here for a while instead of being written again.
CREATE TABLE denied_attempt (
  actor_id ulid,
  via text NOT NULL,
  action text NOT NULL,
  thing text NOT NULL,
  space_id ulid,
  since timestamptz NOT NULL,
  repeats integer NOT NULL,
  -- Repeats in the window before.
  before integer NOT NULL,
  UNIQUE NULLS NOT DISTINCT (actor_id, action, thing)
);

-- Deferred: the lock that puts the records in one line is taken when the transaction holds all its other locks and only commits,
-- so that it is held for a moment and can be in no deadlock. A snapshot older than the chain's end asks to be tried again.
-- audit_entry looks small to the planner and is full of rows just deleted: read through, sealing 20,000 of one transaction took minutes.
CREATE FUNCTION audit_seal() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  last_seq bigint;
  last_hash text;
  body text;
BEGIN
  PERFORM pg_advisory_xact_lock(7391550018);
  SELECT seq, hash INTO last_seq, last_hash FROM audit_event ORDER BY seq DESC LIMIT 1;
  last_seq := coalesce(last_seq, 0);
  last_hash := coalesce(last_hash, repeat('0', 64));
  body := array_to_json(ARRAY[(last_seq + 1)::text, (extract(epoch FROM NEW.at) * 1000000)::bigint::text, NEW.actor_id::text, NEW.via,
    NEW.action, NEW.thing, NEW.outcome, NEW.space_id::text, NEW.detail::text])::text;
  INSERT INTO audit_event (seq, at, actor_id, via, action, thing, outcome, space_id, detail, previous, hash)
  VALUES (last_seq + 1, NEW.at, NEW.actor_id, NEW.via, NEW.action, NEW.thing, NEW.outcome, NEW.space_id, NEW.detail, last_hash,
    encode(sha256(convert_to(last_hash || E'\n' || body, 'UTF8')), 'hex'))
  ON CONFLICT (seq) DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the audit chain has moved on' USING ERRCODE = '40001';
  END IF;
  DELETE FROM audit_entry WHERE id = NEW.id;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER audit_entry_seal AFTER INSERT ON audit_entry DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION audit_seal();

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit records are never changed or removed' USING ERRCODE = '42501';
END $$;

CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event
  FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
