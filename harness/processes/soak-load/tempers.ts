type Random = () => number;

/** How a client behaves. */
export interface Temper {
  /** How many of 1000 clients are so. */
  readonly share: number;
  /** After so many questions it leaves. */
  readonly questions: (random: Random) => number;
  /** About so many bytes shall come back for a question. */
  readonly answerBytes: (random: Random) => number;
  /** Sends a few bytes at a time. */
  readonly writesSlowly?: true;
  /** Has little room for what comes, and takes it a little at a time. */
  readonly readsSlowly?: true;
}

const between = (least: number, most: number) => (random: Random) =>
  Math.floor(least + random() * (most - least + 1));

/** One line per temper. The shares sum up to 1000. */
export const tempers: readonly Temper[] = [
  // Asks one thing at a time.
  { share: 592, questions: between(1, 20), answerBytes: between(1, 200) },
  // Asks many things at once.
  { share: 150, questions: between(1, 10), answerBytes: between(500, 16_000) },
  { share: 100, questions: between(1, 5), answerBytes: between(1, 300), writesSlowly: true },
  { share: 8, questions: between(1, 3), answerBytes: between(262_144, 524_288), readsSlowly: true },
  // Comes and goes, some without a word.
  { share: 150, questions: between(0, 1), answerBytes: between(1, 200) },
];

export function drawTemper(random: Random): Temper {
  let left = random() * 1000;
  for (const temper of tempers) {
    left -= temper.share;
    if (left < 0) return temper;
  }
  return tempers[0] as Temper;
}
