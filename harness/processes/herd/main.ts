import { launch } from '../launch.js';

await launch(() => import('./herd.js'));
