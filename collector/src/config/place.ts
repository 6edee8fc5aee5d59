/** Whether a place of the database is the URL of a PostgreSQL server; else it is a SQLite file. */
export function isServer(place: string): boolean {
  return /^postgres(ql)?:\/\/\S+$/.test(place);
}
