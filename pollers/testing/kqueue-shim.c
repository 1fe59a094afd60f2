/*
 * kqueue(2) and kevent(2) over epoll(7), for tests where there is no kqueue: as much of the manual page as a poller needs,
 * EVFILT_READ and EVFILT_WRITE, level-triggered, EV_ADD and EV_DELETE. What kqueue does on its own, it makes up for: an fd
 * that is closed takes its events along, although a duplicate of its file lives; and regular files are watched, readable as long
 * as they are not at their end.
 *
 * KEVENT_BYTES: 32 as on macOS, 64 as on FreeBSD since version 12.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <stdlib.h>

struct kevent {
	uint64_t ident;
	int16_t filter;
	uint16_t flags;
	uint32_t fflags;
	int64_t data;
	uint64_t udata;
#if KEVENT_BYTES == 64
	uint64_t ext[4];
#endif
};

_Static_assert(sizeof(struct kevent) == KEVENT_BYTES, "struct kevent");

enum { EVFILT_READ = -1, EVFILT_WRITE = -2 };
enum { EV_ADD = 1, EV_DELETE = 2, EV_ERROR = 0x4000, EV_EOF = 0x8000 };
enum { WANTS_READ = 1, WANTS_WRITE = 2 };
enum { MOST_FDS = 1 << 17, MOST_AT_ONCE = 1 << 16 };

/*
 * What is watched of an fd. A regular file, which epoll does not take, is known by its number; an entry of epoll's by when it was
 * made, because one of a file that was closed while a duplicate lives stays there under its fd.
 */
struct note {
	uint8_t wants, regular;
	uint32_t made;
	dev_t device;
	ino_t inode;
};

struct queue {
	struct note *notes;
	int highest, regulars;
};

static struct queue queues[MOST_FDS];
static uint32_t made;

static uint32_t bits_of(uint8_t wants)
{
	return (wants & WANTS_READ ? EPOLLIN | EPOLLRDHUP : 0) | (wants & WANTS_WRITE ? EPOLLOUT : 0);
}

static int control(int kq, int op, int fd, uint8_t wants)
{
	struct note *note = &queues[kq].notes[fd];
	struct epoll_event event = { .events = bits_of(wants) };

	if (op == EPOLL_CTL_ADD)
		note->made = ++made;
	event.data.u64 = (uint64_t)note->made << 32 | (uint32_t)fd;
	return epoll_ctl(kq, op, fd, &event);
}

/* Whether the file that was registered is still the one at this number. */
static int is_there(int kq, int fd)
{
	struct note *note = &queues[kq].notes[fd];
	struct stat now;

	if (!note->wants)
		return 0;
	if (!note->regular)
		return control(kq, EPOLL_CTL_MOD, fd, note->wants) == 0;
	return fstat(fd, &now) == 0 && now.st_dev == note->device && now.st_ino == note->inode;
}

static void forget(int kq, int fd)
{
	struct queue *queue = &queues[kq];

	queue->regulars -= queue->notes[fd].regular;
	queue->notes[fd] = (struct note){ 0 };
}

int kqueue(void)
{
	int kq = epoll_create1(0);
	struct queue *queue;

	if (kq < 0)
		return -1;
	if (kq >= MOST_FDS) {
		close(kq);
		errno = EMFILE;
		return -1;
	}
	queue = &queues[kq];
	free(queue->notes);
	*queue = (struct queue){ .notes = calloc(MOST_FDS, sizeof(struct note)), .highest = -1 };
	if (queue->notes)
		return kq;
	close(kq);
	errno = ENOMEM;
	return -1;
}

static int add(int kq, int fd, uint8_t wants)
{
	struct queue *queue = &queues[kq];
	struct note *note = &queue->notes[fd];
	struct stat now;

	if (note->wants && !is_there(kq, fd))
		forget(kq, fd);
	if (note->regular || control(kq, note->wants ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, note->wants | wants) == 0) {
		note->wants |= wants;
	} else if (errno == EEXIST && control(kq, EPOLL_CTL_MOD, fd, wants) == 0) {
		/* Closed, and a duplicate of it is back. */
		note->wants = wants;
	} else if (errno == EPERM && fstat(fd, &now) == 0) {
		*note = (struct note){ .wants = wants, .regular = 1, .device = now.st_dev, .inode = now.st_ino };
		queue->regulars++;
	} else {
		return -1;
	}
	if (fd > queue->highest)
		queue->highest = fd;
	return 0;
}

static int delete(int kq, int fd, uint8_t wants)
{
	struct note *note = &queues[kq].notes[fd];
	uint8_t left = note->wants & ~wants;
	int there = is_there(kq, fd);

	if (!there || !(note->wants & wants)) {
		if (!there)
			forget(kq, fd);
		errno = ENOENT;
		return -1;
	}
	if (!note->regular && control(kq, left ? EPOLL_CTL_MOD : EPOLL_CTL_DEL, fd, left) < 0)
		return -1;
	if (left)
		note->wants = left;
	else
		forget(kq, fd);
	return 0;
}

static int change(int kq, const struct kevent *asked)
{
	uint8_t wants = asked->filter == EVFILT_READ ? WANTS_READ : asked->filter == EVFILT_WRITE ? WANTS_WRITE : 0;

	if (!wants || !(asked->flags & (EV_ADD | EV_DELETE))) {
		errno = EINVAL;
		return -1;
	}
	if (asked->ident >= MOST_FDS || fcntl(asked->ident, F_GETFD) < 0) {
		if (asked->ident < MOST_FDS)
			forget(kq, asked->ident);
		errno = EBADF;
		return -1;
	}
	return asked->flags & EV_ADD ? add(kq, asked->ident, wants) : delete(kq, asked->ident, wants);
}

