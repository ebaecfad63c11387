/*
 * bare_client: the least that an SMTP conversation costs.
 *
 *     bare_client ADDRESS PORT
 *
 * Greeting, EHLO, QUIT, the end of the connection: the server's own time, and the start of a
 * process that links nothing but the C library. Benchmarks run it beside a plugin.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The last line of a reply is there: three digits and a blank at its begin. */
static bool is_whole(const char *text, size_t length)
{
    size_t begin = length;
    if (length < 2 || text[length - 1] != '\n')
        return false;
    for (begin = length - 1; begin > 0 && text[begin - 1] != '\n';)
        begin--;
    return length - begin > 4 && text[begin + 3] == ' ';
}

static bool read_reply(int socket, char digit)
{
    char text[4096];
    size_t length = 0;
    do {
        ssize_t count = read(socket, text + length, sizeof text - length);
        if (count <= 0)
            return false;
        length += (size_t)count;
    } while (!is_whole(text, length) && length < sizeof text);
    return text[0] == digit;
}

static bool say(int socket, const char *command)
{
    return write(socket, command, strlen(command)) == (ssize_t)strlen(command);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    char rest;
    if (argc != 3 || inet_pton(AF_INET, argv[1], &address.sin_addr) != 1) {
        fputs("usage: bare_client ADDRESS PORT\n", stderr);
        return 2;
    }
    address.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    bool is_good = connect(connection, (struct sockaddr *)&address, sizeof address) == 0 &&
                   read_reply(connection, '2') && say(connection, "EHLO bench.test\r\n") &&
                   read_reply(connection, '2') && say(connection, "QUIT\r\n") &&
                   read_reply(connection, '2') && read(connection, &rest, 1) == 0;
    close(connection);
    return is_good ? 0 : 1;
}
