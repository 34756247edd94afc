/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that has things done to it by the kernel: reads a command a line from standard input and answers with a
 * line, "ok" and what there is to say. Its commands are the functions with `struct command` below.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)
#define BLOCK ((size_t)4096)

static void fail(const char *what)
{
	fprintf(stderr, "host-target: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void touch_memory(size_t mib)
{
	char *memory;

	if (mib == 0)
		return;
	memory = mmap(NULL, mib * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		fail("mmap");
	for (size_t i = 0; i < mib * MIB; i += BLOCK)
		memory[i] = 1;
	munmap(memory, mib * MIB);
}

/* touch MIB: takes memory, uses it and gives it back */
static void touch(const char *mib)
{
	touch_memory(strtoul(mib, NULL, 10));
	puts("ok");
}

/* send-locally N: N times 32 KiB into a socket and out again, which the kernel keeps in blocks of many pages */
static void send_locally(const char *count)
{
	static char data[8 * BLOCK];
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends))
		fail("socketpair");
	for (long i = 0; i < atol(count); i++)
		if (write(ends[0], data, sizeof(data)) != sizeof(data) || read(ends[1], data, sizeof(data)) != sizeof(data))
			fail("socket");
	puts("ok");
}

/* fork MIB: has a child that touches memory and ends; says its number */
static void fork_child(const char *mib)
{
	const pid_t child = fork();

	if (child == 0) {
		touch_memory(strtoul(mib, NULL, 10));
		_exit(0);
	}
	if (child < 0 || waitpid(child, NULL, 0) != child)
		fail("fork");
	printf("ok %d\n", child);
}

/* spawn PATH: has a child that becomes another program; says its number */
static void spawn_program(const char *path)
{
	const pid_t child = fork();

	if (child == 0) {
		execl(path, path, NULL);
		_exit(1);
	}
	if (child < 0 || waitpid(child, NULL, 0) != child)
		fail("spawn");
	printf("ok %d\n", child);
}

static void *say_number(void *tid)
{
	*(long *)tid = syscall(SYS_gettid);
	return NULL;
}

/* thread: has a thread, which ends; says its number */
static void have_thread(const char *unused)
{
	pthread_t thread;
	long tid = 0;

	(void)unused;
	if (pthread_create(&thread, NULL, say_number, &tid) || pthread_join(thread, NULL))
		fail("pthread_create");
	printf("ok %ld\n", tid);
}

static void *become_ourselves(void *unused)
{
	(void)unused;
	printf("ok %ld\n", syscall(SYS_gettid));
	fflush(stdout);
	execl("/proc/self/exe", "host-target", NULL);
	fail("execl");
	return NULL;
}

/* exec-in-thread: says the number of a thread, which runs this program anew in place of all threads */
static void exec_in_thread(const char *unused)
{
	pthread_t thread;

	(void)unused;
	if (pthread_create(&thread, NULL, become_ourselves, NULL))
		fail("pthread_create");
	for (;;)
		pause();
}

static void *aligned_memory(size_t bytes)
{
	void *memory = NULL;

	if (posix_memalign(&memory, BLOCK, bytes))
		fail("posix_memalign");
	memset(memory, 7, bytes);
	return memory;
}

/* write-direct PATH: 64 KiB straight to the device */
static void write_direct(const char *path)
{
	const int file = open(path, O_RDWR | O_CREAT | O_DIRECT, 0600);
	void *memory = aligned_memory(16 * BLOCK);

	if (file < 0 || pwrite(file, memory, 16 * BLOCK, 0) != (ssize_t)(16 * BLOCK))
		fail(path);
	free(memory);
	close(file);
	puts("ok");
}

/* read-direct PATH: 64 KiB straight from the device */
static void read_direct(const char *path)
{
	const int file = open(path, O_RDONLY | O_DIRECT);
	void *memory = aligned_memory(16 * BLOCK);

	if (file < 0 || pread(file, memory, 16 * BLOCK, 0) != (ssize_t)(16 * BLOCK))
		fail(path);
	free(memory);
	close(file);
	puts("ok");
}

/* write-cached PATH: 256 KiB into the page cache, and on to the device */
static void write_cached(const char *path)
{
	const int file = open(path, O_RDWR | O_CREAT, 0600);
	void *memory = aligned_memory(64 * BLOCK);

	if (file < 0 || write(file, memory, 64 * BLOCK) != (ssize_t)(64 * BLOCK) || fdatasync(file))
		fail(path);
	free(memory);
	close(file);
	puts("ok");
}

/* discard DEVICE: gives back its bytes from 1 MiB to 3 MiB */
static void discard(const char *device)
{
	const int file = open(device, O_RDWR);
	uint64_t range[2] = { 1 << 20, 2 << 20 };

	if (file < 0 || ioctl(file, BLKDISCARD, range))
		fail(device);
	close(file);
	puts("ok");
}

static int socket_to(const char *where, struct sockaddr_storage *address, socklen_t *length)
{
	struct sockaddr_in *four = (struct sockaddr_in *)address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;
	char text[64];
	const char *port = strrchr(where, ' ');

	memset(address, 0, sizeof(*address));
	snprintf(text, sizeof(text), "%.*s", (int)(port - where), where);
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons(atoi(port));
		*length = sizeof(*four);
	} else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(atoi(port));
		*length = sizeof(*six);
	} else {
		errno = EINVAL;
		fail(where);
	}
	return socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
}

