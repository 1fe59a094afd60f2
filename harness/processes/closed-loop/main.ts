import { launch } from '../control/launch.js';

await launch(() => import('./closed-loop.js'));
