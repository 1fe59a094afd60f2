import { launch } from '../control/launch.js';

await launch(() => import('./cascade.js'));