/* connect ADDRESS PORT: begins to connect, from now on; says the port on this side */
static void begin_connect(const char *where)
{
	struct sockaddr_storage address, own = { 0 };
	socklen_t length, own_length = sizeof(own);
	const int file = socket_to(where, &address, &length);

	if (file < 0 || (connect(file, (struct sockaddr *)&address, length) && errno != EINPROGRESS) ||
	    getsockname(file, (struct sockaddr *)&own, &own_length))
		fail(where);
	/* The port is at the same place for both families. */
	printf("ok %d\n", ntohs(((struct sockaddr_in *)&own)->sin_port));
}

/* accept-and-send ADDRESS PORT: sends 1000 bytes to whoever connects, then says so */
static void accept_and_send(const char *where)
{
	struct sockaddr_storage address;
	socklen_t length;
	const int listener = socket_to(where, &address, &length);
	const int one = 1;
	char data[1000] = { 0 };
	int peer;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	fcntl(listener, F_SETFL, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) || listen(listener, 8))
		fail(where);
	puts("ok listening");
	fflush(stdout);
	peer = accept(listener, NULL, NULL);
	getchar();
	if (peer < 0 || send(peer, data, sizeof(data), 0) != sizeof(data))
		fail(where);
	puts("ok sent");
}

/* ioctl COMMAND N PATH: N times the command, a number, on a file; says the last error's number. Argument: a u32 of 0x29 */
static void do_ioctl(const char *what)
{
	char path[256];
	unsigned long command, count;
	uint32_t argument[4] = { 0x29 };
	int file, result = 0;

	if (sscanf(what, "%lx %lu %255s", &command, &count, path) != 3 || (file = open(path, O_RDWR)) < 0)
		fail(what);
	while (count--)
		result = ioctl(file, command, argument) ? errno : 0;
	close(file);
	printf("ok %d\n", result);
}

struct command {
	const char *name;
	void (*run)(const char *argument);
};

static const struct command commands[] = {
	{ "touch", touch },
	{ "send-locally", send_locally },
	{ "fork", fork_child },
	{ "spawn", spawn_program },
	{ "thread", have_thread },
	{ "exec-in-thread", exec_in_thread },
	{ "write-direct", write_direct },
	{ "read-direct", read_direct },
	{ "write-cached", write_cached },
	{ "discard", discard },
	{ "connect", begin_connect },
	{ "accept-and-send", accept_and_send },
	{ "ioctl", do_ioctl },
};

int main(void)
{
	char line[512];

	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ok");
	while (fgets(line, sizeof(line), stdin)) {
		char *argument;

		line[strcspn(line, "\n")] = '\0';
		argument = strchr(line, ' ');
		if (argument)
			*argument++ = '\0';
		for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
			if (!strcmp(line, commands[i].name))
				commands[i].run(argument ? argument : "");
	}
	return 0;
}
