import { launch } from '../launch.js';

await launch(() => import('./speeds.js'));
