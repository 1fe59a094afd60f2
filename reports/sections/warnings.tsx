import type { Warning } from '../../harness/results/run-schema.js';

/** What the reader should know before trusting a figure, and what would change it. */
export const Warnings = ({ warnings }: { warnings: readonly Warning[] }) =>
  warnings.length === 0 ? null : (
    <section id="warnings">
      <h2>Warnings</h2>
      <ul class="warnings">
        {warnings.map(({ code, message, advice }) => (
          <li>
            <p>
              <b>{message}</b> <code>{code}</code>
            </p>
            <p class="aside">{advice}</p>
          </li>
        ))}
      </ul>
    </section>
  );
