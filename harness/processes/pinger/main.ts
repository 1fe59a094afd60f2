import { launch } from '../launch.js';

await launch(() => import('./pinger.js'));
