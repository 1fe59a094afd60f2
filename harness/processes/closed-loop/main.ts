import { launch } from '../launch.js';

await launch(() => import('./closed-loop.js'));
