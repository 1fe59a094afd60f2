import { launch } from '../launch.js';

await launch(() => import('./churn.js'));
