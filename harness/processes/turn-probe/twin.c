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

/* ---- epoll ---- */

ALWAYS long epoll_turn(void *poller, const struct work *work)
{
	const struct epolled *epolled = poller;
	int32_t *fds = work->fds;
	uint8_t *events = work->events;
	int answered = epoll_wait(epolled->epfd, epolled->answers, epolled->room, work->timeout_ms);

	for (int i = 0; i < answered; i++) {
		fds[i] = epolled->answers[i].data.fd;
		events[i] = readiness(epolled->answers[i].events, READ | WRITE);
	}
	if (answered >= 0)
		walk(fds, events, answered);
	return answered;
}

ALWAYS int epoll_add(int epfd, int fd, uint32_t trigger)
{
	struct epoll_event event = { .events = EPOLLIN | trigger, .data.fd = fd };

	return epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event);
}

ALWAYS int epoll_replace(void *poller, const struct work *work, int fd)
{
	const struct epolled *epolled = poller;

	(void)work;
	if (epoll_ctl(epolled->epfd, EPOLL_CTL_DEL, fd, NULL) < 0)
		return -1;
	return epoll_add(epolled->epfd, fd, epolled->trigger);
}

static long epoll_fresh(const void *poller, const struct work *work)
{
	const struct epolled *kept = poller;
	struct epolled epolled = { .epfd = epoll_create1(EPOLL_CLOEXEC), .room = work->count };
	long ready;

	if (epolled.epfd < 0)
		return -1;
	epolled.answers = malloc(work->count * sizeof(struct epoll_event));
	if (!epolled.answers)
		return -1;
	for (long i = 0; i < work->count; i++)
		if (epoll_add(epolled.epfd, work->watched[i], kept->trigger) < 0)
			return -1;
	ready = epoll_turn(&epolled, work);
	free(epolled.answers);
	close(epolled.epfd);
	return ready;
}

/* What was reported once is reported again; the generation in its data stays. */
static int epoll_rearm(void *poller, long count)
{
	const struct epolled *epolled = poller;

	for (long i = 0; i < count; i++) {
		struct epoll_event event = epolled->answers[i];

		event.events = EPOLLIN | epolled->trigger;
		if (epoll_ctl(epolled->epfd, EPOLL_CTL_MOD, event.data.fd, &event) < 0)
			return -1;
	}
	return 0;
}

long twin_epoll(struct epolled *epolled, const struct work *work, long turns)
{
	rearm_fn *rearm = epolled->trigger & EPOLLONESHOT ? epoll_rearm : NULL;

	return drive(epolled, work, turns, epoll_turn, epoll_replace, epoll_fresh, rearm);
}

/* ---- select ---- */

ALWAYS long select_turn(void *poller, const struct work *work)
{
	const struct selected *selected = poller;
	uint64_t *read_got = selected->read_got;
	uint64_t *write_got = selected->write_got;
	int32_t *fds = work->fds;
	uint8_t *events = work->events;
	long timeout_ms = work->timeout_ms;
	struct timeval left = { timeout_ms / 1000, (timeout_ms % 1000) * 1000 };
	long count = 0;
	int answered;

	if (read_got)
		memcpy(read_got, selected->read_wanted, selected->bytes);
	if (write_got)
		memcpy(write_got, selected->write_wanted, selected->bytes);
	answered = select(selected->nfds, (fd_set *)read_got, (fd_set *)write_got, NULL,
			  timeout_ms < 0 ? NULL : &left);
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
	return count;
}

ALWAYS uint64_t bit_of(int fd)
{
	return 1ULL << (fd % 64);
}

ALWAYS void size_by(struct selected *selected, int64_t nfds)
{
	selected->nfds = nfds;
	selected->bytes = (nfds + 63) / 64 * 8;
}

ALWAYS int select_replace(void *poller, const struct work *work, int fd)
{
	struct selected *selected = poller;
	uint64_t *wanted = selected->read_wanted;
	int64_t nfds = selected->nfds;

	(void)work;
	wanted[fd / 64] &= ~bit_of(fd);
	while (nfds > 0 && !(wanted[(nfds - 1) / 64] & bit_of(nfds - 1)))
		nfds--;
	wanted[fd / 64] |= bit_of(fd);
	size_by(selected, fd >= nfds ? fd + 1 : nfds);
	return 0;
}

static long select_fresh(const void *poller, const struct work *work)
{
	struct selected selected = { 0 };
	int highest = 0;
	long ready;

	(void)poller;
	for (long i = 0; i < work->count; i++)
		if (work->watched[i] > highest)
			highest = work->watched[i];
	size_by(&selected, highest + 1);
	selected.read_wanted = calloc(2, selected.bytes);
	if (!selected.read_wanted)
		return -1;
	selected.read_got = selected.read_wanted + selected.bytes / 8;
	for (long i = 0; i < work->count; i++)
		selected.read_wanted[work->watched[i] / 64] |= bit_of(work->watched[i]);
	ready = select_turn(&selected, work);
	free(selected.read_wanted);
	return ready;
}

