import { launch } from '../launch.js';

await launch(() => import('./keeper.js'));
