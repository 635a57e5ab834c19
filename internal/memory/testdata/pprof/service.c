#include <stdlib.h>
#include <string.h>
#include <stdio.h>
void *volatile keep[4000];
static volatile char sink;
__attribute__((noinline)) void leak_session(int i) { char *p = malloc(4096); memset(p, i, 4096); keep[i % 4000] = p; sink = p[7]; }
__attribute__((noinline)) void parse_request(int i) { volatile char *p = malloc(1000); p[i % 1000] = 1; sink = p[7]; free((void *)p); }
int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 2000;
  for (int i = 0; i < n; i++) { parse_request(i); parse_request(i); leak_session(i); }
  puts("done");
  return 0;
}
