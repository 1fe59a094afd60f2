/* Part of twin.c. */

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
