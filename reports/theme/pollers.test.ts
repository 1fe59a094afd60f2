import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { colourOf, looks, shapeOf } from './pollers.js';

type Rgb = readonly [number, number, number];

const ofHex = (hex: string): Rgb =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255) as unknown as Rgb;

const ofHsl = (hue: number, saturation: number, lightness: number): Rgb =>
  [0, 8, 4].map((n) => {
    const k = (n + hue / 30) % 12;
    return (
      lightness - saturation * Math.min(lightness, 1 - lightness) * Math.max(-1, Math.min(k - 3, 9 - k, 1))
    );
  }) as unknown as Rgb;

const linear = (channel: number): number =>
  channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;

const luminance = (rgb: Rgb): number => {
  const [red, green, blue] = rgb.map(linear) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const contrast = (a: Rgb, b: Rgb): number => {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
};

/** CIELAB, D65. */
const lab = (rgb: Rgb): Rgb => {
  const [r, g, b] = rgb.map(linear) as unknown as Rgb;
  const f = (t: number) => (t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
};

const distance = (a: Rgb, b: Rgb): number => {
  const [one, other] = [lab(a), lab(b)];
  return Math.hypot(...one.map((each, at) => each - (other[at] as number)));
};

const css = readFileSync(new URL('page.css', import.meta.url), 'utf8');
const [light = '', dark = ''] = [...css.matchAll(/--paper: (#[0-9a-f]{6})/g)].map(([, hex]) => hex ?? '');
const PAPER = { light: ofHex(light), dark: ofHex(dark) };

const OWN = [
  'mine',
  'ppoll',
  'a',
  'zz',
  'fast-epoll',
  'my_poller',
  ...Array.from({ length: 60 }, (_, at) => `own-${at}`),
];

/** What a user's own poller is painted with, in light and in dark. */
const generated = (name: string): { light: Rgb; dark: Rgb } => {
  const found = /^light-dark\(hsl\((\d+) 70% 32%\), hsl\(\1 75% 68%\)\)$/.exec(colourOf(name));
  assert.ok(found, colourOf(name));
  const hue = Number(found[1]);
  return { light: ofHsl(hue, 0.7, 0.32), dark: ofHsl(hue, 0.75, 0.68) };
};

for (const mode of ['light', 'dark'] as const) {
  test(`every poller, one of one's own too, has a contrast of 3 to the page in the ${mode}`, () => {
    for (const [name, look] of looks)
      assert.ok(
        contrast(ofHex(look[mode]), PAPER[mode]) >= 3,
        `${name}: ${contrast(ofHex(look[mode]), PAPER[mode])}`,
      );
    for (const name of OWN) assert.ok(contrast(generated(name)[mode], PAPER[mode]) >= 3, name);
  });

  test(`no two pollers look alike in the ${mode}`, () => {
    const all = [...looks];
    for (const [at, [name, look]] of all.entries())
      for (const [other, otherLook] of all.slice(at + 1))
        assert.ok(distance(ofHex(look[mode]), ofHex(otherLook[mode])) >= 20, `${name} and ${other}`);
  });
}

test('every poller has a shape of its own, and one of one’s own has none of them', () => {
  const shapes = [...looks.keys()].map(shapeOf);
  assert.equal(new Set(shapes).size, shapes.length);
  for (const name of OWN) assert.ok(!shapes.includes(shapeOf(name)), name);
});
