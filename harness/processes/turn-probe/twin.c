/*
 * The C twin of a turn: the same system call on the same memory as the JavaScript poller's, the same walk over the
 * answer, the same ready set. What JavaScript pays beyond it is the cost of the binding.
 *
 * Each function makes `turns` turns and returns how many ready fds it saw in all, or -1 with errno.
 */
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>

enum { READ = 1, WRITE = 2, ERROR = 4 };

/* Keeps the walk over the ready set from being optimised away. */
static volatile int32_t sink;

static void walk(const int32_t *fds, const uint8_t *events, long count)
{
	int32_t sum = 0;

	for (long i = 0; i < count; i++)
		sum += fds[i] + events[i];
	sink = sum;
}

static uint8_t readiness(uint32_t bits, uint8_t interest)
{
	uint8_t seen = 0;

	if (bits & (POLLIN | POLLHUP | POLLERR))
		seen |= READ;
	if (bits & (POLLOUT | POLLERR))
		seen |= WRITE;
	if (bits & (POLLERR | POLLNVAL))
		seen |= ERROR;
	seen &= interest | ERROR;
	return seen ? seen : ERROR;
}

long twin_poll(struct pollfd *pollfds, unsigned long n, int timeout_ms, long turns, int32_t *fds, uint8_t *events)
{
	long total = 0;

	for (long turn = 0; turn < turns; turn++) {
		int answered = poll(pollfds, n, timeout_ms);
		long count = 0;

		if (answered < 0)
			return -1;
		for (const struct pollfd *p = pollfds; count < answered; p++) {
			if (!p->revents)
				continue;
			fds[count] = p->fd;
			events[count++] = readiness((uint16_t)p->revents,
						    (p->events & POLLIN) | ((p->events >> 1) & WRITE));
		}
		walk(fds, events, count);
		total += count;
	}
	return total;
}

long twin_epoll(int epfd, struct epoll_event *answers, int room, int timeout_ms, long turns, int32_t *fds,
		uint8_t *events)
{
	long total = 0;

	for (long turn = 0; turn < turns; turn++) {
		int answered = epoll_wait(epfd, answers, room, timeout_ms);

		if (answered < 0)
			return -1;
		for (int i = 0; i < answered; i++) {
			fds[i] = answers[i].data.fd;
			events[i] = readiness(answers[i].events, READ | WRITE);
		}
		walk(fds, events, answered);
		total += answered;
	}
	return total;
}

/* Bitmaps are `bytes` long; an address of 0 leaves that set out. */
long twin_select(int nfds, unsigned long bytes, const uint64_t *read_wanted, const uint64_t *write_wanted,
		 uint64_t *read_got, uint64_t *write_got, int timeout_ms, long turns, int32_t *fds, uint8_t *events)
{
	long total = 0;

	for (long turn = 0; turn < turns; turn++) {
		struct timeval left = { timeout_ms / 1000, (timeout_ms % 1000) * 1000 };
		long count = 0;
		int answered;

		if (read_got)
			memcpy(read_got, read_wanted, bytes);
		if (write_got)
			memcpy(write_got, write_wanted, bytes);
		answered = select(nfds, (fd_set *)read_got, (fd_set *)write_got, NULL, timeout_ms < 0 ? NULL : &left);
		if (answered < 0)
			return -1;
		for (unsigned long word = 0; answered > 0; word++) {
			uint64_t readable = read_got ? read_got[word] : 0;
			uint64_t writable = write_got ? write_got[word] : 0;

			for (uint64_t both = readable | writable; both; both &= both - 1) {
				uint64_t bit = both & -both;
				uint8_t seen = (readable & bit ? READ : 0) | (writable & bit ? WRITE : 0);

				answered -= seen == (READ | WRITE) ? 2 : 1;
				fds[count] = word * 64 + __builtin_ctzll(bit);
				events[count++] = seen;
			}
		}
		walk(fds, events, count);
		total += count;
	}
	return total;
}
