import type { AppName } from '../protocol.js';
import type { App } from './app.js';
import { echo } from './echo.js';
import { fixed } from './fixed.js';

/** What one app cannot be loaded without, none of the others shall miss: whoever asks for it hears why. */
async function loaded(name: AppName, load: () => Promise<App>): Promise<App> {
  try {
    return await load();
  } catch (error) {
    const reason = `the app ${name} cannot be loaded: ${(error as Error).message}`;
    return () => {
      throw new Error(reason, { cause: error });
    };
  }
}

/** One line per app. */
export const apps: Record<AppName, App> = {
  fixed,
  echo,
  http: await loaded('http', async () => (await import('./http.js')).http),
};
