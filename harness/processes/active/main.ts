import { launch } from '../launch.js';

await launch(() => import('./active.js'));
