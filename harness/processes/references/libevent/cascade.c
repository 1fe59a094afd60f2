/*
 * A cascade on libevent, to compare our loop with: pairs of unix sockets, of which some get a byte; whoever reads a byte
 * passes one on to the next pair while there are writes left. Before each chain every pair is registered anew.
 *
 * Arguments: backend, pairs, active, writes, chains. Prints the CPU and the wall time of each chain in ns.
 */
#define _GNU_SOURCE
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

struct pair {
	int read_end, write_end;
	struct event *event;
	struct pair *next;
};

static long writes_left, unread;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void send_byte(const struct pair *pair)
{
	if (send(pair->write_end, "", 1, MSG_NOSIGNAL) != 1)
		die("send");
}

static void pass(evutil_socket_t fd, short what, void *argument)
{
	const struct pair *pair = argument;
	char byte;

	(void)what;
	if (recv(fd, &byte, 1, MSG_NOSIGNAL) != 1)
		die("recv");
	if (writes_left > 0) {
		writes_left--;
		send_byte(pair->next);
	}
	unread--;
}

static long long now(clockid_t clock)
{
	struct timespec time;

	if (clock_gettime(clock, &time) != 0)
		die("clock_gettime");
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static struct event_base *open_base(const char *backend)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	for (const char **method = event_get_supported_methods(); config && *method; method++)
		if (strcmp(*method, backend) != 0)
			event_config_avoid_method(config, *method);
	base = config ? event_base_new_with_config(config) : NULL;
	if (!base || strcmp(event_base_get_method(base), backend) != 0) {
		fprintf(stderr, "libevent has no backend %s\n", backend);
		exit(1);
	}
	return base;
}

static struct pair *open_pairs(struct event_base *base, long count)
{
	struct rlimit limit;
	struct pair *pairs = calloc(count, sizeof *pairs);

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		die("getrlimit");
	limit.rlim_cur = limit.rlim_max;
	if (!pairs || setrlimit(RLIMIT_NOFILE, &limit) != 0)
		die("setrlimit");
	for (long i = 0; i < count; i++) {
		int ends[2];

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
			die("socketpair");
		pairs[i].read_end = ends[0];
		pairs[i].write_end = ends[1];
		pairs[i].next = &pairs[(i + 1) % count];
		pairs[i].event = event_new(base, ends[0], EV_READ | EV_PERSIST, pass, &pairs[i]);
		if (!pairs[i].event || event_add(pairs[i].event, NULL) != 0)
			die("event_add");
	}
	return pairs;
}

static void register_anew(struct event_base *base, struct pair *pairs, long count)
{
	for (long i = 0; i < count; i++)
		if (event_del(pairs[i].event) != 0 || event_add(pairs[i].event, NULL) != 0)
			die("event_add");
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

int main(int argc, char **argv)
{
	struct event_base *base;
	struct pair *pairs;
	long count, active, writes, chains;

	if (argc != 6)
		return 2;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	count = atol(argv[2]);
	active = atol(argv[3]);
	writes = atol(argv[4]);
	chains = atol(argv[5]);
	base = open_base(argv[1]);
	pairs = open_pairs(base, count);
	for (long chain = 0; chain < chains; chain++) {
		long long cpu, wall;

		register_anew(base, pairs, count);
		writes_left = writes;
		unread = active + writes;
		for (long i = 0; i < active; i++)
			send_byte(&pairs[i * (count / active)]);
		wall = now(CLOCK_MONOTONIC);
		cpu = now(CLOCK_THREAD_CPUTIME_ID);
		while (unread > 0)
			event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		cpu = now(CLOCK_THREAD_CPUTIME_ID) - cpu;
		wall = now(CLOCK_MONOTONIC) - wall;
		printf("%lld %lld\n", cpu, wall);
	}
	return 0;
}
