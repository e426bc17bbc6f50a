-- What a Python environment can import and which Python it is: asked of its interpreter once, by a worker that has it.
CREATE TABLE environment_importable (
  sha256 digest PRIMARY KEY REFERENCES environment,
  python_version text NOT NULL,
  modules jsonb NOT NULL
);
