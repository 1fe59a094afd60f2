import { launch } from '../launch.js';

await launch(async () => {
  const { createPoller, offeredPollers } = await import('../../../pollers/loaded.js');
  const { runProbe } = await import('./probe.js');
  const [keptIn = null] = process.argv.slice(3).map(Number);
  await runProbe(offeredPollers, createPoller, { keptIn });
});
