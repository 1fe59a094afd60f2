/** What a server answers to every request. */
export interface ExpectedReply {
  readonly bytes: Uint8Array;
  /** 0xff for each byte that every reply must share, 0 for those of a date, which is another one each second. */
  readonly mask: Uint8Array;
}

export const exactly = (text: string): ExpectedReply => ({
  bytes: Buffer.from(text, 'latin1'),
  mask: new Uint8Array(text.length).fill(0xff),
});

/** The whole reply, or null while some of it is missing. @throws Error when it is none that every other can be held against */
export function replyFrom(received: Buffer): ExpectedReply | null {
  const text = received.toString('latin1');
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return null;
  const head = text.slice(0, headEnd);
  const status = head.split('\r\n', 1)[0];
  if (!/^HTTP\/1\.1 200(?: |$)/.test(status ?? ''))
    throw new Error(`the server answers '${status}' to the first request`);
  const length = /^content-length:[ \t]*(\d+)[ \t]*$/im.exec(head)?.[1];
  if (length === undefined) throw new Error('the server gives its replies no Content-Length');
  const total = headEnd + 4 + Number(length);
  if (received.length < total) return null;
  if (received.length > total) throw new Error('the server answers one request with more than one reply');
  const mask = new Uint8Array(total).fill(0xff);
  const date = /^date:.*$/im.exec(head);
  if (date) mask.fill(0, date.index, date.index + date[0].length);
  return { bytes: Uint8Array.from(received), mask };
}
