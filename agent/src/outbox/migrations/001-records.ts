/** Records that wait, the open interval of each camera, and one row of facts about the file. */
export const records = `
CREATE TABLE record (
  seq INTEGER PRIMARY KEY,
  added_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE TABLE open_interval (
  camera TEXT PRIMARY KEY,
  state TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  epoch TEXT NOT NULL,
  last_seq INTEGER NOT NULL,
  settled_up_to INTEGER NOT NULL
) STRICT;
`;
