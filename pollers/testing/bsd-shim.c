/*
 * macOS's numbers and layouts over Linux's calls, for tests where there is no BSD: as much as pollers/libc/bsd asks for, and kqueue.
 * What it shows is that the program asks as we read macOS's manual pages and headers, not what macOS makes of it.
 */
#include "kqueue-shim.c"

#include <stdarg.h>
#include <sys/socket.h>
#include <netinet/in.h>

enum { DARWIN_O_NONBLOCK = 4, DARWIN_O_CLOEXEC = 0x1000000, DARWIN_F_DUPFD_CLOEXEC = 67 };
enum { DARWIN_SOL_SOCKET = 0xffff, DARWIN_SO_LINGER = 0x80, DARWIN_SO_ERROR = 0x1007, DARWIN_SO_NOSIGPIPE = 0x1022 };
enum { DARWIN_RLIMIT_NOFILE = 8, DARWIN_CLOCK_MONOTONIC = 6, DARWIN_CLOCK_THREAD_CPUTIME_ID = 16 };

int darwin_fcntl(int fd, int command, ...)
{
	va_list arguments;
	int argument, flags;

	va_start(arguments, command);
	argument = va_arg(arguments, int);
	va_end(arguments);
	switch (command) {
	case F_GETFL:
		flags = fcntl(fd, F_GETFL);
		return flags < 0 ? flags : flags & O_NONBLOCK ? DARWIN_O_NONBLOCK : 0;
	case F_SETFL:
		return fcntl(fd, F_SETFL, argument & DARWIN_O_NONBLOCK ? O_NONBLOCK : 0);
	case DARWIN_F_DUPFD_CLOEXEC:
		return fcntl(fd, F_DUPFD_CLOEXEC, argument);
	case F_GETFD:
	case F_SETFD:
		return fcntl(fd, command, argument);
	default:
		errno = EINVAL;
		return -1;
	}
}

int darwin_open(const char *path, int flags, ...)
{
	if (flags & ~DARWIN_O_CLOEXEC) {
		errno = EINVAL;
		return -1;
	}
	return open(path, flags ? O_CLOEXEC : 0);
}

static int nofile_of(int resource)
{
	return resource == DARWIN_RLIMIT_NOFILE ? RLIMIT_NOFILE : -1;
}

int darwin_getrlimit(int resource, struct rlimit *limits)
{
	return getrlimit(nofile_of(resource), limits);
}

int darwin_setrlimit(int resource, const struct rlimit *limits)
{
	return setrlimit(nofile_of(resource), limits);
}

int darwin_clock_gettime(int clock, struct timespec *now)
{
	if (clock == DARWIN_CLOCK_MONOTONIC)
		return clock_gettime(CLOCK_MONOTONIC, now);
	if (clock == DARWIN_CLOCK_THREAD_CPUTIME_ID)
		return clock_gettime(CLOCK_THREAD_CPUTIME_ID, now);
	errno = EINVAL;
	return -1;
}

/* Its first byte is its length there, and the second its family. */
static struct sockaddr_in address_of(const uint8_t *darwin)
{
	struct sockaddr_in address;

	memcpy(&address, darwin, sizeof address);
	address.sin_family = darwin[0] == sizeof address ? darwin[1] : AF_UNSPEC;
	return address;
}

int darwin_bind(int fd, const uint8_t *darwin, unsigned bytes)
{
	struct sockaddr_in address = address_of(darwin);

	return bind(fd, (struct sockaddr *)&address, bytes);
}

int darwin_connect(int fd, const uint8_t *darwin, unsigned bytes)
{
	struct sockaddr_in address = address_of(darwin);

	return connect(fd, (struct sockaddr *)&address, bytes);
}

static int option_of(int name)
{
	return name == DARWIN_SO_LINGER ? SO_LINGER : name == DARWIN_SO_ERROR ? SO_ERROR : -1;
}

int darwin_getsockopt(int fd, int level, int name, void *value, socklen_t *bytes)
{
	if (level == DARWIN_SOL_SOCKET)
		return getsockopt(fd, SOL_SOCKET, option_of(name), value, bytes);
	return getsockopt(fd, level, name, value, bytes);
}

/* Node ignores SIGPIPE: there is nothing to keep from it. */
int darwin_setsockopt(int fd, int level, int name, const void *value, unsigned bytes)
{
	if (level == DARWIN_SOL_SOCKET && name == DARWIN_SO_NOSIGPIPE)
		return 0;
	if (level == DARWIN_SOL_SOCKET)
		return setsockopt(fd, SOL_SOCKET, option_of(name), value, bytes);
	return setsockopt(fd, level, name, value, bytes);
}

int darwin_kqueue(void)
{
	return kqueue();
}

int darwin_kevent(int kq, const struct kevent *changes, int change_count, struct kevent *events, int room,
		  const struct timespec *timeout)
{
	return kevent(kq, changes, change_count, events, room, timeout);
}
