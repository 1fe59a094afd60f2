/*
 * The C twin of the probe's turns: the same system calls on the memory of the JavaScript poller, the same walk over the
 * answer, the same ready set, and around the turn the same churn, traffic or cold caches (turns.ts says what they are).
 * What JavaScript pays beyond it is the cost of the binding.
 *
 * Each function makes `turns` turns and returns how many ready fds it saw in all, or -1 with errno. All fields are 64
 * bits wide: JavaScript fills them in one by one.
 */
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { READ = 1, WRITE = 2, ERROR = 4 };

enum form { KEPT, FRESH, CONSUMED, BRACKETED, COLD };

/* Goes on from batch to batch, in JavaScript and here. */
struct progress {
	int32_t at, churn_due, churn_at, unread;
	double turn_ns;
};

struct work {
	int64_t form;
	int64_t timeout_ms;
	/* In the order in which they become ready; each watched fd has its peer at the same place. */
	const int32_t *watched, *peers;
	int64_t count, ready, rotates, churn_per_100;
	const void *message;
	int64_t message_bytes;
	struct progress *progress;
	const uint8_t *evicting;
	int64_t evicting_bytes;
	/* The ready set, and for poll a table of slots by fd. */
	int32_t *fds;
	uint8_t *events;
	int32_t *slots;
};

struct polled {
	struct pollfd *pollfds;
	int64_t count;
};

struct epolled {
	int64_t epfd;
	struct epoll_event *answers;
	int64_t room, trigger;
};

/* Bitmaps are `bytes` long; an address of 0 leaves that set out. */
struct selected {
	int64_t nfds, bytes;
	uint64_t *read_wanted, *write_wanted, *read_got, *write_got;
};

#define ALWAYS static inline __attribute__((always_inline))

/* Keeps the walk over the ready set from being optimised away. */
static volatile int32_t sink;

ALWAYS void walk(const int32_t *fds, const uint8_t *events, long count)
{
	int32_t sum = 0;

	for (long i = 0; i < count; i++)
		sum += fds[i] + events[i];
	sink = sum;
}

ALWAYS uint8_t readiness(uint32_t bits, uint8_t interest)
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

/* ---- what surrounds a turn ---- */

static double thread_cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

static int send_all(const struct work *work)
{
	struct progress *progress = work->progress;
	int32_t at = progress->at;

	for (long i = 0; i < work->ready; i++) {
		if (write(work->peers[at], work->message, work->message_bytes) != work->message_bytes)
			return -1;
		if (++at == work->count)
			at = 0;
	}
	progress->unread += work->ready * work->message_bytes;
	return 0;
}

static int receive_all(const struct work *work, long count)
{
	struct progress *progress = work->progress;
	char inbox[64];

	for (long i = 0; i < count; i++) {
		ssize_t bytes = read(work->fds[i], inbox, sizeof inbox);

		if (bytes > 0)
			progress->unread -= bytes;
		else if (bytes < 0 && errno != EAGAIN)
			return -1;
	}
	if (work->rotates)
		progress->at = (progress->at + work->ready) % work->count;
	return 0;
}

static void evict(const struct work *work)
{
	int32_t sum = 0;

	for (int64_t at = 0; at < work->evicting_bytes; at += 64)
		sum += work->evicting[at];
	sink = sum;
}

/* The next fd in turn that is not ready now, while there is any. */
static int32_t next_replaced(const struct work *work)
{
	struct progress *progress = work->progress;
	int32_t at = progress->churn_at;
	int64_t into = (at - progress->at + work->count) % work->count;

	if (into < work->ready && work->ready < work->count)
		at = (progress->at + work->ready) % work->count;
	progress->churn_at = (at + 1) % work->count;
	return work->watched[at];
}

/* ---- turns ---- */

typedef long turn_fn(void *poller, const struct work *);
typedef int replace_fn(void *poller, const struct work *, int fd);
typedef int rearm_fn(void *poller, long count);
typedef long fresh_fn(const void *poller, const struct work *);

ALWAYS int churn(void *poller, const struct work *work, replace_fn replace)
{
	struct progress *progress = work->progress;

	progress->churn_due += work->churn_per_100;
	while (progress->churn_due >= 100) {
		progress->churn_due -= 100;
		if (replace(poller, work, next_replaced(work)) < 0)
			return -1;
	}
	return 0;
}

ALWAYS long kept_turn(void *poller, const struct work *work, turn_fn turn, replace_fn replace)
{
	if (work->churn_per_100 > 0 && churn(poller, work, replace) < 0)
		return -1;
	return turn(poller, work);
}

ALWAYS long bracketed_turn(void *poller, const struct work *work, turn_fn turn, replace_fn replace)
{
	double first = thread_cpu_ns();
	double before = thread_cpu_ns();
	long ready = kept_turn(poller, work, turn, replace);

	work->progress->turn_ns += thread_cpu_ns() - before - (before - first);
	return ready;
}

