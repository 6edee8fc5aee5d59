import { assign, FORBIDDEN } from '../tracker/assignment.js';

/** Two items that belong together. */
export interface Match<A, B> {
  readonly left: A;
  readonly right: B;
}

/**
 * The best one-to-one matching: as many pairs as possible, and of those the cheapest. A nearest-first choice can lose a
 * pair: with events at 10 and 18, truths at 0 and 12 and a tolerance of 10, 10 would take 12 and leave 18 and 0 alone.
 * Items that no chain of allowed pairs connects are solved apart, so that the cubic assignment stays small on long clips.
 * @param cost of a pair, or {@link FORBIDDEN}; the costs of connected items together must stay far below 1e6
 */
export function pairUp<A, B>(
  lefts: readonly A[],
  rights: readonly B[],
  cost: (left: A, right: B) => number,
): Match<A, B>[] {
  const table = lefts.map((left) => rights.map((right) => cost(left, right)));
  return groups(table, rights.length).flatMap(({ rows, columns }) =>
    assign(rows.map((row) => columns.map((column) => table[row]?.[column] ?? FORBIDDEN))).flatMap(
      (position, index) => {
        const left = lefts[rows[index] ?? -1];
        const right = rights[columns[position] ?? -1];
        return left === undefined || right === undefined ? [] : [{ left, right }];
      },
    ),
  );
}

/** Rows and columns that allowed pairs connect. */
interface Group {
  readonly rows: number[];
  readonly columns: number[];
}

function groups(table: readonly (readonly number[])[], columnCount: number): Group[] {
  const seenRows = new Set<number>();
  const seenColumns = new Set<number>();
  return table.flatMap((_, start) => {
    if (seenRows.has(start)) return [];
    seenRows.add(start);
    const group: Group = { rows: [start], columns: [] };
    // `rows` grows while it is walked: a column that is reached brings its other rows.
    for (const row of group.rows) {
      for (let column = 0; column < columnCount; column++) {
        if (seenColumns.has(column) || table[row]?.[column] === FORBIDDEN) continue;
        seenColumns.add(column);
        group.columns.push(column);
        table.forEach((cells, other) => {
          if (seenRows.has(other) || cells[column] === FORBIDDEN) return;
          seenRows.add(other);
          group.rows.push(other);
        });
      }
    }
    return [group];
  });
}
