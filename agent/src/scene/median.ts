/** The middle value; 0 without values. */
export function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? 0;
}

/** Per place the middle value of several pictures of one size: people walk on, the place stays. */
export function medianPicture(pictures: readonly Uint8Array[]): Uint8Array {
  return medianOf(pictures, (value) => value);
}

/** Per place how far half of the pictures are from the middle at most. */
export function spreadAround(middle: Uint8Array, pictures: readonly Uint8Array[]): Uint8Array {
  return medianOf(pictures, (value, place) => Math.abs(value - (middle[place] as number)));
}

function medianOf(
  pictures: readonly Uint8Array[],
  measure: (value: number, place: number) => number,
): Uint8Array {
  const values = new Uint8Array(pictures.length);
  return Uint8Array.from(pictures[0] ?? [], (_, place) => {
    pictures.forEach((picture, index) => (values[index] = measure(picture[place] as number, place)));
    return values.sort()[values.length >> 1] as number;
  });
}
