-- Schemas of parameters are read from a version's bytes, and reading learns: which edition of it wrote the one that is kept.
-- See library/versions-schema.ts, which reads those of earlier editions anew.
ALTER TABLE version ADD COLUMN schema_edition smallint NOT NULL DEFAULT 0;
CREATE INDEX version_schema_edition ON version (schema_edition, notebook_id, number) WHERE parameters IS NOT NULL;

CREATE OR REPLACE FUNCTION version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
