import { launch } from '../launch.js';

await launch(async () => {
  const { runMemoryProbe } = await import('./memory-probe.js');
  runMemoryProbe();
});
