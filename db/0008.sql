-- Whose approval, whose name, how much: what a template's proposals and runs are held to.

-- Somebody whose approval it takes: of one template, or of every template of a space.
CREATE TABLE code_owner (
  space_id ulid REFERENCES space ON DELETE CASCADE,
  template_id ulid REFERENCES template ON DELETE CASCADE,
  person_id ulid REFERENCES person,
  -- One of its members is enough.
  group_id ulid REFERENCES people_group ON DELETE CASCADE,
  CHECK (num_nonnulls(space_id, template_id) = 1),
  CHECK (num_nonnulls(person_id, group_id) = 1)
);
CREATE UNIQUE INDEX code_owner_one ON code_owner (space_id, template_id, person_id, group_id) NULLS NOT DISTINCT;

-- That runs of exactly one thing may go in somebody's name. It ends when it is revoked, and counts only while both may sign in.
CREATE TABLE consent (
  id ulid PRIMARY KEY,
  -- In whose name.
  person_id ulid NOT NULL REFERENCES person,
  -- That person, or whoever answers for the service account.
  given_by ulid NOT NULL REFERENCES person,
  -- "template/<id>"
  thing text NOT NULL,
  -- Of all that was agreed to: one byte changed, and it is something else.
  binding digest NOT NULL,
  given_at timestamptz NOT NULL,
  revoked_at timestamptz,
  revoked_by ulid REFERENCES person
);
CREATE UNIQUE INDEX consent_one ON consent (thing, binding, person_id) WHERE revoked_at IS NULL;
CREATE INDEX consent_person ON consent (person_id);
CREATE INDEX consent_given_by ON consent (given_by);

ALTER TABLE template
  -- As what the next proposals run when they are promoted: whoever asks, the template's owner, or run_as_id, a service account.
  ADD COLUMN run_as text NOT NULL DEFAULT 'invoker' CHECK (run_as IN ('invoker', 'owner', 'service')),
  ADD COLUMN run_as_id ulid REFERENCES person,
  ADD COLUMN max_running integer CHECK (max_running > 0),
  -- See template/profile.ts.
  ADD COLUMN profile jsonb NOT NULL DEFAULT '{}',
  ADD CONSTRAINT template_run_as CHECK ((run_as = 'service') = (run_as_id IS NOT NULL));
CREATE INDEX template_owner ON template (owner_id);

-- As what it was proposed and approved; run_as_id is the owner or service account of that moment.
ALTER TABLE proposal
  ADD COLUMN run_as text NOT NULL DEFAULT 'invoker' CHECK (run_as IN ('invoker', 'owner', 'service')),
  ADD COLUMN run_as_id ulid REFERENCES person,
  ADD CHECK ((run_as = 'invoker') = (run_as_id IS NULL));
ALTER TABLE promotion
  ADD COLUMN run_as text NOT NULL DEFAULT 'invoker' CHECK (run_as IN ('invoker', 'owner', 'service')),
  ADD COLUMN run_as_id ulid REFERENCES person,
  ADD CHECK ((run_as = 'invoker') = (run_as_id IS NULL));

ALTER TABLE run
  -- The template by whose name it was ordered.
  ADD COLUMN template_id ulid,
  -- In whose name it goes, when that is not who ordered it; the consent without which it may not.
  ADD COLUMN ran_as ulid REFERENCES person,
  ADD COLUMN consent_id ulid REFERENCES consent,
  ADD CHECK ((ran_as IS NULL) = (consent_id IS NULL));
