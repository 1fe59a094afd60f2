import { launch } from '../../launch.js';

await launch(() => import('./libevent.js'));
