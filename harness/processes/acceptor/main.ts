import { launch } from '../launch.js';

await launch(() => import('./acceptor.js'));
