-- Who a file belongs to: whoever put it there first. Of earlier files only who put it there last is known.
ALTER TABLE file ADD COLUMN owner_id ulid REFERENCES person(id);
UPDATE file SET owner_id = updated_by WHERE updated_by IN (SELECT id FROM person);
CREATE INDEX file_owner ON file (owner_id) WHERE owner_id IS NOT NULL;