static int emit(struct kevent *events, int count, int fd, int filter, int at_end, int64_t data)
{
	memset(&events[count], 0, sizeof *events);
	events[count].ident = fd;
	events[count].filter = filter;
	events[count].flags = at_end ? EV_EOF : 0;
	events[count].data = data;
	return count + 1;
}

/* What a file that epoll watches is ready for. */
static int report(struct kevent *events, int count, int room, uint8_t wants, const struct epoll_event *event)
{
	uint32_t bits = event->events;
	int fd = (int)event->data.u64;

	if (wants & WANTS_READ && bits & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP)) {
		int unread = 0;

		ioctl(fd, FIONREAD, &unread);
		count = emit(events, count, fd, EVFILT_READ, bits & (EPOLLHUP | EPOLLERR | EPOLLRDHUP), unread);
	}
	if (wants & WANTS_WRITE && count < room &&
	    (bits & (EPOLLOUT | EPOLLERR) || (bits & EPOLLHUP && !(wants & WANTS_READ))))
		count = emit(events, count, fd, EVFILT_WRITE, bits & (EPOLLHUP | EPOLLERR), 1);
	return count;
}

static int report_regular(int kq, struct kevent *events, int room)
{
	struct queue *queue = &queues[kq];
	int count = 0;

	for (int fd = 0; queue->regulars > 0 && fd <= queue->highest && count < room; fd++) {
		struct note *note = &queue->notes[fd];
		struct stat now;

		if (!note->regular)
			continue;
		if (!is_there(kq, fd)) {
			forget(kq, fd);
			continue;
		}
		if (note->wants & WANTS_READ && fstat(fd, &now) == 0 && lseek(fd, 0, SEEK_CUR) < now.st_size)
			count = emit(events, count, fd, EVFILT_READ, 0, now.st_size - lseek(fd, 0, SEEK_CUR));
		if (note->wants & WANTS_WRITE && count < room)
			count = emit(events, count, fd, EVFILT_WRITE, 0, 1);
	}
	return count;
}

/* An entry of a file that was closed while a duplicate lives cannot be deleted: a new instance under the old number. */
static int rebuild(int kq)
{
	struct queue *queue = &queues[kq];
	int flags = fcntl(kq, F_GETFD) & FD_CLOEXEC ? O_CLOEXEC : 0;
	struct note *notes = calloc(MOST_FDS, sizeof(struct note));
	int fresh;

	if (!notes)
		return -1;
	for (int fd = 0; fd <= queue->highest; fd++)
		if (queue->notes[fd].wants && is_there(kq, fd))
			notes[fd] = queue->notes[fd];
	/* Closed first: at the fd limit there is no room for both. */
	close(kq);
	fresh = epoll_create1(flags ? EPOLL_CLOEXEC : 0);
	if (fresh != kq && (dup3(fresh, kq, flags) < 0 || close(fresh) < 0))
		return -1;
	free(queue->notes);
	queue->notes = notes;
	for (int fd = 0; fd <= queue->highest; fd++)
		if (notes[fd].wants && !notes[fd].regular && control(kq, EPOLL_CTL_ADD, fd, notes[fd].wants) < 0)
			return -1;
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + (now.tv_nsec + 999999) / 1000000;
}

static int wait_for(int kq, struct kevent *events, int room, int64_t timeout_ms)
{
	static struct epoll_event answers[MOST_AT_ONCE];
	int64_t deadline_ms = timeout_ms > 0 ? now_ms() + timeout_ms : 0;

	for (;;) {
		int count = report_regular(kq, events, room);
		int most = room - count < MOST_AT_ONCE ? room - count : MOST_AT_ONCE;
		int stale = 0;
		int answered;

		if (most == 0)
			return count;
		answered = epoll_wait(kq, answers, most, count > 0 ? 0 : (int)timeout_ms);
		if (answered < 0)
			return count > 0 ? count : -1;
		for (int i = 0; i < answered && count < room; i++) {
			int fd = (int)answers[i].data.u64;
			const struct note *note = &queues[kq].notes[fd];

			if (note->made != answers[i].data.u64 >> 32 || !is_there(kq, fd))
				stale = 1;
			else
				count = report(events, count, room, note->wants, &answers[i]);
		}
		if (stale && rebuild(kq) < 0)
			return -1;
		if (count > 0 || !stale)
			return count;
		if (timeout_ms > 0) {
			timeout_ms = deadline_ms - now_ms();
			if (timeout_ms < 0)
				timeout_ms = 0;
		}
	}
}

int kevent(int kq, const struct kevent *changes, int change_count, struct kevent *events, int room,
	   const struct timespec *timeout)
{
	int failed = 0;

	if (kq < 0 || kq >= MOST_FDS || !queues[kq].notes) {
		errno = EBADF;
		return -1;
	}
	for (int i = 0; i < change_count; i++) {
		if (change(kq, &changes[i]) == 0)
			continue;
		if (failed == room)
			return -1;
		events[failed] = changes[i];
		events[failed].flags = EV_ERROR;
		events[failed++].data = errno;
	}
	if (failed > 0 || room == 0)
		return failed;
	return wait_for(kq, events, room,
			timeout ? timeout->tv_sec * 1000 + (timeout->tv_nsec + 999999) / 1000000 : -1);
}
