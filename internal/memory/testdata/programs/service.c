/* A program whose allocations are known: what it does is written in README.md. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef OWN_MALLOC /* an allocator that gives from one array, and takes nothing back */
static _Alignas(16) char all[1 << 20];
static size_t used;
#define WHOLE __attribute__((noipa))
WHOLE void *malloc(size_t size) {
	size_t *p = (size_t *)(all + used);
	used += (size + 31) / 16 * 16;
	*p = size;
	return used <= sizeof all ? p + 2 : NULL;
}
WHOLE void *calloc(size_t count, size_t size) { return malloc(count * size); }
WHOLE void *realloc(void *old, size_t size) {
	void *p = malloc(size);
	return old ? memcpy(p, old, ((size_t *)old)[-2]) : p;
}
WHOLE void free(void *p) { (void)p; }
#endif

#define NOINLINE __attribute__((noinline))

void *kept[1000];
int n;

/* 3 of 1000 bytes, kept. */
NOINLINE static void start(void) {
	for (int i = 0; i < 3; i++)
		kept[n++] = malloc(1000);
}

/* 1 of 64 bytes a request, freed. */
NOINLINE static void handle(void) {
	char *volatile answer = malloc(64);
	answer[0] = 1;
	free(answer);
}

/* 1 of 128 bytes a request, never freed. */
NOINLINE static void leak(void) {
	kept[n++] = calloc(1, 128);
}

/* A copy of 16 bytes a request, freed, that a function of libc allocates. */
NOINLINE static void name(void) {
	char *volatile copy = strdup("fifteen letters");
	free(copy);
}

static inline __attribute__((always_inline)) void *fetch(size_t size) {
	return malloc(size);
}

/* 1 of 32 bytes a request, freed, by a function that is inlined. */
NOINLINE static void inlined(void) {
	char *volatile p = fetch(32);
	p[0] = 1;
	free(p);
}

/* 1 of 16 bytes a request, made 1 of 48 bytes, freed. */
NOINLINE static void grow(void) {
	char *volatile p = malloc(16);
	p = realloc(p, 48);
	free(p);
}

/* 1 of 100,000 bytes, freed, while all else is kept. */
NOINLINE static void burst(void) {
	char *volatile p = malloc(100000);
	p[0] = 1;
	usleep(20000);
	free(p);
}

static void rest(void) { usleep(60000); }

NOINLINE static void load(int requests) {
	for (int i = 0; i < requests; i++) {
		handle();
		leak();
		name();
		inlined();
		grow();
	}
}

static volatile sig_atomic_t ended;
static void end(int sig) { ended = sig; }

/* service            start, rest, 20 requests, rest, 30 requests, rest, burst
   service fork       the same, and a child that makes 10 requests
   service wait       the same, then waits for SIGTERM, and ends by itself
   service killed     the same, then waits for a signal that kills it */
int main(int argc, char **argv) {
	const char *mode = argc > 1 ? argv[1] : "";
	start();
	if (!strcmp(mode, "fork")) {
		if (fork() == 0) {
			load(10);
			exit(0);
		}
		wait(NULL);
	}
	rest();
	load(20);
	rest();
	load(30);
	rest();
	burst();
	rest();
	if (!strcmp(mode, "wait")) {
		signal(SIGTERM, end);
		write(1, "ready\n", 6);
		while (!ended)
			usleep(10000);
	}
	if (!strcmp(mode, "killed")) {
		write(1, "ready\n", 6);
		for (;;)
			usleep(10000);
	}
	return 0;
}
