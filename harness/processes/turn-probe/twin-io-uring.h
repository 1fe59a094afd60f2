/* Part of twin.c. */

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
