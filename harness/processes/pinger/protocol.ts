/** What a probe writes to its pinger: this many bytes, one by one, this far apart. Two little-endian 32-bit words. */
export const WAKE_ORDER_BYTES = 8;
