/**
 * Records made before the clock was known to be right carry the boot and the clock's offset; facts about what was
 * merged, thinned and dropped; rows that were read back from a damaged file, under the epoch of that file.
 */
export const retention = `
ALTER TABLE record ADD COLUMN boot TEXT;
ALTER TABLE record ADD COLUMN offset_ms INTEGER;
CREATE INDEX record_provisional ON record (seq) WHERE boot IS NOT NULL;
ALTER TABLE open_interval ADD COLUMN boot TEXT;
ALTER TABLE open_interval ADD COLUMN offset_ms INTEGER;
ALTER TABLE meta ADD COLUMN dropped_up_to INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN merged INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN thinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;
CREATE TABLE salvaged (
  id INTEGER PRIMARY KEY,
  epoch TEXT NOT NULL,
  seq INTEGER NOT NULL,
  added_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
`;
