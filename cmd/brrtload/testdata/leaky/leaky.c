// A small HTTP service that keeps 1 KiB of every request. With a second argument it ignores SIGTERM.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void **sessions;
static long kept, hits;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int ignore;

__attribute__((noinline)) void keep_session(void) {
	pthread_mutex_lock(&lock);
	sessions = realloc(sessions, sizeof(void *) * (kept + 1));
	char *s = malloc(1024);
	memset(s, 1, 1024);
	sessions[kept++] = s;
	hits++;
	pthread_mutex_unlock(&lock);
}

__attribute__((noinline)) char *parse_request(const char *text) {
	char *copy = malloc(500);
	snprintf(copy, 500, "%.400s", text);
	return copy;
}

static void *serve(void *arg) {
	int fd = (int)(long)arg, n;
	char in[8192], out[1024], body[512];
	while ((n = read(fd, in, sizeof in - 1)) > 0) {
		in[n] = 0;
		char *request = parse_request(in);
		if (strncmp(request, "GET /metrics", 12) == 0)
			snprintf(body, sizeof body,
				"# HELP sessions_live_bytes Bytes of sessions.\n# TYPE sessions_live_bytes gauge\nsessions_live_bytes %ld\n"
				"# HELP requests_total Requests.\n# TYPE requests_total counter\nrequests_total %ld\n", kept * 1024, hits);
		else {
			keep_session();
			strcpy(body, "ok\n");
		}
		free(request);
		n = snprintf(out, sizeof out, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: %zu\r\n\r\n%s",
			strlen(body), body);
		if (write(fd, out, n) != n)
			break;
	}
	close(fd);
	return 0;
}

static void stop(int s) {
	(void)s;
	if (!ignore)
		exit(0);
}

int main(int argc, char **argv) {
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	ignore = argc > 2 && strcmp(argv[2], "ignore") == 0;
	signal(SIGTERM, stop);
	signal(SIGPIPE, SIG_IGN);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 128))
		return 1;
	for (;;) {
		int c = accept(fd, 0, 0);
		pthread_t t;
		if (c >= 0) {
			setsockopt(c, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
			pthread_create(&t, 0, serve, (void *)(long)c);
			pthread_detach(t);
		}
	}
}
