-- A run is found by any part of its values, labels, scheduler or error, and by its notebook's path, without looking at every run there is.
CREATE INDEX run_words ON run USING gin ((parameters::text || ' ' || labels::text || ' ' || coalesce(orchestrator::text, '')
  || ' ' || coalesce(error->>'ename', '') || ' ' || coalesce(error->>'evalue', '')) gin_trgm_ops);
CREATE INDEX notebook_path_words ON notebook USING gin (path gin_trgm_ops);
CREATE INDEX run_trigger ON run (trigger, id DESC);
