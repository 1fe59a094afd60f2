/** So many waits that return at once. Imported once for each binding, so that V8 optimises the call for that one alone. */
export function waits<Address>(
  epollWait: (epfd: number, events: Address, room: number, timeoutMs: number) => number,
  epfd: number,
  events: Address,
  count: number,
): number {
  let seen = 0;
  for (let call = 0; call < count; call++) seen += epollWait(epfd, events, 64, 0);
  return seen;
}
