import { launch } from '../control/launch.js';

await launch(() => import('./soak-load.js'));