long twin_select(struct selected *selected, const struct work *work, long turns)
{
	return drive(selected, work, turns, select_turn, select_replace, select_fresh, NULL);
}

/* ---- io_uring ---- */

/* What is used of linux/io_uring.h, which may be older than the kernel, or missing. */
enum { SYS_SETUP = 425, SYS_ENTER = 426 };
enum { OP_POLL_ADD = 6, OP_POLL_REMOVE = 7, OP_ASYNC_CANCEL = 14, CANCEL_ALL_ANY = 1 | 4, SQE_SKIP_SUCCESS = 64 };
enum { ENTER_GETEVENTS = 1, ENTER_EXT_ARG = 8, SQ_UNSEEN = 2 | 4 };
#define OFFSET_SQES 0x10000000L

struct sqe {
	uint8_t operation, flags;
	uint16_t priority;
	int32_t fd;
	uint64_t offset, target;
	uint32_t operation_flags, events;
	uint64_t user_data, unused[3];
};

struct cqe {
	uint64_t user_data;
	int32_t result;
	uint32_t flags;
};

struct params {
	uint32_t sq_entries, cq_entries, flags, cpu, idle, features, wq_fd, reserved[3];
	struct { uint32_t head, tail, mask, entries, flags, dropped, array, reserved[3]; } sq;
	struct { uint32_t head, tail, mask, entries, overflow, cqes, flags, reserved[3]; } cq;
};

struct extra {
	uint64_t mask;
	uint32_t mask_bytes, unused;
	const int64_t *seconds_and_ns;
};

/* Addresses within the rings, and the generations of registrations by fd; all that is known of the ring lies in it. */
struct ringed {
	int64_t ring;
	uint32_t *sq_head, *sq_tail, *sq_flags;
	int64_t sq_mask;
	struct sqe *sqes;
	uint32_t *cq_head, *cq_tail;
	int64_t cq_mask;
	const struct cqe *cqes;
	int64_t room;
	uint32_t *generations;
	/* How the ring was made. */
	int64_t setup;
};

#define NOBODY 0xffffffffu

ALWAYS uint32_t acquire(const uint32_t *place)
{
	return __atomic_load_n(place, __ATOMIC_ACQUIRE);
}

/* -1 where neither submissions were taken nor completions came, and not because the time was over. */
ALWAYS int ring_enter(const struct ringed *ringed, uint32_t least, int64_t timeout_ms)
{
	int64_t left[2] = { timeout_ms / 1000, timeout_ms % 1000 * 1000000 };
	struct extra extra = { .seconds_and_ns = left };
	uint32_t waiting = *ringed->sq_tail - acquire(ringed->sq_head);
	int timed = least > 0 && timeout_ms > 0;
	long entered = syscall(SYS_ENTER, ringed->ring, waiting, least,
			       ENTER_GETEVENTS | (timed ? ENTER_EXT_ARG : 0),
			       timed ? &extra : NULL, timed ? sizeof extra : 0);

	return entered < 0 && errno != ETIME ? -1 : 0;
}

ALWAYS struct sqe *next_sqe(const struct ringed *ringed)
{
	struct sqe *sqe = &ringed->sqes[*ringed->sq_tail & ringed->sq_mask];

	memset(sqe, 0, sizeof *sqe);
	return sqe;
}

ALWAYS void push(const struct ringed *ringed)
{
	__atomic_store_n(ringed->sq_tail, *ringed->sq_tail + 1, __ATOMIC_RELEASE);
}

ALWAYS uint64_t registration_of(const struct ringed *ringed, uint32_t fd)
{
	return (uint64_t)ringed->generations[fd] << 32 | fd;
}

ALWAYS void ring_ask(const struct ringed *ringed, int32_t fd)
{
	struct sqe *sqe = next_sqe(ringed);

	sqe->operation = OP_POLL_ADD;
	sqe->fd = fd;
	sqe->events = POLLIN;
	sqe->user_data = registration_of(ringed, fd);
	push(ringed);
}

ALWAYS long ring_collect(const struct ringed *ringed, const struct work *work)
{
	uint32_t head = *ringed->cq_head;
	uint32_t answered = acquire(ringed->cq_tail) - head;
	long count = 0;

	if (answered > ringed->room)
		answered = ringed->room;
	for (uint32_t end = head + answered; head != end; head++) {
		const struct cqe *cqe = &ringed->cqes[head & ringed->cq_mask];
		uint32_t fd = cqe->user_data;

		if (fd == NOBODY || registration_of(ringed, fd) != cqe->user_data)
			continue;
		work->fds[count] = fd;
		work->events[count++] = readiness(cqe->result < 0 ? POLLNVAL : cqe->result, READ | WRITE);
	}
	__atomic_store_n(ringed->cq_head, head, __ATOMIC_RELEASE);
	return count;
}

