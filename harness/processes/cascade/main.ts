import { launch } from '../launch.js';

await launch(() => import('./cascade.js'));
