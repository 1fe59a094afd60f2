/** The environment of a git that is to find its repository by itself: a caller that is a hook names its own in GIT_DIR. */
export const gitEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