/* Ends with the first call that brings nothing: the flag may be left over from what this thread has done already. */
ALWAYS int ring_bring_unseen(const struct ringed *ringed)
{
	uint32_t completed = acquire(ringed->cq_tail) - *ringed->cq_head, before = completed + 1;

	while (completed != before && completed < ringed->room && acquire(ringed->sq_flags) & SQ_UNSEEN) {
		if (ring_enter(ringed, 0, 0) < 0)
			return -1;
		before = completed;
		completed = acquire(ringed->cq_tail) - *ringed->cq_head;
	}
	return 0;
}

ALWAYS long io_uring_turn(void *poller, const struct work *work)
{
	const struct ringed *ringed = poller;
	long count;

	if (ring_enter(ringed, work->timeout_ms != 0, work->timeout_ms) < 0)
		return -1;
	if (ring_bring_unseen(ringed) < 0)
		return -1;
	count = ring_collect(ringed, work);
	for (long i = 0; i < count; i++)
		ring_ask(ringed, work->fds[i]);
	walk(work->fds, work->events, count);
	return count;
}

ALWAYS int io_uring_replace(void *poller, const struct work *work, int fd)
{
	const struct ringed *ringed = poller;
	struct sqe *sqe;

	(void)work;
	sqe = next_sqe(ringed);
	sqe->operation = OP_POLL_REMOVE;
	sqe->flags = SQE_SKIP_SUCCESS;
	sqe->fd = -1;
	sqe->target = registration_of(ringed, fd);
	sqe->user_data = NOBODY;
	push(ringed);
	ringed->generations[fd]++;
	/* The kernel lets go of the file at once. */
	if (ring_enter(ringed, 0, 0) < 0)
		return -1;
	ring_ask(ringed, fd);
	return 0;
}

struct fresh_ring {
	struct ringed ringed;
	char *rings;
	long ring_bytes, sqe_bytes;
};

static int make_ring(struct fresh_ring *fresh, const struct ringed *kept, uint32_t entries)
{
	struct params params = { .cq_entries = entries * 2, .flags = kept->setup };
	int ring = syscall(SYS_SETUP, entries, &params);
	char *rings;
	void *sqes;
	long sq_bytes = params.sq.array + params.sq_entries * 4L;
	long cq_bytes = params.cq.cqes + params.cq_entries * (long)sizeof(struct cqe);

	if (ring < 0)
		return -1;
	fresh->ring_bytes = sq_bytes > cq_bytes ? sq_bytes : cq_bytes;
	fresh->sqe_bytes = params.sq_entries * (long)sizeof(struct sqe);
	rings = mmap(NULL, fresh->ring_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, 0);
	sqes = mmap(NULL, fresh->sqe_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, OFFSET_SQES);
	if (rings == MAP_FAILED || sqes == MAP_FAILED)
		return -1;
	for (uint32_t slot = 0; slot < params.sq_entries; slot++)
		((uint32_t *)(rings + params.sq.array))[slot] = slot;
	fresh->rings = rings;
	fresh->ringed = (struct ringed){
		.ring = ring,
		.sq_head = (uint32_t *)(rings + params.sq.head),
		.sq_tail = (uint32_t *)(rings + params.sq.tail),
		.sq_flags = (uint32_t *)(rings + params.sq.flags),
		.sq_mask = params.sq_entries - 1,
		.sqes = sqes,
		.cq_head = (uint32_t *)(rings + params.cq.head),
		.cq_tail = (uint32_t *)(rings + params.cq.tail),
		.cq_mask = params.cq_entries - 1,
		.cqes = (struct cqe *)(rings + params.cq.cqes),
		.room = params.sq_entries,
		.generations = kept->generations,
	};
	return 0;
}

/* Ends every request, each of which holds its file. */
static int end_ring(const struct fresh_ring *fresh)
{
	const struct ringed *ringed = &fresh->ringed;
	struct sqe *sqe = next_sqe(ringed);

	sqe->operation = OP_ASYNC_CANCEL;
	sqe->events = CANCEL_ALL_ANY;
	push(ringed);
	if (ring_enter(ringed, 0, 0) < 0)
		return -1;
	munmap(fresh->rings, fresh->ring_bytes);
	munmap(ringed->sqes, fresh->sqe_bytes);
	return close(ringed->ring);
}

static long io_uring_fresh(const void *poller, const struct work *work)
{
	struct fresh_ring fresh;
	uint32_t entries = 256;
	long ready;

	while (entries < work->count && entries < 32768)
		entries *= 2;
	if (make_ring(&fresh, poller, entries) < 0)
		return -1;
	for (long i = 0; i < work->count; i++)
		ring_ask(&fresh.ringed, work->watched[i]);
	ready = io_uring_turn(&fresh.ringed, work);
	return ready >= 0 && end_ring(&fresh) < 0 ? -1 : ready;
}

long twin_io_uring(struct ringed *ringed, const struct work *work, long turns)
{
	return drive(ringed, work, turns, io_uring_turn, io_uring_replace, io_uring_fresh, NULL);
}
