declare module 'aedes-persistence-redis' {
  /** @returns an Aedes persistence; errors of its connection are those of the `conn` that it is given */
  function persistence(options: { conn: object }): object;
  export = persistence;
}
