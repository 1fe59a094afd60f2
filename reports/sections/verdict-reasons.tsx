import type { Claim, Effect, Run } from '../../harness/results/run-schema.js';
import { tellApart } from '../charts/effect-words.js';
import { write } from '../figures.js';
import { EffectTable, limitsInWords } from './effect-table.js';
import { closestCall, sidesOf } from './support.js';

/** More than these stand in the table of all figures only. */
const IN_SIGHT = 8;

const Side = ({ id, heading, effects }: { id: string; heading: string; effects: readonly Effect[] }) =>
  effects.length === 0 ? null : (
    <section id={id} class="within">
      <h3>{heading}</h3>
      <EffectTable effects={effects.slice(0, IN_SIGHT)} label={heading} />
      {effects.length > IN_SIGHT && (
        <p class="aside">and {effects.length - IN_SIGHT} more in the table of all figures</p>
      )}
    </section>
  );

const headings = (claim: Claim): readonly [support: string, against: string] => {
  if (claim.verdict === 'fails')
    return ['What speaks against the sentence, and decided', 'What speaks for it: the strongest'];
  if (claim.verdict === 'undecided') return ['What speaks for the sentence', 'What speaks against it'];
  return ['What supports the verdict', 'The strongest against it'];
};

/** The figures that a verdict rests on, and then those that speak against it. */
export const Reasons = ({ claim }: { claim: Claim }) => {
  const { support, against, open } = sidesOf(claim);
  const [first, second] = headings(claim);
  return (
    <>
      <Side id="support" heading={first} effects={support} />
      <Side id="against" heading={second} effects={against} />
      <Side id="open" heading="Not decided: the interval contains a limit" effects={open} />
    </>
  );
};

/** What a reader would have to find for the verdict to be another. */
export const WhatWouldChange = ({ claim, run }: { claim: Claim; run: Run }) => {
  const effect = closestCall(claim);
  const words = effect && tellApart(claim.effects)[claim.effects.indexOf(effect)];
  const written = effect && write(effect);
  return (
    <section id="change">
      <h2>What would change this verdict</h2>
      <ul class="list">
        {claim.verdict === 'undecided' && <li>Anything that fills in what is missing, named at the top.</li>}
        {effect?.limits && written && (
          <li>
            {effect.unit === 'boolean'
              ? `Another answer, for instance to this: ${words}. Here it is ${written.value}.`
              : `The closest call: ${words}, at ${[written.value, written.interval].filter(Boolean).join(' ')}. The rule wants ${limitsInWords(effect)}: were ${written.interval ? 'its interval' : 'it'} on the other side of that, the verdict would be another.`}
          </li>
        )}
        <li>
          Another machine or kernel: this is Linux {run.environment.kernel} on{' '}
          {run.environment.cpuModel ?? 'an unnamed processor'}. Two runs can be held side by side.
        </li>
        <li>
          Not another rule: version {claim.rule.version} was fixed before measuring, and a changed one has a
          new number.
        </li>
      </ul>
    </section>
  );
};
