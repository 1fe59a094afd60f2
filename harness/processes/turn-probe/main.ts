import { launch } from '../control/launch.js';

await launch(() => import('./probe.js'));
