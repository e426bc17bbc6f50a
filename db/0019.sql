-- What a fresh rerun showed, held against what the version holds: part of what a review looks at, and of the evidence.
ALTER TABLE proposal_check ADD COLUMN shown json;
