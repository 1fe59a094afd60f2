import koffi from 'koffi';

/** A poller of one's own: ppoll(2), as poll(2) with a timespec. See ../writing-a-poller.md. */

const libc = koffi.load(null);
// Addresses are passed as plain numbers: that is what costs least.
const ppollCall = libc.func('int ppoll(intptr_t, unsigned long, intptr_t, intptr_t)');
const { EINTR } = koffi.os.errno;

const [READ, WRITE, ERROR] = [1, 2, 4];
const [POLLIN, POLLOUT, POLLERR, POLLHUP, POLLNVAL] = [1, 4, 8, 16, 32];
const MOST_FD = 2 ** 31 - 1;

/** Errors are known by name and code. */
const failure = (name, code, message) => Object.assign(new Error(message), { name, code });
const misuse = (code, fd) => failure('PollerError', code, `ppoll: ${code} (fd ${fd})`);

/** `bytes` of memory that does not move, and its address for C. */
function allocate(bytes) {
  const buffer = new ArrayBuffer(bytes);
  return { buffer, address: Number(koffi.address(buffer)) };
}

class Ppoll {
  name = 'ppoll';
  capabilities = {
    maxFd: MOST_FD,
    trigger: 'level',
    reportsErrors: true,
    watchesRegularFiles: true,
    blocks: true,
    refusesAtRegister: false,
    ownsFd: false,
    registersBySyscall: false,
    scansAll: true,
  };
  readyFds = new Int32Array(64);
  readyEvents = new Uint8Array(64);
  fdsExamined = 0;

  /** The slot of each fd, and its interest. */
  #slots = new Map();
  #interests = new Map();
  #open = true;
  #pollfds = allocate(64 * 8);
  /** A pollfd is two words: the fd; then events in the low half, and what came of it in the high half. */
  #words = new Int32Array(this.#pollfds.buffer);
  #timespec = allocate(16);
  /** Two longs, of which the upper halves stay 0: a BigInt for each wait would be garbage of each wait. */
  #time = new Int32Array(this.#timespec.buffer);

  get size() {
    return this.#interests.size;
  }

  register(fd, interest) {
    this.#requireOpen(fd);
    if (!Number.isInteger(fd) || fd < 0 || fd > MOST_FD) throw misuse('INVALID_FD', fd);
    requireInterest(fd, interest);
    if (this.#interests.has(fd)) throw misuse('ALREADY_REGISTERED', fd);
    const slot = this.size;
    if (slot * 2 === this.#words.length) this.#grow();
    this.#interests.set(fd, interest);
    this.#slots.set(fd, slot);
    this.#words[slot * 2] = fd;
    this.#words[slot * 2 + 1] = eventsOf(interest);
  }

  modify(fd, interest) {
    this.#requireOpen(fd);
    requireInterest(fd, interest);
    const slot = this.#slotOf(fd);
    this.#interests.set(fd, interest);
    this.#words[slot * 2 + 1] = eventsOf(interest);
  }

  unregister(fd) {
    this.#requireOpen(fd);
    const slot = this.#slotOf(fd);
    this.#interests.delete(fd);
    this.#slots.delete(fd);
    // The last slot moves into the gap.
    const last = this.size;
    if (slot === last) return;
    this.#words[slot * 2] = this.#words[last * 2];
    this.#words[slot * 2 + 1] = this.#words[last * 2 + 1];
    this.#slots.set(this.#words[slot * 2], slot);
  }

  interestOf(fd) {
    return this.#interests.get(fd) ?? 0;
  }

  wait(timeoutMs) {
    this.#requireOpen(-1);
    if (this.size > this.readyFds.length) {
      this.readyFds = new Int32Array(this.size * 2);
      this.readyEvents = new Uint8Array(this.size * 2);
    }
    const answered = ppollCall(this.#pollfds.address, this.size, this.#timeout(timeoutMs), 0);
    this.fdsExamined = 0;
    if (answered !== -1) return this.#collect(answered);
    const errno = koffi.errno();
    if (errno === EINTR) return 0;
    const [code] = Object.entries(koffi.os.errno).find(([, number]) => number === errno) ?? ['EUNKNOWN'];
    throw failure('SyscallError', code, `ppoll: ${code}`);
  }

  userBytes() {
    return (
      this.#words.byteLength + this.#time.byteLength + this.readyFds.byteLength + this.readyEvents.byteLength
    );
  }

  close() {
    this.#open = false;
    this.#interests.clear();
    this.#slots.clear();
  }

  /** The address of a timespec, or NULL: for ever. */
  #timeout(timeoutMs) {
    if (timeoutMs === null) return 0;
    const ms = timeoutMs > 0 ? Math.min(Math.ceil(timeoutMs), MOST_FD) : 0;
    this.#time[0] = Math.floor(ms / 1000);
    this.#time[2] = (ms % 1000) * 1e6;
    return this.#timespec.address;
  }

  #collect(answered) {
    let count = 0;
    let slot = 0;
    for (; count < answered; slot++) {
      const word = this.#words[slot * 2 + 1];
      const got = word >>> 16;
      if (got === 0) continue;
      const asked = (word & POLLIN ? READ : 0) | (word & POLLOUT ? WRITE : 0);
      this.readyFds[count] = this.#words[slot * 2];
      this.readyEvents[count++] = readinessOf(got, asked);
    }
    this.fdsExamined = slot;
    return count;
  }

  #slotOf(fd) {
    const slot = this.#slots.get(fd);
    if (slot === undefined) throw misuse('NOT_REGISTERED', fd);
    return slot;
  }

  #requireOpen(fd) {
    if (!this.#open) throw misuse('CLOSED', fd);
  }

  #grow() {
    const words = this.#words;
    this.#pollfds = allocate(words.byteLength * 2);
    this.#words = new Int32Array(this.#pollfds.buffer);
    this.#words.set(words);
  }
}

function requireInterest(fd, interest) {
  if (interest !== READ && interest !== WRITE && interest !== (READ | WRITE))
    throw misuse('INVALID_INTEREST', fd);
}

const eventsOf = (interest) => (interest & READ ? POLLIN : 0) | (interest & WRITE ? POLLOUT : 0);

/** A hang-up is readable, an error readable and writable, and nothing is reported that was not asked for. */
function readinessOf(got, asked) {
  let readiness = 0;
  if (got & (POLLIN | POLLHUP | POLLERR)) readiness |= READ;
  if (got & (POLLOUT | POLLERR)) readiness |= WRITE;
  if (got & (POLLERR | POLLNVAL)) readiness |= ERROR;
  return readiness & (asked | ERROR) || ERROR;
}

export default () => new Ppoll();
