import { launch } from '../launch.js';

await launch(() => import('./sentinel-trial.js'));
