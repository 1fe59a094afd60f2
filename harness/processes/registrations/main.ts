import { launch } from '../launch.js';

await launch(() => import('./registrations.js'));
