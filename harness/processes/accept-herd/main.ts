import { launch } from '../launch.js';

await launch(() => import('./accept-herd.js'));
