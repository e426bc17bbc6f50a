-- What a template says of itself, kept with the promotion that it is the beginning of: lists, search and agents read it. Null: not looked at.
ALTER TABLE promotion ADD COLUMN description text;