ALWAYS long drive(void *poller, const struct work *work, long turns, turn_fn turn, replace_fn replace,
		   fresh_fn fresh, rearm_fn *rearm)
{
	int consumed = work->form == CONSUMED || work->form == BRACKETED;
	int bracketed = work->form == BRACKETED || work->form == COLD;
	long total = 0;

	work->progress->turn_ns = 0;
	for (long i = 0; i < turns; i++) {
		long ready;

		if (work->form == FRESH) {
			ready = fresh(poller, work);
		} else if (work->form == KEPT) {
			ready = kept_turn(poller, work, turn, replace);
		} else {
			if (work->form == COLD)
				evict(work);
			if (consumed && send_all(work) < 0)
				return -1;
			ready = bracketed ? bracketed_turn(poller, work, turn, replace)
					  : kept_turn(poller, work, turn, replace);
			if (ready >= 0 && consumed && receive_all(work, ready) < 0)
				return -1;
			if (rearm && rearm(poller, ready) < 0)
				return -1;
		}
		if (ready < 0)
			return -1;
		total += ready;
	}
	return total;
}

/* ---- poll ---- */

ALWAYS long collect_polled(const struct polled *polled, const struct work *work, int answered)
{
	int32_t *fds = work->fds;
	uint8_t *events = work->events;
	long count = 0;

	for (const struct pollfd *p = polled->pollfds; count < answered; p++) {
		if (!p->revents)
			continue;
		fds[count] = p->fd;
		events[count++] = readiness((uint16_t)p->revents,
					    (p->events & POLLIN) | ((p->events >> 1) & WRITE));
	}
	walk(fds, events, count);
	return count;
}

ALWAYS long poll_turn(void *poller, const struct work *work)
{
	const struct polled *polled = poller;
	int answered = poll(polled->pollfds, polled->count, work->timeout_ms);

	return answered < 0 ? -1 : collect_polled(polled, work, answered);
}

/* Removal moves the last slot into the gap. */
ALWAYS int poll_replace(void *poller, const struct work *work, int fd)
{
	struct polled *polled = poller;
	struct pollfd *last = &polled->pollfds[--polled->count];
	int32_t slot = work->slots[fd];

	polled->pollfds[slot] = *last;
	work->slots[last->fd] = slot;
	polled->pollfds[polled->count] = (struct pollfd){ .fd = fd, .events = POLLIN };
	work->slots[fd] = polled->count++;
	return 0;
}

ALWAYS long fresh_polled(const struct work *work, turn_fn turn)
{
	struct polled polled = { malloc(work->count * sizeof(struct pollfd)), work->count };
	long ready;

	if (!polled.pollfds)
		return -1;
	for (long i = 0; i < work->count; i++)
		polled.pollfds[i] = (struct pollfd){ .fd = work->watched[i], .events = POLLIN };
	ready = turn(&polled, work);
	free(polled.pollfds);
	return ready;
}

static long poll_fresh(const void *poller, const struct work *work)
{
	(void)poller;
	return fresh_polled(work, poll_turn);
}

ALWAYS void find_slots(const struct polled *polled, const struct work *work)
{
	if (work->churn_per_100 > 0)
		for (long slot = 0; slot < polled->count; slot++)
			work->slots[polled->pollfds[slot].fd] = slot;
}

long twin_poll(struct polled *polled, const struct work *work, long turns)
{
	find_slots(polled, work);
	return drive(polled, work, turns, poll_turn, poll_replace, poll_fresh, NULL);
}

/* ---- poll on each fd alone ---- */

ALWAYS int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Pass after pass, until something is ready or the time is over. */
ALWAYS long poll_each_turn(void *poller, const struct work *work)
{
	const struct polled *polled = poller;
	int64_t timeout_ms = work->timeout_ms;
	int64_t deadline_ns = timeout_ms > 0 ? monotonic_ns() + timeout_ms * 1000000 : 0;

	for (;;) {
		int ready = 0;

		for (int64_t slot = 0; slot < polled->count; slot++) {
			int answered = poll(&polled->pollfds[slot], 1, 0);

			if (answered < 0)
				return -1;
			ready += answered;
		}
		if (ready > 0 || timeout_ms == 0 || (timeout_ms > 0 && monotonic_ns() >= deadline_ns))
			return collect_polled(polled, work, ready);
	}
}

static long poll_each_fresh(const void *poller, const struct work *work)
{
	(void)poller;
	return fresh_polled(work, poll_each_turn);
}

long twin_poll_each(struct polled *polled, const struct work *work, long turns)
{
	find_slots(polled, work);
	return drive(polled, work, turns, poll_each_turn, poll_replace, poll_each_fresh, NULL);
}

#include "twin-epoll.h"
#include "twin-select.h"
#include "twin-io-uring.h"
