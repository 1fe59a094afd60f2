import { launch } from '../launch.js';

await launch(async () => {
  const { createPoller, offeredPollers } = await import('../../../pollers/loaded.js');
  const { runProbe } = await import('./probe.js');
  await runProbe(offeredPollers, createPoller);
});
