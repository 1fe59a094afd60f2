import type { PollerName } from '../../../pollers/names.js';
import { launch } from '../launch.js';

await launch(async () => {
  const { createPoller, registry } = await import('../../../pollers/registry.js');
  const { runProbe } = await import('./probe.js');
  await runProbe(Object.keys(registry) as PollerName[], createPoller);
});
