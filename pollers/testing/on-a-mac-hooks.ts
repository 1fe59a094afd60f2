import type { ResolveHook } from 'node:module';

const CALL_ON_SHIM = new URL('./call-on-shim.js', import.meta.url).href;

/** What only Linux has must not be loaded; the calls of what is loaded are the shim's. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  if (specifier.includes('/libc/linux/') || specifier.startsWith('./linux/'))
    throw new Error(`loaded ${specifier} from ${context.parentURL}`);
  if (specifier.endsWith('/call.js') && context.parentURL?.includes('/pollers/libc/'))
    return { url: CALL_ON_SHIM, shortCircuit: true };
  return next(specifier, context);
};
