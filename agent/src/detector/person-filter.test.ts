import { expect, it } from 'vitest';
import { EVERYBODY, keepPeople } from './person-filter.js';

const SIZE = { width: 800, height: 600 };
const person = (x: number, y: number, h: number) => ({ box: { x, y, w: h / 3, h }, score: 0.8 });
const found = [person(100, 100, 30), person(100, 300, 120), person(600, 100, 500)];

it('leaves out who is smaller or taller than people are at this place', () => {
  const config = { ...EVERYBODY, person: { minHeight: 0.1, maxHeight: 0.5 } };
  expect(keepPeople(found, config, SIZE)).toEqual([found[1]]);
});

it('leaves out whose feet are in an excluded part, not whose head is', () => {
  const lower: [number, number][] = [
    [0, 0.5],
    [0.3, 0.5],
    [0.3, 1],
    [0, 1],
  ];
  const config = { ...EVERYBODY, masks: { privacy: [], exclude: [lower] } };
  expect(keepPeople(found, config, SIZE)).toEqual([found[0], found[2]]);
});

it('keeps everybody by default', () => {
  expect(keepPeople(found, EVERYBODY, SIZE)).toBe(found);
});
