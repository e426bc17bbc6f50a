-- Whether those who may not edit a notebook see its code, or only what it shows.
ALTER TABLE notebook ADD COLUMN code_hidden boolean NOT NULL DEFAULT false;
