#include "smtp_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>

#define LINE_MAX_OCTETS 4096
/* Nothing in a test takes longer. */
#define PATIENCE_SECONDS 10

struct player {
    struct smtp_server *server;
    const char *script;
    int descriptor;
    SSL *ssl;
    char input[LINE_MAX_OCTETS];
    size_t length;
    bool has_ended;
    pthread_t thread;
};

static void problem(struct player *player, const char *expected, const char *seen)
{
    if (player->server->problem[0] == '\0') {
        snprintf(player->server->problem, sizeof player->server->problem,
                 "expected %.80s, saw %.80s", expected, seen);
    }
}

static void sleep_ms(long ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static void say(struct player *player, const char *octets, size_t length)
{
    if (player->ssl != NULL) {
        SSL_write(player->ssl, octets, (int)length);
    } else {
        while (length > 0) {
            ssize_t sent = send(player->descriptor, octets, length, MSG_NOSIGNAL);
            if (sent <= 0) {
                return;
            }
            octets += sent;
            length -= (size_t)sent;
        }
    }
}

static bool hear(struct player *player)
{
    size_t room = sizeof player->input - player->length;
    char *at = player->input + player->length;
    ssize_t got;
    if (player->ssl != NULL) {
        got = SSL_read(player->ssl, at, (int)room);
        player->has_ended =
            got <= 0 && SSL_get_error(player->ssl, (int)got) == SSL_ERROR_ZERO_RETURN;
    } else {
        got = recv(player->descriptor, at, room, 0);
        player->has_ended = got == 0;
    }
    if (got <= 0) {
        return false;
    }
    player->length += (size_t)got;
    return true;
}

static size_t translate(const char *text, size_t length, char *octets)
{
    for (size_t i = 0; i < length; i++) {
        octets[i] = (char)(text[i] == '~'   ? '\n'
                           : text[i] == '^' ? '\r'
                           : text[i] == '`' ? '\0'
                                            : text[i]);
    }
    return length;
}

static void send_text(struct player *player, char action, const char *text, size_t length)
{
    char octets[LINE_MAX_OCTETS + 2];
    length = translate(text, length < LINE_MAX_OCTETS ? length : LINE_MAX_OCTETS, octets);
    if (action != 's') {
        memcpy(octets + length, "\r\n", 2);
        length += 2;
    }
    if (action != 'B') {
        say(player, octets, length);
        return;
    }
    for (size_t i = 0; i < length; i++) {
        say(player, octets + i, 1);
        sleep_ms(1);
    }
}

static void expect(struct player *player, const char *text, size_t length)
{
    char wanted[LINE_MAX_OCTETS];
    char *end;
    length = translate(text, length < sizeof wanted - 1 ? length : sizeof wanted - 1, wanted);
    wanted[length] = '\0';
    while ((end = memchr(player->input, '\n', player->length)) == NULL) {
        if (player->length == sizeof player->input || !hear(player)) {
            problem(player, wanted, player->has_ended ? "the end" : "nothing");
            return;
        }
    }
    size_t used = (size_t)(end - player->input) + 1;
    if (strncmp(player->input, wanted, length) != 0) {
        *end = '\0';
        problem(player, wanted, player->input);
    }
    player->length -= used;
    memmove(player->input, player->input + used, player->length);
    player->server->spoke_early = player->server->spoke_early || player->length > 0;
}

static void handshake(struct player *player)
{
    SSL *ssl = SSL_new(player->server->tls);
    SSL_set_fd(ssl, player->descriptor);
    if (SSL_accept(ssl) != 1) {
        SSL_free(ssl);
        ERR_clear_error();
        return;
    }
    /* What came before the handshake is forgotten, as RFC 3207 4.2 wants. */
    player->length = 0;
    player->ssl = ssl;
}

/* A fatal alert: handshake_failure. */
static void send_alert(struct player *player)
{
    static const char ALERT[] = {21, 3, 3, 0, 2, 2, 40};
    hear(player);
    say(player, ALERT, sizeof ALERT);
}

static void flood(struct player *player, size_t count)
{
    char octets[1024];
    memset(octets, 'x', sizeof octets);
    for (size_t sent = 0; sent < count; sent += sizeof octets) {
        say(player, octets, sizeof octets);
    }
}

static void reset(struct player *player)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(player->descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static void play_line(struct player *player, const char *line, size_t length)
{
    const char *text = line + 1;
    length--;
    switch (line[0]) {
    case 'S':
    case 's':
    case 'B':
        send_text(player, line[0], text, length);
        break;
    case 'C':
        expect(player, text, length);
        break;
    case 'F':
        flood(player, strtoul(text, NULL, 10));
        break;
    case 'T':
        handshake(player);
        break;
    case 'A':
        send_alert(player);
        break;
    case 'N':
        if (player->ssl != NULL) {
            SSL_shutdown(player->ssl);
        }
        break;
    case 'W':
        sleep_ms(strtol(text, NULL, 10));
        break;
    case 'H':
        do {
            player->length = 0;
        } while (hear(player));
        player->server->said_goodbye = player->has_ended;
        break;
    case 'R':
        reset(player);
        break;
    default:
        problem(player, "a known action", line);
        break;
    }
}

static void *play(void *context)
{
    struct player *player = context;
    for (const char *line = player->script; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        play_line(player, line, length);
        line += length + (line[length] == '\n');
    }
    if (player->ssl != NULL) {
        SSL_free(player->ssl);
    }
    close(player->descriptor);
    player->server->open--;
    return NULL;
}

static void *serve(void *context)
{
    struct smtp_server *server = context;
    struct player players[SMTP_SERVER_SCRIPTS] = {{.descriptor = -1}};
    size_t count = 0;
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    for (; count < SMTP_SERVER_SCRIPTS && server->scripts[count] != NULL; count++) {
        struct player *player = &players[count];
        *player = (struct player){.server = server, .script = server->scripts[count]};
        player->descriptor = accept(server->listener, NULL, NULL);
        if (player->descriptor < 0) {
            break;
        }
        static const int on = 1;
        setsockopt(player->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(player->descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        int open = ++server->open;
        server->most = open > server->most ? open : server->most;
        pthread_create(&player->thread, NULL, play, player);
    }
    for (size_t i = 0; i < count; i++) {
        pthread_join(players[i].thread, NULL);
    }
    return NULL;
}

static void listen_at(struct smtp_server *server, const struct sockaddr *address, socklen_t length)
{
    server->listener = socket(address->sa_family, SOCK_STREAM, 0);
    if (bind(server->listener, address, length) != 0 || listen(server->listener, 16) != 0) {
        printf("Bail out! no server: %s\n", strerror(errno));
        exit(EXIT_FAILURE);
    }
}

void smtp_server_start(struct smtp_server *server)
{
    if (server->path != NULL) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(address.sun_path, sizeof address.sun_path, "%s", server->path);
        listen_at(server, (const struct sockaddr *)&address, sizeof address);
    } else {
        struct sockaddr_in address = {.sin_family = AF_INET};
        socklen_t length = sizeof address;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        listen_at(server, (const struct sockaddr *)&address, length);
        getsockname(server->listener, (struct sockaddr *)&address, &length);
        server->port = ntohs(address.sin_port);
    }
    pthread_create(&server->thread, NULL, serve, server);
}

void smtp_server_stop(struct smtp_server *server)
{
    shutdown(server->listener, SHUT_RDWR); /* accept returns */
    pthread_join(server->thread, NULL);
    close(server->listener);
}
