-- The order in which people look for a name: numbers by their value ("Report 2" before "Report 10"), no difference between letter cases
-- and accents, a folder's content together ("/" first), "data.csv" before "data 2.csv" ("." next). Not an ICU collation: some servers are
-- built without, and indexes of one version of ICU are wrong under another. Longer numbers than 18 digits come after all others.
CREATE FUNCTION natural_order(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
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
$$;

ALTER TABLE notebook ADD COLUMN path_order text COLLATE "C" NOT NULL GENERATED ALWAYS AS (natural_order(path)) STORED;
ALTER TABLE notebook ADD COLUMN title_order text COLLATE "C" NOT NULL GENERATED ALWAYS AS (natural_order(title)) STORED;
ALTER TABLE file ADD COLUMN path_order text COLLATE "C" NOT NULL GENERATED ALWAYS AS (natural_order(path)) STORED;

DROP INDEX notebook_by_path, notebook_title;
CREATE INDEX notebook_by_path ON notebook (path_order, id) WHERE trashed_at IS NULL;
CREATE INDEX notebook_title ON notebook (title_order, id) WHERE trashed_at IS NULL;
-- notebook_folder and file_folder stay: by them the folders of a folder are found without reading what is in them.
CREATE INDEX notebook_in_folder ON notebook (space_id, folder, path_order) WHERE trashed_at IS NULL;
CREATE INDEX file_in_folder ON file (space_id, folder, path_order) WHERE trashed_at IS NULL;
