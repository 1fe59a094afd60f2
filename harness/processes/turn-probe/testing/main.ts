import type { PollerName } from '../../../../pollers/manifest.js';
import { launch } from '../../launch.js';

/** A turn probe whose pollers have planted costs: argument 2 holds them by name, as JSON. */
await launch(async () => {
  const { PlantedPoller } = await import('./planted-poller.js');
  const { runProbe } = await import('../probe.js');
  const plants = JSON.parse(process.argv[3] ?? '{}');
  await runProbe(Object.keys(plants) as PollerName[], (name) => new PlantedPoller(name, plants[name]));
});
