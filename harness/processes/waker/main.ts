import { launch } from '../launch.js';

await launch(() => import('./waker.js'));
