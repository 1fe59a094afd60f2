import { launch } from '../launch.js';

await launch(() => import('./server.js'));
