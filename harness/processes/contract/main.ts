import { launch } from '../launch.js';

await launch(() => import('./contract.js'));
