import type { Cell, Factors } from '../results/run-schema.js';

type Value = Factors[string];
type Named = Pick<Cell, 'experiment' | 'poller' | 'factors'>;

/** "few-sockets with watched = 6 and 8": as few factors as tell these from the others that were asked for. */
export function namesOf(missing: readonly Named[], all: readonly Named[]): string {
  const values = valuesByName(missing.map(factorsOf));
  const others = all.map(factorsOf);
  const tells = (names: readonly string[]) =>
    others.filter((factors) => names.every((name) => values.get(name)?.has(factors[name] as Value)))
      .length === missing.length;
  const names = [...values.keys()];
  const told =
    all.length === 1
      ? names
      : names.reduce<readonly string[]>((kept, name) => {
          const fewer = kept.filter((other) => other !== name);
          return tells(fewer) ? fewer : kept;
        }, names);
  const experiments = [...new Set(missing.map(({ experiment }) => experiment))].join(' and ');
  const words = told.map((name) => `${name} = ${listed([...(values.get(name) ?? [])])}`);
  return words.length === 0 ? experiments : `${experiments} with ${words.join(', ')}`;
}

const factorsOf = ({ poller, factors }: Named): Factors => ({ poller, ...factors });

/** Made once: a rule may name hundreds of cells, of which none may be there. */
function valuesByName(cells: readonly Factors[]): ReadonlyMap<string, ReadonlySet<Value>> {
  const values = new Map<string, Set<Value>>();
  for (const factors of cells) {
    for (const [name, value] of Object.entries(factors)) {
      const known = values.get(name) ?? new Set();
      values.set(name, known.add(value));
    }
  }
  return values;
}

const listed = (values: readonly Value[]): string =>
  values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} and ${values.at(-1)}`;
