/* Looks up one name as a program on musl does, both address families. Built with musl-gcc by the lab. */
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list;

	if (argc != 2)
		return 2;
	int err = getaddrinfo(argv[1], 0, &hints, &list);
	if (err) {
		fprintf(stderr, "%s: %s\n", argv[1], gai_strerror(err));
		return 1;
	}
	for (; list; list = list->ai_next) {
		char host[64];
		if (!getnameinfo(list->ai_addr, list->ai_addrlen, host, sizeof host, 0, 0, NI_NUMERICHOST))
			puts(host);
	}
	return 0;
}
