/*
 * The C twin without Node, for the systems whose Node is not at hand: two eventfds of which the second is ready, watched by
 * each system call as the probe has it. Exits with 0 when each turn saw that one and no other. Compiled with twin.c included.
 */
#include TWIN
#include <stdio.h>
#include <sys/eventfd.h>

#define WATCHED 2
#define TURNS 3

static int told(const char *call, long seen, const int32_t *fds, int32_t expected)
{
	int fine = seen == TURNS && fds[0] == expected;

	printf("%s: %ld of %d turns saw fd %d%s\n", call, seen, TURNS, (int)fds[0], fine ? "" : ", which is wrong");
	return fine ? 0 : 1;
}

int main(void)
{
	int32_t watched[WATCHED] = { eventfd(0, EFD_NONBLOCK), eventfd(1, EFD_NONBLOCK) };
	int32_t fds[8], slots[64] = { 0 };
	uint8_t events[8];
	struct progress progress = { 0 };
	struct work work = {
		.form = KEPT, .watched = watched, .count = WATCHED, .ready = 1, .progress = &progress,
		.fds = fds, .events = events, .slots = slots,
	};
	struct pollfd pollfds[WATCHED] = { { .fd = watched[0], .events = POLLIN }, { .fd = watched[1], .events = POLLIN } };
	struct polled polled = { pollfds, WATCHED };
	struct epoll_event answers[8];
	struct epolled epolled = { epoll_create1(0), answers, 8, 0 };
	uint64_t wanted[1] = { 0 }, got[1];
	struct selected selected = { watched[1] + 1, sizeof wanted, wanted, NULL, got, NULL };
	int wrong = 0;

	for (int i = 0; i < WATCHED; i++) {
		if (epoll_add(epolled.epfd, watched[i], 0) < 0)
			return 2;
		wanted[0] |= (uint64_t)1 << watched[i];
	}
	for (work.timeout_ms = 0; work.timeout_ms <= 5; work.timeout_ms += 5) {
		wrong += told("select", twin_select(&selected, &work, TURNS), fds, watched[1]);
		wrong += told("poll", twin_poll(&polled, &work, TURNS), fds, watched[1]);
		wrong += told("poll-each", twin_poll_each(&polled, &work, TURNS), fds, watched[1]);
		wrong += told("epoll", twin_epoll(&epolled, &work, TURNS), fds, watched[1]);
	}
	work.form = FRESH;
	wrong += told("epoll, fresh", twin_epoll(&epolled, &work, TURNS), fds, watched[1]);
	return wrong;
}
