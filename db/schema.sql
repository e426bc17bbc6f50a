-- What db/*.sql give, for reading and for the diff of a review. Written by `npm run db:dump`; nothing is made from it.
SET check_function_bodies TO off;

CREATE EXTENSION pg_trgm;

CREATE DOMAIN digest AS text COLLATE "C" CHECK ((VALUE ~ '^[0-9a-f]{64}$'::text));

CREATE DOMAIN ulid AS text COLLATE "C" CHECK ((VALUE ~ '^[0-9A-Z]{26}$'::text));

CREATE OR REPLACE FUNCTION public.audit_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'audit records are never changed or removed' USING ERRCODE = '42501';
END $function$;

CREATE OR REPLACE FUNCTION public.audit_seal()
 RETURNS trigger
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.file_changes()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    UPDATE space SET file_changes = file_changes + 1 WHERE id IN (SELECT space_id FROM was);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    UPDATE space SET file_changes = file_changes + 1 WHERE id IN (SELECT space_id FROM now);
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.natural_order(name text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  SELECT left(
    regexp_replace(
      regexp_replace(
        translate(
          lower(regexp_replace(normalize(left(name, 400), NFD), '[\u0300-\u036f]', '', 'g') COLLATE "C"),
          '/.ØøŁłĐđıАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ',
          E'\x01\x02oollddiабвгдежзийклмнопрстуфхцчшщъыьэюяαβγδεζηθικλμνξοπρστυφχψω'),
        '[0-9]+', '000000000000000000\&', 'g'),
      '0+([0-9]{18,})', '\1', 'g'),
    300)
$function$;

CREATE OR REPLACE FUNCTION public.promotion_stands()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'a promotion is never changed';
END $function$;

CREATE OR REPLACE FUNCTION public.run_ended_told()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO notice (person_id, kind, about, space_id, notebook_id, run_id, at)
  SELECT DISTINCT s.person_id, 'run_ended', 'ended/' || NEW.id, NEW.space_id, NEW.notebook_id, NEW.id, coalesce(NEW.ended_at, now())
  FROM subscription s
  WHERE (s.template_id = NEW.template_id OR s.notebook_id = NEW.notebook_id) AND s.way = 'inbox'
    AND (s.hears = 'all' OR NEW.state IN ('failed', 'lost')) AND NOT (s.person_id = NEW.ordered_by AND NEW.state IN ('failed', 'lost'))
  ON CONFLICT (person_id, about) DO UPDATE SET at = EXCLUDED.at, read_at = NULL;
  INSERT INTO delivery (subscription_id, run_id, attempt, created_at, next_at)
  SELECT s.id, NEW.id, NEW.attempt, now(), now() FROM subscription s
  WHERE (s.template_id = NEW.template_id OR s.notebook_id = NEW.notebook_id) AND s.way <> 'inbox'
    AND (s.hears = 'all' OR NEW.state IN ('failed', 'lost'))
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.run_failed_notice()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  proposed text := CASE WHEN NEW.trigger = 'test' THEN NEW.labels->>'stet/proposal' END;
BEGIN
  IF NEW.trigger = 'test' AND (NEW.labels ? 'stet/test' OR EXISTS (
    SELECT FROM proposal_check c WHERE c.proposal_id = NEW.labels->>'stet/proposal' AND c.run_id = NEW.id AND c.expects->>'outcome' = 'fails'))
  THEN
    RETURN NULL;
  END IF;
  INSERT INTO notice (person_id, kind, about, space_id, notebook_id, run_id, at)
  SELECT coalesce(p.owner_id, p.id), CASE WHEN proposed IS NULL THEN 'run_failed' ELSE 'tests_failed' END,
    coalesce('proposal/' || proposed, 'run/' || NEW.id), NEW.space_id, NEW.notebook_id, NEW.id, coalesce(NEW.ended_at, now())
  FROM person p WHERE p.id = NEW.ordered_by AND p.kind <> 'system'
  ON CONFLICT (person_id, about) DO UPDATE SET run_id = EXCLUDED.run_id, at = EXCLUDED.at, read_at = NULL;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.version_stays()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  before version := OLD;
  after version := NEW;
BEGIN
  before.label := NULL;
  after.label := NULL;
  before.space_id := NULL;
  after.space_id := NULL;
  -- What is read from its bytes, by a later edition only.
  IF NEW.schema_edition > OLD.schema_edition THEN
    before.parameters := NULL;
    after.parameters := NULL;
    before.schema_edition := 0;
    after.schema_edition := 0;
  END IF;
  -- As text, because json cannot be compared otherwise.
  IF before::text IS DISTINCT FROM after::text THEN
    RAISE EXCEPTION 'version % of notebook % cannot be changed, only labelled or moved', OLD.number, OLD.notebook_id;
  END IF;
  RETURN NEW;
END $function$;

CREATE TABLE audit_entry (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  at timestamp with time zone NOT NULL,
  actor_id ulid,
  via text NOT NULL,
  action text NOT NULL,
  thing text NOT NULL,
  outcome text NOT NULL,
  space_id ulid,
  detail jsonb DEFAULT '{}'::jsonb NOT NULL,
  CONSTRAINT audit_entry_pkey PRIMARY KEY (id),
  CONSTRAINT audit_entry_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'denied'::text, 'failed'::text])))
);
CREATE CONSTRAINT TRIGGER audit_entry_seal AFTER INSERT ON audit_entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_seal();

CREATE TABLE audit_event (
  seq bigint NOT NULL,
  at timestamp with time zone NOT NULL,
  actor_id ulid,
  via text NOT NULL,
  action text NOT NULL,
  thing text NOT NULL,
  outcome text NOT NULL,
  space_id ulid,
  detail jsonb NOT NULL,
  previous digest NOT NULL,
  hash digest NOT NULL,
  CONSTRAINT audit_event_pkey PRIMARY KEY (seq),
  CONSTRAINT audit_event_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'denied'::text, 'failed'::text])))
);
CREATE INDEX audit_event_actor ON audit_event USING btree (actor_id, seq DESC);
CREATE INDEX audit_event_space ON audit_event USING btree (space_id, seq DESC);
CREATE INDEX audit_event_thing ON audit_event USING btree (thing, seq DESC);
CREATE TRIGGER audit_event_append_only BEFORE DELETE OR UPDATE ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();

CREATE TABLE blob (
  sha256 digest NOT NULL,
  size_bytes bigint NOT NULL,
  created_at timestamp with time zone NOT NULL,
  claimed_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT blob_pkey PRIMARY KEY (sha256)
);

CREATE TABLE denied_attempt (
  actor_id ulid,
  via text NOT NULL,
  action text NOT NULL,
  thing text NOT NULL,
  space_id ulid,
  since timestamp with time zone NOT NULL,
  repeats integer NOT NULL,
  before integer NOT NULL,
  CONSTRAINT denied_attempt_actor_id_action_thing_key UNIQUE NULLS NOT DISTINCT (actor_id, action, thing)
);

CREATE TABLE environment (
  sha256 digest NOT NULL,
  name text NOT NULL,
  kind text NOT NULL,
  what jsonb NOT NULL,
  requirements jsonb DEFAULT '[]'::jsonb NOT NULL,
  created_at timestamp with time zone NOT NULL,
  last_used_at timestamp with time zone,
  CONSTRAINT environment_pkey PRIMARY KEY (sha256),
  CONSTRAINT environment_kind_check CHECK ((kind = ANY (ARRAY['locked'::text, 'captured'::text])))
);

CREATE TABLE oidc_flow (
  id digest NOT NULL,
  issuer text NOT NULL,
  return_to text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT oidc_flow_pkey PRIMARY KEY (id)
);

CREATE TABLE people_group (
  id ulid NOT NULL,
  name text NOT NULL,
  claim text,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT people_group_pkey PRIMARY KEY (id),
  CONSTRAINT people_group_claim_key UNIQUE (claim),
  CONSTRAINT people_group_name_key UNIQUE (name)
);

CREATE TABLE person (
  id ulid NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  login text,
  email text,
  email_verified boolean DEFAULT false NOT NULL,
  password text,
  is_admin boolean DEFAULT false NOT NULL,
  owner_id ulid,
  disabled_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  created_by ulid,
  CONSTRAINT person_pkey PRIMARY KEY (id),
  CONSTRAINT person_login_key UNIQUE (login),
  CONSTRAINT person_check CHECK (((kind = 'service'::text) = (owner_id IS NOT NULL))),
  CONSTRAINT person_check1 CHECK (((kind = 'person'::text) OR ((login IS NULL) AND (password IS NULL)))),
  CONSTRAINT person_check2 CHECK (((kind <> 'service'::text) OR (NOT is_admin))),
  CONSTRAINT person_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'service'::text, 'system'::text]))),
  CONSTRAINT person_login_check CHECK ((login = lower(login))),
  CONSTRAINT person_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES person(id)
);
CREATE INDEX person_email ON person USING btree (email) WHERE (email IS NOT NULL);
CREATE INDEX person_owner ON person USING btree (owner_id) WHERE (owner_id IS NOT NULL);

CREATE TABLE run_event (
  run_id ulid NOT NULL,
  seq bigint NOT NULL,
  attempt integer NOT NULL,
  at timestamp with time zone NOT NULL,
  type text NOT NULL,
  what json NOT NULL,
  log_end bigint DEFAULT 0 NOT NULL,
  journal_end bigint DEFAULT '-1'::integer NOT NULL,
  CONSTRAINT run_event_pkey PRIMARY KEY (run_id, seq)
);

CREATE TABLE sign_in_attempt (
  key digest NOT NULL,
  failures integer NOT NULL,
  last_at timestamp with time zone NOT NULL,
  blocked_until timestamp with time zone NOT NULL,
  CONSTRAINT sign_in_attempt_pkey PRIMARY KEY (key)
);

CREATE TABLE space (
  id ulid NOT NULL,
  name text COLLATE "C" NOT NULL,
  title text NOT NULL,
  max_running integer,
  default_environment digest,
  file_changes bigint DEFAULT 0 NOT NULL,
  created_at timestamp with time zone NOT NULL,
  created_by ulid,
  trashed_at timestamp with time zone,
  CONSTRAINT space_pkey PRIMARY KEY (id),
  CONSTRAINT space_max_running_check CHECK ((max_running > 0))
);
CREATE UNIQUE INDEX space_name ON space USING btree (name) WHERE (trashed_at IS NULL);

CREATE TABLE worker (
  id ulid NOT NULL,
  host text NOT NULL,
  pid integer NOT NULL,
  address text DEFAULT ''::text NOT NULL,
  isolation text DEFAULT 'L0'::text NOT NULL,
  slots integer NOT NULL,
  started_at timestamp with time zone NOT NULL,
  seen_at timestamp with time zone NOT NULL,
  draining boolean DEFAULT false NOT NULL,
  facts jsonb DEFAULT '{}'::jsonb NOT NULL,
  CONSTRAINT worker_pkey PRIMARY KEY (id)
);

CREATE TABLE allowed_host (
  person_id ulid NOT NULL,
  host text NOT NULL,
  allowed_at timestamp with time zone NOT NULL,
  CONSTRAINT allowed_host_pkey PRIMARY KEY (person_id, host),
  CONSTRAINT allowed_host_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE CASCADE
);

CREATE TABLE api_token (
  id ulid NOT NULL,
  secret digest NOT NULL,
  person_id ulid NOT NULL,
  name text NOT NULL,
  scopes text[] NOT NULL,
  space_id ulid,
  created_at timestamp with time zone NOT NULL,
  created_by ulid NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  CONSTRAINT api_token_pkey PRIMARY KEY (id),
  CONSTRAINT api_token_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE CASCADE
);
CREATE INDEX api_token_person ON api_token USING btree (person_id);

CREATE TABLE consent (
  id ulid NOT NULL,
  person_id ulid NOT NULL,
  given_by ulid NOT NULL,
  thing text NOT NULL,
  binding digest NOT NULL,
  given_at timestamp with time zone NOT NULL,
  revoked_at timestamp with time zone,
  revoked_by ulid,
  CONSTRAINT consent_pkey PRIMARY KEY (id),
  CONSTRAINT consent_given_by_fkey FOREIGN KEY (given_by) REFERENCES person(id),
  CONSTRAINT consent_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT consent_revoked_by_fkey FOREIGN KEY (revoked_by) REFERENCES person(id)
);
CREATE INDEX consent_given_by ON consent USING btree (given_by);
CREATE UNIQUE INDEX consent_one ON consent USING btree (thing, binding, person_id) WHERE (revoked_at IS NULL);
CREATE INDEX consent_person ON consent USING btree (person_id);

CREATE TABLE environment_importable (
  sha256 digest NOT NULL,
  python_version text NOT NULL,
  modules jsonb NOT NULL,
  CONSTRAINT environment_importable_pkey PRIMARY KEY (sha256),
  CONSTRAINT environment_importable_sha256_fkey FOREIGN KEY (sha256) REFERENCES environment(sha256)
);

CREATE TABLE environment_label (
  name text NOT NULL,
  at timestamp with time zone NOT NULL,
  sha256 digest NOT NULL,
  CONSTRAINT environment_label_pkey PRIMARY KEY (name, at),
  CONSTRAINT environment_label_sha256_fkey FOREIGN KEY (sha256) REFERENCES environment(sha256)
);

CREATE TABLE file (
  id ulid NOT NULL,
  space_id ulid NOT NULL,
  path text COLLATE "C" NOT NULL,
  folder text COLLATE "C" GENERATED ALWAYS AS (regexp_replace(path, '[^/]*$'::text, ''::text)) STORED NOT NULL,
  sha256 digest NOT NULL,
  size_bytes bigint NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  updated_by ulid,
  trashed_at timestamp with time zone,
  owner_id ulid,
  path_order text COLLATE "C" GENERATED ALWAYS AS (natural_order(path)) STORED NOT NULL,
  CONSTRAINT file_pkey PRIMARY KEY (id),
  CONSTRAINT file_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES person(id),
  CONSTRAINT file_sha256_fkey FOREIGN KEY (sha256) REFERENCES blob(sha256),
  CONSTRAINT file_space_id_fkey FOREIGN KEY (space_id) REFERENCES space(id)
);
CREATE INDEX file_folder ON file USING btree (space_id, folder, path) WHERE (trashed_at IS NULL);
CREATE INDEX file_in_folder ON file USING btree (space_id, folder, path_order) WHERE (trashed_at IS NULL);
CREATE INDEX file_owner ON file USING btree (owner_id) WHERE (owner_id IS NOT NULL);
CREATE UNIQUE INDEX file_path ON file USING btree (space_id, path) WHERE (trashed_at IS NULL);
CREATE INDEX file_sha256 ON file USING btree (sha256);
CREATE INDEX file_trash ON file USING btree (trashed_at, id) WHERE (trashed_at IS NOT NULL);
CREATE TRIGGER file_deleted AFTER DELETE ON file REFERENCING OLD TABLE AS was FOR EACH STATEMENT EXECUTE FUNCTION file_changes();
CREATE TRIGGER file_inserted AFTER INSERT ON file REFERENCING NEW TABLE AS now FOR EACH STATEMENT EXECUTE FUNCTION file_changes();
CREATE TRIGGER file_updated AFTER UPDATE ON file REFERENCING OLD TABLE AS was NEW TABLE AS now FOR EACH STATEMENT EXECUTE FUNCTION file_changes();

CREATE TABLE group_member (
  group_id ulid NOT NULL,
  person_id ulid NOT NULL,
  source text NOT NULL,
  CONSTRAINT group_member_pkey PRIMARY KEY (group_id, person_id, source),
  CONSTRAINT group_member_source_check CHECK ((source = ANY (ARRAY['local'::text, 'claim'::text]))),
  CONSTRAINT group_member_group_id_fkey FOREIGN KEY (group_id) REFERENCES people_group(id) ON DELETE CASCADE,
  CONSTRAINT group_member_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE CASCADE
);
CREATE INDEX group_member_person ON group_member USING btree (person_id);

CREATE TABLE identity (
  issuer text NOT NULL,
  subject text NOT NULL,
  person_id ulid NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT identity_pkey PRIMARY KEY (issuer, subject),
  CONSTRAINT identity_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id)
);
CREATE INDEX identity_person ON identity USING btree (person_id);

CREATE TABLE invite (
  id ulid NOT NULL,
  secret digest NOT NULL,
  kind text NOT NULL,
  person_id ulid,
  space_id ulid,
  role text,
  is_admin boolean DEFAULT false NOT NULL,
  created_by ulid,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  used_at timestamp with time zone,
  CONSTRAINT invite_pkey PRIMARY KEY (id),
  CONSTRAINT invite_check CHECK (((space_id IS NULL) = (role IS NULL))),
  CONSTRAINT invite_kind_check CHECK ((kind = ANY (ARRAY['sign_in'::text, 'invite'::text, 'reset'::text]))),
  CONSTRAINT invite_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'commenter'::text, 'runner'::text, 'editor'::text, 'admin'::text]))),
  CONSTRAINT invite_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE CASCADE
);
CREATE INDEX invite_expires ON invite USING btree (expires_at);

CREATE TABLE notebook (
  id ulid NOT NULL,
  space_id ulid NOT NULL,
  path text COLLATE "C" NOT NULL,
  folder text COLLATE "C" GENERATED ALWAYS AS (regexp_replace(path, '[^/]*$'::text, ''::text)) STORED NOT NULL,
  title text NOT NULL,
  owner_id ulid NOT NULL,
  language text DEFAULT ''::text NOT NULL,
  tags text[] DEFAULT '{}'::text[] NOT NULL,
  latest integer DEFAULT 0 NOT NULL,
  has_parameters boolean DEFAULT false NOT NULL,
  max_running integer,
  opened text[] DEFAULT '{}'::text[] NOT NULL,
  file_changes bigint DEFAULT '-1'::integer NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  updated_by ulid,
  trashed_at timestamp with time zone,
  last_run_at timestamp with time zone,
  last_run_state text,
  runs_week integer DEFAULT 0 NOT NULL,
  failures_week integer DEFAULT 0 NOT NULL,
  viewers_week integer DEFAULT 0 NOT NULL,
  code_hidden boolean DEFAULT false NOT NULL,
  tests_text text,
  tests_versions boolean,
  tested_version integer DEFAULT 0 NOT NULL,
  path_order text COLLATE "C" GENERATED ALWAYS AS (natural_order(path)) STORED NOT NULL,
  title_order text COLLATE "C" GENERATED ALWAYS AS (natural_order(title)) STORED NOT NULL,
  CONSTRAINT notebook_pkey PRIMARY KEY (id),
  CONSTRAINT notebook_max_running_check CHECK ((max_running > 0)),
  CONSTRAINT notebook_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES person(id),
  CONSTRAINT notebook_space_id_fkey FOREIGN KEY (space_id) REFERENCES space(id)
);
CREATE INDEX notebook_by_path ON notebook USING btree (path_order, id) WHERE (trashed_at IS NULL);
CREATE INDEX notebook_failures ON notebook USING btree (failures_week, id) WHERE (trashed_at IS NULL);
CREATE INDEX notebook_folder ON notebook USING btree (space_id, folder, path) WHERE (trashed_at IS NULL);
CREATE INDEX notebook_in_folder ON notebook USING btree (space_id, folder, path_order) WHERE (trashed_at IS NULL);
CREATE INDEX notebook_language ON notebook USING btree (language, updated_at, id) WHERE (trashed_at IS NULL);
CREATE INDEX notebook_last_run ON notebook USING btree (COALESCE(last_run_at, '-infinity'::timestamp with time zone), id) WHERE (trashed_at IS NULL);
CREATE INDEX notebook_name ON notebook USING gin (lower(((title || ' '::text) || path)) gin_trgm_ops) WHERE (trashed_at IS NULL);
CREATE INDEX notebook_owner ON notebook USING btree (owner_id, updated_at, id) WHERE (trashed_at IS NULL);
CREATE UNIQUE INDEX notebook_path ON notebook USING btree (space_id, path) WHERE (trashed_at IS NULL);
CREATE INDEX notebook_path_words ON notebook USING gin (path gin_trgm_ops);
CREATE INDEX notebook_runs ON notebook USING btree (runs_week, id) WHERE (trashed_at IS NULL);
CREATE INDEX notebook_space ON notebook USING btree (space_id, updated_at, id) WHERE (trashed_at IS NULL);
CREATE INDEX notebook_state ON notebook USING btree (last_run_state, updated_at, id) WHERE (trashed_at IS NULL);
CREATE INDEX notebook_tags ON notebook USING gin (tags) WHERE (trashed_at IS NULL);
CREATE INDEX notebook_title ON notebook USING btree (title_order, id) WHERE (trashed_at IS NULL);
CREATE INDEX notebook_trash ON notebook USING btree (trashed_at, id) WHERE (trashed_at IS NOT NULL);
CREATE INDEX notebook_updated ON notebook USING btree (updated_at, id) WHERE (trashed_at IS NULL);

CREATE TABLE web_session (
  id digest NOT NULL,
  person_id ulid NOT NULL,
  created_at timestamp with time zone NOT NULL,
  seen_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  user_agent text DEFAULT ''::text NOT NULL,
  address text DEFAULT ''::text NOT NULL,
  CONSTRAINT web_session_pkey PRIMARY KEY (id),
  CONSTRAINT web_session_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE CASCADE
);
CREATE INDEX web_session_expires ON web_session USING btree (expires_at);
CREATE INDEX web_session_person ON web_session USING btree (person_id);

CREATE TABLE comment (
  id ulid NOT NULL,
  space_id ulid NOT NULL,
  notebook_id ulid NOT NULL,
  thread_id ulid NOT NULL,
  cell_id text DEFAULT ''::text NOT NULL,
  author_id ulid NOT NULL,
  body text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  edited_at timestamp with time zone,
  resolved_at timestamp with time zone,
  resolved_by ulid,
  deleted_at timestamp with time zone,
  CONSTRAINT comment_pkey PRIMARY KEY (id),
  CONSTRAINT comment_author_id_fkey FOREIGN KEY (author_id) REFERENCES person(id),
  CONSTRAINT comment_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE,
  CONSTRAINT comment_resolved_by_fkey FOREIGN KEY (resolved_by) REFERENCES person(id),
  CONSTRAINT comment_thread_id_fkey FOREIGN KEY (thread_id) REFERENCES comment(id) ON DELETE CASCADE
);
CREATE INDEX comment_notebook ON comment USING btree (notebook_id, thread_id, id);
CREATE INDEX comment_thread ON comment USING btree (thread_id);

CREATE TABLE draft (
  notebook_id ulid NOT NULL,
  state bytea NOT NULL,
  state_seq bigint DEFAULT 0 NOT NULL,
  holder text,
  held_until timestamp with time zone,
  fence bigint DEFAULT 0 NOT NULL,
  CONSTRAINT draft_pkey PRIMARY KEY (notebook_id),
  CONSTRAINT draft_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE
);
CREATE INDEX draft_holder ON draft USING btree (holder) WHERE (holder IS NOT NULL);

CREATE TABLE notebook_blob (
  notebook_id ulid NOT NULL,
  sha256 digest NOT NULL,
  CONSTRAINT notebook_blob_pkey PRIMARY KEY (notebook_id, sha256),
  CONSTRAINT notebook_blob_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE,
  CONSTRAINT notebook_blob_sha256_fkey FOREIGN KEY (sha256) REFERENCES blob(sha256)
);
CREATE INDEX notebook_blob_sha256 ON notebook_blob USING btree (sha256);

CREATE TABLE notebook_day (
  notebook_id ulid NOT NULL,
  day date NOT NULL,
  runs integer DEFAULT 0 NOT NULL,
  failures integer DEFAULT 0 NOT NULL,
  viewers integer DEFAULT 0 NOT NULL,
  CONSTRAINT notebook_day_pkey PRIMARY KEY (notebook_id, day),
  CONSTRAINT notebook_day_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE
);
CREATE INDEX notebook_day_day ON notebook_day USING btree (day);

CREATE TABLE notebook_viewer (
  notebook_id ulid NOT NULL,
  day date NOT NULL,
  person_id ulid NOT NULL,
  CONSTRAINT notebook_viewer_pkey PRIMARY KEY (notebook_id, day, person_id),
  CONSTRAINT notebook_viewer_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE,
  CONSTRAINT notebook_viewer_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE CASCADE
);
CREATE INDEX notebook_viewer_day ON notebook_viewer USING btree (day);

CREATE TABLE proof (
  id ulid NOT NULL,
  space_id ulid NOT NULL,
  notebook_id ulid NOT NULL,
  version integer NOT NULL,
  asked_by ulid NOT NULL,
  asked_at timestamp with time zone NOT NULL,
  first_run ulid NOT NULL,
  second_run ulid,
  state text DEFAULT 'running'::text NOT NULL,
  said text DEFAULT ''::text NOT NULL,
  ended_at timestamp with time zone,
  environment digest,
  cells json DEFAULT '[]'::json NOT NULL,
  parameters json DEFAULT '{}'::json NOT NULL,
  secret_names text[] DEFAULT '{}'::text[] NOT NULL,
  files json DEFAULT '[]'::json NOT NULL,
  CONSTRAINT proof_pkey PRIMARY KEY (id),
  CONSTRAINT proof_check CHECK (((state = 'running'::text) = (ended_at IS NULL))),
  CONSTRAINT proof_state_check CHECK ((state = ANY (ARRAY['running'::text, 'clean'::text, 'differs'::text, 'failed'::text, 'unclear'::text]))),
  CONSTRAINT proof_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES person(id),
  CONSTRAINT proof_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE
);
CREATE INDEX proof_newest ON proof USING btree (notebook_id, id DESC);
CREATE INDEX proof_of_version ON proof USING btree (notebook_id, version, id DESC);

CREATE TABLE role_grant (
  id ulid NOT NULL,
  space_id ulid NOT NULL,
  notebook_id ulid,
  person_id ulid,
  group_id ulid,
  role text NOT NULL,
  granted_by ulid,
  granted_at timestamp with time zone NOT NULL,
  CONSTRAINT role_grant_pkey PRIMARY KEY (id),
  CONSTRAINT role_grant_check CHECK ((num_nonnulls(person_id, group_id) = 1)),
  CONSTRAINT role_grant_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'commenter'::text, 'runner'::text, 'editor'::text, 'admin'::text]))),
  CONSTRAINT role_grant_group_id_fkey FOREIGN KEY (group_id) REFERENCES people_group(id) ON DELETE CASCADE,
  CONSTRAINT role_grant_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE,
  CONSTRAINT role_grant_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE CASCADE,
  CONSTRAINT role_grant_space_id_fkey FOREIGN KEY (space_id) REFERENCES space(id)
);
CREATE INDEX role_grant_group ON role_grant USING btree (group_id) WHERE (group_id IS NOT NULL);
CREATE UNIQUE INDEX role_grant_one ON role_grant USING btree (space_id, notebook_id, person_id, group_id) NULLS NOT DISTINCT;
CREATE INDEX role_grant_person ON role_grant USING btree (person_id) WHERE (person_id IS NOT NULL);

CREATE TABLE run (
  id ulid NOT NULL,
  space_id ulid NOT NULL,
  notebook_id ulid NOT NULL,
  version integer NOT NULL,
  version_sha256 digest NOT NULL,
  parameters json DEFAULT '{}'::json NOT NULL,
  secret_names text[] DEFAULT '{}'::text[] NOT NULL,
  secrets bytea,
  labels jsonb DEFAULT '{}'::jsonb NOT NULL,
  orchestrator jsonb,
  openlineage jsonb,
  trigger text NOT NULL,
  ordered_by ulid NOT NULL,
  token_id ulid,
  idempotency_key text,
  request_digest digest,
  priority smallint DEFAULT 0 NOT NULL,
  limits jsonb DEFAULT '{}'::jsonb NOT NULL,
  retry jsonb DEFAULT '{}'::jsonb NOT NULL,
  environment_asked text,
  created_at timestamp with time zone NOT NULL,
  state text NOT NULL,
  reason text DEFAULT ''::text NOT NULL,
  explanation text DEFAULT ''::text NOT NULL,
  desired text DEFAULT 'run'::text NOT NULL,
  cancel_reason text DEFAULT ''::text NOT NULL,
  cancel_as text DEFAULT ''::text NOT NULL,
  cancel_grace_ms integer,
  attempt integer DEFAULT 1 NOT NULL,
  first_attempt integer DEFAULT 1 NOT NULL,
  fence bigint DEFAULT 0 NOT NULL,
  lease_until timestamp with time zone,
  worker_id ulid,
  not_before timestamp with time zone,
  queued_at timestamp with time zone NOT NULL,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  environment_sha256 digest,
  cells_done integer DEFAULT 0 NOT NULL,
  cells_total integer DEFAULT 0 NOT NULL,
  current_cell integer,
  failed_cell integer,
  error json,
  result_sha256 digest,
  result_bytes bigint,
  journal_sha256 digest,
  keepalive_ms integer,
  keepalive_at timestamp with time zone,
  seq bigint DEFAULT 0 NOT NULL,
  log_bytes bigint DEFAULT 0 NOT NULL,
  template_id ulid,
  ran_as ulid,
  consent_id ulid,
  keep_kernel_ms integer,
  rig json,
  CONSTRAINT run_pkey PRIMARY KEY (id),
  CONSTRAINT run_check CHECK (((state = ANY (ARRAY['queued'::text, 'running'::text])) = (ended_at IS NULL))),
  CONSTRAINT run_check1 CHECK (((ran_as IS NULL) = (consent_id IS NULL))),
  CONSTRAINT run_desired_check CHECK ((desired = ANY (ARRAY['run'::text, 'cancel'::text]))),
  CONSTRAINT run_keep_kernel_ms_check CHECK ((keep_kernel_ms > 0)),
  CONSTRAINT run_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text, 'lost'::text]))),
  CONSTRAINT run_trigger_check CHECK ((trigger = ANY (ARRAY['person'::text, 'token'::text, 'schedule'::text, 'orchestrator'::text, 'test'::text]))),
  CONSTRAINT run_consent_id_fkey FOREIGN KEY (consent_id) REFERENCES consent(id),
  CONSTRAINT run_journal_sha256_fkey FOREIGN KEY (journal_sha256) REFERENCES blob(sha256),
  CONSTRAINT run_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id),
  CONSTRAINT run_ordered_by_fkey FOREIGN KEY (ordered_by) REFERENCES person(id),
  CONSTRAINT run_ran_as_fkey FOREIGN KEY (ran_as) REFERENCES person(id),
  CONSTRAINT run_result_sha256_fkey FOREIGN KEY (result_sha256) REFERENCES blob(sha256),
  CONSTRAINT run_space_id_fkey FOREIGN KEY (space_id) REFERENCES space(id)
);
CREATE INDEX run_ended ON run USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE UNIQUE INDEX run_key ON run USING btree (ordered_by, idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE INDEX run_labels ON run USING gin (labels jsonb_path_ops) WHERE (labels <> '{}'::jsonb);
CREATE INDEX run_notebook ON run USING btree (notebook_id, id DESC);
CREATE INDEX run_ordered_by ON run USING btree (ordered_by, id DESC);
CREATE INDEX run_queued ON run USING btree (ordered_by, priority DESC, id) WHERE (state = 'queued'::text);
CREATE INDEX run_running ON run USING btree (worker_id) WHERE (state = 'running'::text);
CREATE INDEX run_space ON run USING btree (space_id, id DESC);
CREATE INDEX run_state ON run USING btree (state, id DESC);
CREATE INDEX run_template ON run USING btree (template_id, id DESC) WHERE (template_id IS NOT NULL);
CREATE INDEX run_trigger ON run USING btree (trigger, id DESC);
CREATE INDEX run_words ON run USING gin (((((((((((parameters)::text || ' '::text) || (labels)::text) || ' '::text) || COALESCE((orchestrator)::text, ''::text)) || ' '::text) || COALESCE((error ->> 'ename'::text), ''::text)) || ' '::text) || COALESCE((error ->> 'evalue'::text), ''::text))) gin_trgm_ops);
CREATE TRIGGER run_ended_told AFTER UPDATE OF state ON run FOR EACH ROW WHEN (((new.state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'cancelled'::text, 'lost'::text])) AND (old.state = ANY (ARRAY['queued'::text, 'running'::text])) AND (new.trigger <> 'test'::text))) EXECUTE FUNCTION run_ended_told();
CREATE TRIGGER run_failed AFTER UPDATE OF state ON run FOR EACH ROW WHEN (((new.state = ANY (ARRAY['failed'::text, 'lost'::text])) AND (old.state <> ALL (ARRAY['failed'::text, 'lost'::text])))) EXECUTE FUNCTION run_failed_notice();

CREATE TABLE search_text (
  notebook_id ulid NOT NULL,
  space_id ulid NOT NULL,
  prose text NOT NULL,
  code text NOT NULL,
  outputs text NOT NULL,
  words tsvector NOT NULL,
  CONSTRAINT search_text_pkey PRIMARY KEY (notebook_id),
  CONSTRAINT search_text_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE
);
CREATE INDEX search_text_words ON search_text USING gin (words);

CREATE TABLE session (
  id ulid NOT NULL,
  space_id ulid NOT NULL,
  notebook_id ulid NOT NULL,
  worker_id ulid NOT NULL,
  host text DEFAULT ''::text NOT NULL,
  state text NOT NULL,
  explanation text DEFAULT ''::text NOT NULL,
  kernel_name text DEFAULT ''::text NOT NULL,
  display_name text DEFAULT ''::text NOT NULL,
  language text DEFAULT ''::text NOT NULL,
  environment text DEFAULT ''::text NOT NULL,
  environment_sha256 digest,
  environment_asked text,
  started_by ulid NOT NULL,
  features text[] DEFAULT '{}'::text[] NOT NULL,
  started_at timestamp with time zone NOT NULL,
  ended_at timestamp with time zone,
  idle_until timestamp with time zone,
  lease_until timestamp with time zone NOT NULL,
  widgets_sha256 digest,
  CONSTRAINT session_pkey PRIMARY KEY (id),
  CONSTRAINT session_state_check CHECK ((state = ANY (ARRAY['starting'::text, 'idle'::text, 'busy'::text, 'restarting'::text, 'dead'::text, 'lost'::text, 'ended'::text]))),
  CONSTRAINT session_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE,
  CONSTRAINT session_space_id_fkey FOREIGN KEY (space_id) REFERENCES space(id),
  CONSTRAINT session_started_by_fkey FOREIGN KEY (started_by) REFERENCES person(id),
  CONSTRAINT session_widgets_sha256_fkey FOREIGN KEY (widgets_sha256) REFERENCES blob(sha256)
);
CREATE INDEX session_lease ON session USING btree (lease_until) WHERE (state <> ALL (ARRAY['lost'::text, 'ended'::text]));
CREATE UNIQUE INDEX session_living ON session USING btree (notebook_id) WHERE (state <> ALL (ARRAY['lost'::text, 'ended'::text]));
CREATE INDEX session_notebook ON session USING btree (notebook_id, id);
CREATE INDEX session_space ON session USING btree (space_id);
CREATE INDEX session_started_by ON session USING btree (started_by);
CREATE INDEX session_widgets ON session USING btree (widgets_sha256) WHERE (widgets_sha256 IS NOT NULL);
CREATE INDEX session_worker ON session USING btree (worker_id) WHERE (state <> ALL (ARRAY['lost'::text, 'ended'::text]));

CREATE TABLE standing_yes (
  notebook_id ulid NOT NULL,
  effect digest NOT NULL,
  said_by ulid NOT NULL,
  said_at timestamp with time zone NOT NULL,
  CONSTRAINT standing_yes_pkey PRIMARY KEY (notebook_id, effect),
  CONSTRAINT standing_yes_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE,
  CONSTRAINT standing_yes_said_by_fkey FOREIGN KEY (said_by) REFERENCES person(id)
);

CREATE TABLE template (
  id ulid NOT NULL,
  space_id ulid NOT NULL,
  notebook_id ulid NOT NULL,
  name text COLLATE "C" NOT NULL,
  owner_id ulid NOT NULL,
  approvals integer,
  latest integer DEFAULT 0 NOT NULL,
  created_at timestamp with time zone NOT NULL,
  created_by ulid NOT NULL,
  deprecated_at timestamp with time zone,
  deprecation text DEFAULT ''::text NOT NULL,
  successor_id ulid,
  run_as text DEFAULT 'invoker'::text NOT NULL,
  run_as_id ulid,
  max_running integer,
  profile jsonb DEFAULT '{}'::jsonb NOT NULL,
  CONSTRAINT template_pkey PRIMARY KEY (id),
  CONSTRAINT template_name_key UNIQUE (name),
  CONSTRAINT template_approvals_check CHECK ((approvals >= 0)),
  CONSTRAINT template_max_running_check CHECK ((max_running > 0)),
  CONSTRAINT template_run_as CHECK (((run_as = 'service'::text) = (run_as_id IS NOT NULL))),
  CONSTRAINT template_run_as_check CHECK ((run_as = ANY (ARRAY['invoker'::text, 'owner'::text, 'service'::text]))),
  CONSTRAINT template_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id),
  CONSTRAINT template_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES person(id),
  CONSTRAINT template_run_as_id_fkey FOREIGN KEY (run_as_id) REFERENCES person(id),
  CONSTRAINT template_successor_id_fkey FOREIGN KEY (successor_id) REFERENCES template(id)
);
CREATE INDEX template_notebook ON template USING btree (notebook_id);
CREATE INDEX template_owner ON template USING btree (owner_id);
CREATE INDEX template_space ON template USING btree (space_id, name);

CREATE TABLE test_case (
  id ulid NOT NULL,
  space_id ulid NOT NULL,
  notebook_id ulid NOT NULL,
  name text NOT NULL,
  parameters json DEFAULT '{}'::json NOT NULL,
  expects json NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  updated_by ulid,
  mocks json DEFAULT '[]'::json NOT NULL,
  CONSTRAINT test_case_pkey PRIMARY KEY (id),
  CONSTRAINT test_case_notebook_id_name_key UNIQUE (notebook_id, name),
  CONSTRAINT test_case_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE
);

CREATE TABLE upload (
  id ulid NOT NULL,
  notebook_id ulid NOT NULL,
  person_id ulid NOT NULL,
  name text NOT NULL,
  sha256 digest NOT NULL,
  size_bytes bigint NOT NULL,
  sent_at timestamp with time zone NOT NULL,
  CONSTRAINT upload_pkey PRIMARY KEY (id),
  CONSTRAINT upload_person_id_notebook_id_sha256_name_key UNIQUE (person_id, notebook_id, sha256, name),
  CONSTRAINT upload_size_bytes_check CHECK ((size_bytes > 0)),
  CONSTRAINT upload_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE,
  CONSTRAINT upload_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT upload_sha256_fkey FOREIGN KEY (sha256) REFERENCES blob(sha256)
);
CREATE INDEX upload_notebook ON upload USING btree (notebook_id);
CREATE INDEX upload_sent ON upload USING btree (sent_at);
CREATE INDEX upload_sha256 ON upload USING btree (sha256);

CREATE TABLE version (
  notebook_id ulid NOT NULL,
  number integer NOT NULL,
  space_id ulid NOT NULL,
  sha256 digest NOT NULL,
  size_bytes bigint NOT NULL,
  author_id ulid,
  created_at timestamp with time zone NOT NULL,
  message text DEFAULT ''::text NOT NULL,
  label text,
  parent integer,
  source text NOT NULL,
  manifest jsonb DEFAULT '{}'::jsonb NOT NULL,
  manifest_sha256 digest NOT NULL,
  parameters json,
  kernel_name text DEFAULT ''::text NOT NULL,
  language text DEFAULT ''::text NOT NULL,
  base integer,
  stored bytea,
  stored_sha256 digest,
  schema_edition smallint DEFAULT 0 NOT NULL,
  CONSTRAINT version_pkey PRIMARY KEY (notebook_id, number),
  CONSTRAINT version_check CHECK ((num_nonnulls(stored, stored_sha256) = 1)),
  CONSTRAINT version_check1 CHECK ((base < number)),
  CONSTRAINT version_number_check CHECK ((number > 0)),
  CONSTRAINT version_source_check CHECK ((source = ANY (ARRAY['editor'::text, 'import'::text, 'api'::text, 'git'::text]))),
  CONSTRAINT version_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id),
  CONSTRAINT version_stored_sha256_fkey FOREIGN KEY (stored_sha256) REFERENCES blob(sha256)
);
CREATE INDEX version_schema_edition ON version USING btree (schema_edition, notebook_id, number) WHERE (parameters IS NOT NULL);
CREATE INDEX version_sha256 ON version USING btree (sha256);
CREATE INDEX version_stored_sha256 ON version USING btree (stored_sha256) WHERE (stored_sha256 IS NOT NULL);
CREATE TRIGGER version_stays BEFORE UPDATE ON version FOR EACH ROW EXECUTE FUNCTION version_stays();

CREATE TABLE version_environment (
  notebook_id ulid NOT NULL,
  version integer NOT NULL,
  want text NOT NULL,
  name text NOT NULL,
  language text NOT NULL,
  CONSTRAINT version_environment_pkey PRIMARY KEY (notebook_id, version),
  CONSTRAINT version_environment_want_check CHECK ((want = ANY (ARRAY['named'::text, 'listed'::text, 'kernel'::text]))),
  CONSTRAINT version_environment_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE
);

CREATE TABLE artifact (
  run_id ulid NOT NULL,
  attempt integer NOT NULL,
  path text NOT NULL,
  sha256 digest NOT NULL,
  size_bytes bigint NOT NULL,
  media_type text DEFAULT 'application/octet-stream'::text NOT NULL,
  CONSTRAINT artifact_pkey PRIMARY KEY (run_id, attempt, path),
  CONSTRAINT artifact_run_id_fkey FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE CASCADE,
  CONSTRAINT artifact_sha256_fkey FOREIGN KEY (sha256) REFERENCES blob(sha256)
);
CREATE INDEX artifact_sha256 ON artifact USING btree (sha256);

CREATE TABLE attempt (
  run_id ulid NOT NULL,
  number integer NOT NULL,
  state text NOT NULL,
  reason text DEFAULT ''::text NOT NULL,
  explanation text DEFAULT ''::text NOT NULL,
  worker_id ulid,
  host text DEFAULT ''::text NOT NULL,
  fence bigint NOT NULL,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  environment_sha256 digest,
  cells jsonb DEFAULT '[]'::jsonb NOT NULL,
  failed_cell integer,
  error json,
  outputs json,
  result_sha256 digest,
  result_bytes bigint,
  journal_sha256 digest,
  journal_bytes bigint,
  CONSTRAINT attempt_pkey PRIMARY KEY (run_id, number),
  CONSTRAINT attempt_journal_sha256_fkey FOREIGN KEY (journal_sha256) REFERENCES blob(sha256),
  CONSTRAINT attempt_result_sha256_fkey FOREIGN KEY (result_sha256) REFERENCES blob(sha256),
  CONSTRAINT attempt_run_id_fkey FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE CASCADE
);
CREATE INDEX attempt_ended ON attempt USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE INDEX attempt_journal ON attempt USING btree (journal_sha256) WHERE (journal_sha256 IS NOT NULL);
CREATE INDEX attempt_result ON attempt USING btree (result_sha256) WHERE (result_sha256 IS NOT NULL);

CREATE TABLE code_owner (
  space_id ulid,
  template_id ulid,
  person_id ulid,
  group_id ulid,
  CONSTRAINT code_owner_check CHECK ((num_nonnulls(space_id, template_id) = 1)),
  CONSTRAINT code_owner_check1 CHECK ((num_nonnulls(person_id, group_id) = 1)),
  CONSTRAINT code_owner_group_id_fkey FOREIGN KEY (group_id) REFERENCES people_group(id) ON DELETE CASCADE,
  CONSTRAINT code_owner_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT code_owner_space_id_fkey FOREIGN KEY (space_id) REFERENCES space(id) ON DELETE CASCADE,
  CONSTRAINT code_owner_template_id_fkey FOREIGN KEY (template_id) REFERENCES template(id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX code_owner_one ON code_owner USING btree (space_id, template_id, person_id, group_id) NULLS NOT DISTINCT;

CREATE TABLE draft_update (
  notebook_id ulid NOT NULL,
  seq bigint NOT NULL,
  bytes bytea NOT NULL,
  CONSTRAINT draft_update_pkey PRIMARY KEY (notebook_id, seq),
  CONSTRAINT draft_update_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES draft(notebook_id) ON DELETE CASCADE
);

CREATE TABLE execution (
  id ulid NOT NULL,
  session_id ulid NOT NULL,
  notebook_id ulid NOT NULL,
  cell text NOT NULL,
  source json NOT NULL,
  source_sha256 digest NOT NULL,
  asked_by ulid NOT NULL,
  state text NOT NULL,
  explanation text DEFAULT ''::text NOT NULL,
  execution_count integer,
  queued_at timestamp with time zone NOT NULL,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  outputs json,
  outputs_sha256 digest,
  overflow_bytes bigint DEFAULT 0 NOT NULL,
  CONSTRAINT execution_pkey PRIMARY KEY (id),
  CONSTRAINT execution_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text, 'not_run'::text, 'lost'::text]))),
  CONSTRAINT execution_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES person(id),
  CONSTRAINT execution_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE,
  CONSTRAINT execution_outputs_sha256_fkey FOREIGN KEY (outputs_sha256) REFERENCES blob(sha256),
  CONSTRAINT execution_session_id_fkey FOREIGN KEY (session_id) REFERENCES session(id) ON DELETE CASCADE
);
CREATE INDEX execution_asked_by ON execution USING btree (asked_by);
CREATE INDEX execution_notebook ON execution USING btree (notebook_id, id);
CREATE INDEX execution_outputs ON execution USING btree (outputs_sha256) WHERE (outputs_sha256 IS NOT NULL);
CREATE INDEX execution_session ON execution USING btree (session_id);

CREATE TABLE kept_kernel (
  run_id ulid NOT NULL,
  attempt integer NOT NULL,
  worker_id ulid NOT NULL,
  kept_at timestamp with time zone NOT NULL,
  until timestamp with time zone NOT NULL,
  ended_at timestamp with time zone,
  ending text DEFAULT ''::text NOT NULL,
  CONSTRAINT kept_kernel_pkey PRIMARY KEY (run_id),
  CONSTRAINT kept_kernel_check CHECK (((ending = ''::text) = (ended_at IS NULL))),
  CONSTRAINT kept_kernel_ending_check CHECK ((ending = ANY (ARRAY[''::text, 'attached'::text, 'expired'::text, 'died'::text, 'let_go'::text, 'not_kept'::text, 'worker_stopped'::text]))),
  CONSTRAINT kept_kernel_run_id_fkey FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE CASCADE
);
CREATE INDEX kept_kernel_worker ON kept_kernel USING btree (worker_id) WHERE (ended_at IS NULL);

CREATE TABLE kept_kernel_person (
  run_id ulid NOT NULL,
  person_id ulid NOT NULL,
  granted_by ulid NOT NULL,
  granted_at timestamp with time zone NOT NULL,
  CONSTRAINT kept_kernel_person_pkey PRIMARY KEY (run_id, person_id),
  CONSTRAINT kept_kernel_person_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT kept_kernel_person_run_id_fkey FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE CASCADE
);
CREATE INDEX kept_kernel_person_person ON kept_kernel_person USING btree (person_id);

CREATE TABLE live_file (
  notebook_id ulid NOT NULL,
  parameter text NOT NULL,
  upload_id ulid NOT NULL,
  path text NOT NULL,
  place integer DEFAULT 0 NOT NULL,
  CONSTRAINT live_file_pkey PRIMARY KEY (notebook_id, parameter, place),
  CONSTRAINT live_file_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE,
  CONSTRAINT live_file_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES upload(id)
);
CREATE INDEX live_file_upload ON live_file USING btree (upload_id);

CREATE TABLE live_origin (
  notebook_id ulid NOT NULL,
  run_id ulid,
  of_notebook ulid NOT NULL,
  version integer NOT NULL,
  cell text DEFAULT ''::text NOT NULL,
  environment digest,
  is_attached boolean NOT NULL,
  opened_by ulid NOT NULL,
  opened_at timestamp with time zone NOT NULL,
  CONSTRAINT live_origin_pkey PRIMARY KEY (notebook_id),
  CONSTRAINT live_origin_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE,
  CONSTRAINT live_origin_opened_by_fkey FOREIGN KEY (opened_by) REFERENCES person(id),
  CONSTRAINT live_origin_run_id_fkey FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE SET NULL
);
CREATE INDEX live_origin_opened_by ON live_origin USING btree (opened_by);
CREATE INDEX live_origin_run ON live_origin USING btree (run_id) WHERE (run_id IS NOT NULL);

CREATE TABLE notice (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  person_id ulid NOT NULL,
  kind text NOT NULL,
  about text NOT NULL,
  space_id ulid,
  notebook_id ulid,
  run_id ulid,
  comment_id ulid,
  by_id ulid,
  said text DEFAULT ''::text NOT NULL,
  at timestamp with time zone NOT NULL,
  read_at timestamp with time zone,
  CONSTRAINT notice_pkey PRIMARY KEY (id),
  CONSTRAINT notice_person_id_about_key UNIQUE (person_id, about),
  CONSTRAINT notice_kind_check CHECK ((kind = ANY (ARRAY['mention'::text, 'reply'::text, 'run_failed'::text, 'run_told'::text, 'run_ended'::text, 'tests_failed'::text, 'tests_waiting'::text, 'input_waiting'::text, 'access_asked'::text, 'access_given'::text, 'review_asked'::text, 'changes_asked'::text, 'approved'::text, 'promoted'::text]))),
  CONSTRAINT notice_by_id_fkey FOREIGN KEY (by_id) REFERENCES person(id) ON DELETE SET NULL,
  CONSTRAINT notice_comment_id_fkey FOREIGN KEY (comment_id) REFERENCES comment(id) ON DELETE CASCADE,
  CONSTRAINT notice_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE,
  CONSTRAINT notice_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE CASCADE
);
CREATE INDEX notice_comment ON notice USING btree (comment_id) WHERE (comment_id IS NOT NULL);
CREATE INDEX notice_newest ON notice USING btree (person_id, at DESC, id DESC);
CREATE INDEX notice_notebook ON notice USING btree (notebook_id) WHERE (notebook_id IS NOT NULL);
CREATE INDEX notice_unread ON notice USING btree (person_id) WHERE (read_at IS NULL);

CREATE TABLE promotion (
  template_id ulid NOT NULL,
  number integer NOT NULL,
  proposal_id ulid NOT NULL,
  notebook_id ulid NOT NULL,
  version integer NOT NULL,
  version_sha256 digest NOT NULL,
  parameters json,
  evidence text NOT NULL,
  signature text NOT NULL,
  key_id text NOT NULL,
  is_reviewed boolean NOT NULL,
  at timestamp with time zone NOT NULL,
  by_id ulid NOT NULL,
  run_as text DEFAULT 'invoker'::text NOT NULL,
  run_as_id ulid,
  description text,
  CONSTRAINT promotion_pkey PRIMARY KEY (template_id, number),
  CONSTRAINT promotion_check CHECK (((run_as = 'invoker'::text) = (run_as_id IS NULL))),
  CONSTRAINT promotion_number_check CHECK ((number > 0)),
  CONSTRAINT promotion_run_as_check CHECK ((run_as = ANY (ARRAY['invoker'::text, 'owner'::text, 'service'::text]))),
  CONSTRAINT promotion_notebook_id_version_fkey FOREIGN KEY (notebook_id, version) REFERENCES version(notebook_id, number),
  CONSTRAINT promotion_run_as_id_fkey FOREIGN KEY (run_as_id) REFERENCES person(id),
  CONSTRAINT promotion_template_id_fkey FOREIGN KEY (template_id) REFERENCES template(id)
);
CREATE TRIGGER promotion_stands BEFORE DELETE OR UPDATE ON promotion FOR EACH ROW EXECUTE FUNCTION promotion_stands();

CREATE TABLE proposal (
  id ulid NOT NULL,
  template_id ulid NOT NULL,
  space_id ulid NOT NULL,
  notebook_id ulid NOT NULL,
  version integer NOT NULL,
  version_sha256 digest NOT NULL,
  binding digest NOT NULL,
  parameters json,
  message text DEFAULT ''::text NOT NULL,
  author_id ulid NOT NULL,
  state text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  closed_at timestamp with time zone,
  closed_by ulid,
  run_as text DEFAULT 'invoker'::text NOT NULL,
  run_as_id ulid,
  CONSTRAINT proposal_pkey PRIMARY KEY (id),
  CONSTRAINT proposal_check CHECK (((state = 'open'::text) = (closed_at IS NULL))),
  CONSTRAINT proposal_check1 CHECK (((run_as = 'invoker'::text) = (run_as_id IS NULL))),
  CONSTRAINT proposal_run_as_check CHECK ((run_as = ANY (ARRAY['invoker'::text, 'owner'::text, 'service'::text]))),
  CONSTRAINT proposal_state_check CHECK ((state = ANY (ARRAY['open'::text, 'promoted'::text, 'withdrawn'::text, 'replaced'::text]))),
  CONSTRAINT proposal_author_id_fkey FOREIGN KEY (author_id) REFERENCES person(id),
  CONSTRAINT proposal_run_as_id_fkey FOREIGN KEY (run_as_id) REFERENCES person(id),
  CONSTRAINT proposal_template_id_fkey FOREIGN KEY (template_id) REFERENCES template(id) ON DELETE CASCADE
);
CREATE INDEX proposal_newest ON proposal USING btree (template_id, id DESC);
CREATE UNIQUE INDEX proposal_open ON proposal USING btree (template_id, version) WHERE (state = 'open'::text);
CREATE INDEX proposal_space ON proposal USING btree (space_id, id DESC) WHERE (state = 'open'::text);

CREATE TABLE public_result (
  id ulid NOT NULL,
  secret_digest digest NOT NULL,
  run_id ulid NOT NULL,
  attempt integer NOT NULL,
  with_code boolean NOT NULL,
  made_by ulid NOT NULL,
  made_at timestamp with time zone NOT NULL,
  withdrawn_at timestamp with time zone,
  CONSTRAINT public_result_pkey PRIMARY KEY (id),
  CONSTRAINT public_result_secret_digest_key UNIQUE (secret_digest),
  CONSTRAINT public_result_made_by_fkey FOREIGN KEY (made_by) REFERENCES person(id),
  CONSTRAINT public_result_run_id_fkey FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE CASCADE
);
CREATE INDEX public_result_made_by ON public_result USING btree (made_by);
CREATE INDEX public_result_run ON public_result USING btree (run_id, id);

CREATE TABLE run_blob (
  run_id ulid NOT NULL,
  attempt integer NOT NULL,
  sha256 digest NOT NULL,
  CONSTRAINT run_blob_pkey PRIMARY KEY (run_id, attempt, sha256),
  CONSTRAINT run_blob_run_id_fkey FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE CASCADE,
  CONSTRAINT run_blob_sha256_fkey FOREIGN KEY (sha256) REFERENCES blob(sha256)
);
CREATE INDEX run_blob_sha256 ON run_blob USING btree (sha256);

CREATE TABLE run_file (
  run_id ulid NOT NULL,
  parameter text NOT NULL,
  upload_id ulid NOT NULL,
  path text NOT NULL,
  place integer DEFAULT 0 NOT NULL,
  CONSTRAINT run_file_pkey PRIMARY KEY (run_id, parameter, place),
  CONSTRAINT run_file_run_id_fkey FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE CASCADE,
  CONSTRAINT run_file_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES upload(id)
);
CREATE INDEX run_file_upload ON run_file USING btree (upload_id);

CREATE TABLE session_file (
  session_id ulid NOT NULL,
  path text COLLATE "C" NOT NULL,
  sha256 digest NOT NULL,
  size_bytes bigint NOT NULL,
  changed_at timestamp with time zone NOT NULL,
  CONSTRAINT session_file_pkey PRIMARY KEY (session_id, path),
  CONSTRAINT session_file_session_id_fkey FOREIGN KEY (session_id) REFERENCES session(id) ON DELETE CASCADE,
  CONSTRAINT session_file_sha256_fkey FOREIGN KEY (sha256) REFERENCES blob(sha256)
);
CREATE INDEX session_file_sha256 ON session_file USING btree (sha256);

CREATE TABLE subscription (
  id ulid NOT NULL,
  person_id ulid NOT NULL,
  template_id ulid,
  notebook_id ulid,
  hears text NOT NULL,
  way text NOT NULL,
  address text DEFAULT ''::text NOT NULL,
  secret bytea,
  created_at timestamp with time zone NOT NULL,
  problem text DEFAULT ''::text NOT NULL,
  failed_at timestamp with time zone,
  CONSTRAINT subscription_pkey PRIMARY KEY (id),
  CONSTRAINT subscription_person_id_template_id_notebook_id_way_address_key UNIQUE NULLS NOT DISTINCT (person_id, template_id, notebook_id, way, address),
  CONSTRAINT subscription_check CHECK ((num_nonnulls(template_id, notebook_id) = 1)),
  CONSTRAINT subscription_check1 CHECK (((way = 'webhook'::text) = (secret IS NOT NULL))),
  CONSTRAINT subscription_hears_check CHECK ((hears = ANY (ARRAY['all'::text, 'failures'::text]))),
  CONSTRAINT subscription_way_check CHECK ((way = ANY (ARRAY['inbox'::text, 'webhook'::text, 'mail'::text]))),
  CONSTRAINT subscription_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE,
  CONSTRAINT subscription_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE CASCADE,
  CONSTRAINT subscription_template_id_fkey FOREIGN KEY (template_id) REFERENCES template(id) ON DELETE CASCADE
);
CREATE INDEX subscription_notebook ON subscription USING btree (notebook_id) WHERE (notebook_id IS NOT NULL);
CREATE INDEX subscription_template ON subscription USING btree (template_id) WHERE (template_id IS NOT NULL);

CREATE TABLE test_run (
  id ulid NOT NULL,
  notebook_id ulid NOT NULL,
  version integer NOT NULL,
  because text NOT NULL,
  asked_by ulid NOT NULL,
  created_at timestamp with time zone NOT NULL,
  template_id ulid,
  environment digest,
  environment_asked text DEFAULT ''::text NOT NULL,
  told_at timestamp with time zone,
  waits_for json,
  answer text,
  answered_by ulid,
  answered_at timestamp with time zone,
  CONSTRAINT test_run_pkey PRIMARY KEY (id),
  CONSTRAINT test_run_answer_check CHECK ((answer = ANY (ARRAY['yes'::text, 'left'::text]))),
  CONSTRAINT test_run_because_check CHECK ((because = ANY (ARRAY['asked'::text, 'version'::text, 'environment'::text]))),
  CONSTRAINT test_run_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES person(id),
  CONSTRAINT test_run_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES person(id),
  CONSTRAINT test_run_notebook_id_fkey FOREIGN KEY (notebook_id) REFERENCES notebook(id) ON DELETE CASCADE,
  CONSTRAINT test_run_template_id_fkey FOREIGN KEY (template_id) REFERENCES template(id) ON DELETE CASCADE
);
CREATE INDEX test_run_newest ON test_run USING btree (notebook_id, id DESC);
CREATE INDEX test_run_template ON test_run USING btree (template_id) WHERE (template_id IS NOT NULL);
CREATE INDEX test_run_untold ON test_run USING btree (id) WHERE (told_at IS NULL);
CREATE INDEX test_run_waiting ON test_run USING btree (notebook_id) WHERE ((waits_for IS NOT NULL) AND (answer IS NULL));

CREATE TABLE channel (
  template_id ulid NOT NULL,
  name text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  at timestamp with time zone NOT NULL,
  by_id ulid NOT NULL,
  CONSTRAINT channel_pkey PRIMARY KEY (template_id, name),
  CONSTRAINT channel_template_id_fkey FOREIGN KEY (template_id) REFERENCES template(id),
  CONSTRAINT channel_template_id_number_fkey FOREIGN KEY (template_id, number) REFERENCES promotion(template_id, number)
);

CREATE TABLE delivery (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  subscription_id ulid NOT NULL,
  run_id ulid NOT NULL,
  attempt integer NOT NULL,
  created_at timestamp with time zone NOT NULL,
  tries integer DEFAULT 0 NOT NULL,
  next_at timestamp with time zone,
  problem text DEFAULT ''::text NOT NULL,
  CONSTRAINT delivery_pkey PRIMARY KEY (id),
  CONSTRAINT delivery_subscription_id_run_id_attempt_key UNIQUE (subscription_id, run_id, attempt),
  CONSTRAINT delivery_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscription(id) ON DELETE CASCADE
);
CREATE INDEX delivery_due ON delivery USING btree (next_at) WHERE (next_at IS NOT NULL);
CREATE INDEX delivery_over ON delivery USING btree (created_at) WHERE (next_at IS NULL);

CREATE TABLE execution_blob (
  execution_id ulid NOT NULL,
  sha256 digest NOT NULL,
  media_type text NOT NULL,
  CONSTRAINT execution_blob_pkey PRIMARY KEY (execution_id, sha256, media_type),
  CONSTRAINT execution_blob_execution_id_fkey FOREIGN KEY (execution_id) REFERENCES execution(id) ON DELETE CASCADE,
  CONSTRAINT execution_blob_sha256_fkey FOREIGN KEY (sha256) REFERENCES blob(sha256)
);
CREATE INDEX execution_blob_sha256 ON execution_blob USING btree (sha256);

CREATE TABLE finding_dismissal (
  proposal_id ulid NOT NULL,
  finding text COLLATE "C" NOT NULL,
  person_id ulid NOT NULL,
  said text NOT NULL,
  at timestamp with time zone NOT NULL,
  CONSTRAINT finding_dismissal_pkey PRIMARY KEY (proposal_id, finding),
  CONSTRAINT finding_dismissal_said_check CHECK ((said <> ''::text)),
  CONSTRAINT finding_dismissal_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT finding_dismissal_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES proposal(id) ON DELETE CASCADE
);

CREATE TABLE proposal_check (
  proposal_id ulid NOT NULL,
  place integer NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  parameters json NOT NULL,
  expects json NOT NULL,
  run_id ulid,
  verdict text DEFAULT 'pending'::text NOT NULL,
  said text DEFAULT ''::text NOT NULL,
  environment digest,
  result_sha256 digest,
  mocks json DEFAULT '[]'::json NOT NULL,
  shown json,
  CONSTRAINT proposal_check_pkey PRIMARY KEY (proposal_id, place),
  CONSTRAINT proposal_check_kind_check CHECK ((kind = ANY (ARRAY['rerun'::text, 'test'::text]))),
  CONSTRAINT proposal_check_verdict_check CHECK ((verdict = ANY (ARRAY['pending'::text, 'passed'::text, 'failed'::text]))),
  CONSTRAINT proposal_check_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES proposal(id) ON DELETE CASCADE
);

CREATE TABLE review (
  proposal_id ulid NOT NULL,
  person_id ulid NOT NULL,
  verdict text NOT NULL,
  said text DEFAULT ''::text NOT NULL,
  binding digest NOT NULL,
  at timestamp with time zone NOT NULL,
  CONSTRAINT review_pkey PRIMARY KEY (proposal_id, person_id),
  CONSTRAINT review_verdict_check CHECK ((verdict = ANY (ARRAY['approve'::text, 'request_changes'::text]))),
  CONSTRAINT review_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT review_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES proposal(id) ON DELETE CASCADE
);

CREATE TABLE test_run_case (
  test_run_id ulid NOT NULL,
  place integer NOT NULL,
  name text NOT NULL,
  parameters json NOT NULL,
  expects json NOT NULL,
  mocks json NOT NULL,
  run_id ulid,
  verdict text DEFAULT 'pending'::text NOT NULL,
  said text DEFAULT ''::text NOT NULL,
  result_sha256 digest,
  CONSTRAINT test_run_case_pkey PRIMARY KEY (test_run_id, place),
  CONSTRAINT test_run_case_verdict_check CHECK ((verdict = ANY (ARRAY['pending'::text, 'passed'::text, 'failed'::text, 'left'::text]))),
  CONSTRAINT test_run_case_test_run_id_fkey FOREIGN KEY (test_run_id) REFERENCES test_run(id) ON DELETE CASCADE
);
CREATE INDEX test_run_case_pending ON test_run_case USING btree (test_run_id) WHERE (verdict = 'pending'::text);
