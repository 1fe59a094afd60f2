import { launch } from '../launch.js';

await launch(() => import('./soak-load.js'));
