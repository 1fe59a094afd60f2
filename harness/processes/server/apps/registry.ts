import type { AppName } from '../protocol.js';
import type { App } from './app.js';
import { echo } from './echo.js';
import { fixed } from './fixed.js';
import { http } from './http.js';

/** One line per app. */
export const apps: Record<AppName, App> = { fixed, echo, http };
