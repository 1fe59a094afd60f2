/* Part of twin.c. */

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
