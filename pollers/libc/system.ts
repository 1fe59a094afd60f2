/** Each part of libc that differs is chosen once, when it is loaded: a call costs what it costs there. */
export const isLinux = process.platform === 'linux';
