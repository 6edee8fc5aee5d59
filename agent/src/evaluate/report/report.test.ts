import { describe, expect, it } from 'vitest';
import type { JudgedEvent } from '../match.js';
import { html } from './html.js';
import { timeline } from './timeline.js';

const event = (frame: number) => ({ frame, track: 1, direction: 'in' as const });

describe('a template', () => {
  it('escapes texts, also in attributes, and keeps markup of its own', () => {
    const name = '"><script>alert(1)</script>&\'';
    expect(html`<p title="${name}">${html`<b>${1}</b>`}</p>`.text).toBe(
      '<p title="&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;&#38;&#39;"><b>1</b></p>',
    );
  });
});

describe('a timeline', () => {
  const events: JudgedEvent[] = [
    { verdict: 'right', truth: event(10), counted: event(12) },
    { verdict: 'missed', truth: event(30), counted: undefined },
    { verdict: 'extra', truth: undefined, counted: event(50) },
    { verdict: 'wrongDirection', truth: event(70), counted: event(71) },
    { verdict: 'optional', truth: event(500), counted: event(501) },
  ];
  const timeOf = (frame: number) => `${frame} s`;
  const { text } = timeline({ title: 'A <1>', events, range: { from: 1, to: 100 }, timeOf });
  const count = (pattern: RegExp) => text.match(pattern)?.length;

  it('marks true events above and counted ones below, by shape and colour', () => {
    expect(count(/<circle class="right"/g)).toBe(2);
    expect(count(/<path class="missed"/g)).toBe(1);
    expect(count(/<path class="extra"/g)).toBe(1);
    expect(count(/<path class="wrongDirection"/g)).toBe(2);
  });

  it('leaves out what lies outside the scored frames', () => {
    expect(text).not.toContain('class="optional"');
  });

  it('says each event in words and escapes its title', () => {
    expect(text).toContain('missed, true at frame 30 (30 s), in');
    expect(text).toContain('A &#60;1&#62;');
  });

  it('of one frame still has an axis', () => {
    const single = timeline({ title: 'A', events: [], range: { from: 5, to: 5 }, timeOf }).text;
    expect(single).not.toMatch(/NaN|Infinity/);
  });
});
