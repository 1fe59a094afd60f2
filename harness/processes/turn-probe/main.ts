import { launch } from '../launch.js';

await launch(async () => {
  const { createPoller, loadedPollers } = await import('../../../pollers/loaded.js');
  const { runProbe } = await import('./probe.js');
  await runProbe(loadedPollers, createPoller);
});
